/** The oracles that need nothing but books: what was acknowledged, what the channel heard, what is stored. Pure. */
import { dueIn, type Evidence, type Finding } from '../evidence.ts';
import type { Thread } from '../load.ts';
import { type BookOracle, bookOracles } from './names.ts';

type Oracle = (evidence: Evidence) => string[];

/** Everything acknowledged is answered, or named as a send whose fate nobody knows. */
const lost: Oracle = (evidence) =>
  evidence.threads.flatMap((thread) => {
    const heard = new Set(heardTexts(evidence, thread));
    const named = new Set(unknownOf(evidence, thread).map(({ text }) => text));
    return dueIn(thread, evidence.ledger)
      .filter((text) => !heard.has(text) && !named.has(text))
      .map((text) => `${thread.name}: “${text}” was never heard`);
  });

/** What got a 2xx is stored. */
const falseAcknowledgement: Oracle = ({ threads, ledger, stored }) => {
  const received = new Map(threads.map(({ name }) => [name, new Set(stored.get(name)?.received)]));
  return ledger.acknowledged
    .filter(({ thread, id }) => !received.get(thread)?.has(id))
    .map(({ id }) => `${id} was acknowledged and is not stored`);
};

/** One logical message, one delivery. */
const duplicate: Oracle = (evidence) =>
  evidence.threads.flatMap((thread) => {
    const texts = heardTexts(evidence, thread);
    return [...new Set(texts.filter((text, at) => texts.indexOf(text) !== at))].map(
      (text) => `${thread.name}: “${text}” was heard more than once`,
    );
  });

/** Every message has one place and was decided on once, in the order in which it was acknowledged. */
const decidedOnce: Oracle = ({ threads, ledger, stored }) =>
  threads.flatMap(({ name }) => {
    const found = stored.get(name);
    const said = ledger.acknowledged.filter(({ thread }) => thread === name).map(({ id }) => id);
    const received = found?.received.filter((id) => said.includes(id)) ?? [];
    const accepted = found?.accepted ?? [];
    const rises = accepted.every((place, at) => at === 0 || place > (accepted[at - 1] ?? 0));
    return [
      ...(JSON.stringify(received) === JSON.stringify(said) ? [] : [`${name}: stored in another order than said`]),
      ...(rises && accepted.length === (found?.received.length ?? 0)
        ? []
        : [`${name}: of ${found?.received.length ?? 0} places ${accepted.length} decisions: ${accepted.join(' ')}`]),
    ];
  });

/** Answers are heard in the order in which they were due. */
const order: Oracle = (evidence) =>
  evidence.threads.flatMap((thread) => {
    const due = dueIn(thread, evidence.ledger);
    const places = [...new Set(heardTexts(evidence, thread))].map((text) => due.indexOf(text)).filter((at) => at >= 0);
    const wrong = places.findIndex((place, at) => at > 0 && place < (places[at - 1] ?? 0));
    return wrong < 0 ? [] : [`${thread.name}: “${due[places[wrong] ?? 0]}” came too late`];
  });

/** A conversation is whose it must be, and nobody else's words are heard in it. */
const owner: Oracle = ({ threads, agents, stored, heard }) =>
  threads.flatMap(({ name, servedBy }) => {
    const found = stored.get(name);
    if (!found) return [];
    const id = servedBy === null ? null : agents[servedBy]?.id;
    const wanted = servedBy === null ? 'bot' : 'assigned';
    const isTheirs = found.phase === wanted && (id === null || found.holder.id === id);
    const speaker = servedBy === null ? 'bot' : 'agent';
    const others = (heard.get(name) ?? []).filter(({ author }) => author.kind !== speaker);
    return [
      ...(isTheirs ? [] : [`${name}: ${found.phase}, held by ${found.holder.kind} ${found.holder.id ?? ''}`]),
      ...others.map(({ author, text }) => `${name}: “${text}” by ${author.kind}, who has not the baton`),
    ];
  });

/** Nobody has more chats than they may. */
const limit: Oracle = ({ agents, stored }) =>
  agents.flatMap(({ id, maxChats }) => {
    const chats = [...stored.values()].filter(({ phase, holder }) => phase === 'assigned' && holder.id === id).length;
    return chats > maxChats ? [`agent ${id} has ${chats} chats, and may have ${maxChats}`] : [];
  });

/** A send whose fate nobody knows is not repeated where a repeat would be a second message; and what is said to be sent, is. */
const ambiguous: Oracle = (evidence) =>
  evidence.threads.flatMap((thread) => {
    const heard = heardTexts(evidence, thread);
    const outbound = evidence.stored.get(thread.name)?.outbound ?? [];
    const resent = outbound.filter(
      ({ unclear, attempts, text }) =>
        thread.channel === 'forgetful' && unclear > 0 && attempts > 1 && heard.filter((one) => one === text).length > 1,
    );
    const untrue = outbound.filter(
      ({ author, status, text }) =>
        author !== 'engine' && ['sent', 'delivered', 'read'].includes(status) && !heard.includes(text),
    );
    return [
      ...resent.map(({ text }) => `${thread.name}: “${text}” was sent again blindly`),
      ...untrue.map(({ text, status }) => `${thread.name}: “${text}” is said to be ${status}, and nobody heard it`),
    ];
  });

/** Clients are told to come again, or not at all; only a connection that broke may leave them without a word. */
const answers: Oracle = ({ ledger }) =>
  ledger.answers
    .filter(({ call }) => call === 'webhook')
    .filter(({ status, retryAfter }) =>
      status === 'broken' || status === 502 || status < 300
        ? false
        : (status !== 503 && status !== 429) || retryAfter === null,
    )
    .map(({ status, retryAfter }) => `a webhook was answered ${status}, Retry-After ${retryAfter ?? 'absent'}`);

const backlog: Oracle = ({ drained: { left, ms } }) =>
  left === null ? [] : [`after ${ms} ms still ${JSON.stringify(left)}`];

const oracles: Record<BookOracle, Oracle> = {
  lost,
  falseAcknowledgement,
  duplicate,
  decidedOnce,
  order,
  owner,
  limit,
  ambiguous,
  answers,
  backlog,
};

export function judgeBooks(evidence: Evidence, except: BookOracle[] = []): Finding[] {
  return bookOracles
    .filter((oracle) => !except.includes(oracle))
    .flatMap((oracle) => oracles[oracle](evidence).map((says) => ({ oracle, says })));
}

/** Sends that ended without anybody knowing whether they arrived, as the product names them. */
export function namedUnknown(evidence: Evidence): string[] {
  return evidence.threads.flatMap((thread) =>
    unknownOf(evidence, thread).map(({ text, key }) => `${thread.name}: “${text}” (${key})`),
  );
}

const unknownOf = ({ stored }: Evidence, { name }: Thread) =>
  (stored.get(name)?.outbound ?? []).filter(({ status }) => status === 'unknown');

const heardTexts = ({ heard }: Evidence, { name }: Thread): string[] => (heard.get(name) ?? []).map(({ text }) => text);
