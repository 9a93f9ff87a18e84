/** What the other side must have heard, judged by its books against what was decided. */
import { expect } from 'vitest';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent, EventOf } from '../../workflows/conversation/events.ts';
import { fatesOf } from './invariants.ts';
import type { Delivery, Idempotency } from './other-side.ts';
import { required } from './required.ts';

export interface DeliveryRules {
  idempotency: Idempotency;
  onAmbiguous: 'at-most-once' | 'at-least-once';
  /** Numbers of which a receipt said that they failed: they were heard all the same. */
  failedByReceipt?: number[];
}

type Queued = EventOf<'MessageQueued'>;
interface Heard extends Delivery {
  queued: Queued;
}

/** After everything has come to rest. */
export function expectDelivered(deliveries: Delivery[], events: ConversationEvent[], rules: DeliveryRules): void {
  const heard = matched(deliveries, events);
  expectFatesHeard(heard, events, rules);
  expectOrder(heard);
  expectNotTwice(heard, rules);
  expectFenced(deliveries, events);
}

/**
 * B-2: an attempt with a bot's words is not begun once a person has had the baton after the bot said them. What the bot
 * says last may follow the customer into the queue, where nobody speaks.
 */
function expectFenced(deliveries: Delivery[], events: ConversationEvent[]): void {
  const persons = epochsOfPersons(events);
  for (const { queued, begunUnder, text } of matched(deliveries, events)) {
    if (queued.author !== 'bot') continue;
    const between = persons.filter((epoch) => epoch > queued.epoch && epoch <= required(begunUnder));
    expect({ text, saidUnder: queued.epoch, begunUnder, between }).toMatchObject({ between: [] });
  }
}

/** Everything that is heard was queued, for this side. */
function matched(deliveries: Delivery[], events: ConversationEvent[]): Heard[] {
  const queued = new Map(events.flatMap((event) => (event.type === 'MessageQueued' ? [[event.seq, event]] : [])));
  return deliveries.map((delivery) => {
    const found = queued.get(Number(delivery.key.split(':')[1]));
    expect(found?.to.kind).toBe(delivery.at);
    return { ...delivery, queued: required(found) };
  });
}

/** What is settled as sent was heard; what is not to be, and surely failed, was not; an agent's words are never taken back. */
function expectFatesHeard(heard: Heard[], events: ConversationEvent[], { failedByReceipt = [] }: DeliveryRules): void {
  const authors = new Map(
    events.flatMap((event) => (event.type === 'MessageQueued' ? [[event.seq, event.author]] : [])),
  );
  for (const [seq, fate] of fatesOf(events)) {
    const times = heard.filter(({ queued }) => queued.seq === seq).length;
    const what = { seq, fate, author: authors.get(seq), times };
    expect(what).not.toMatchObject({ fate: 'queued' });
    if (fate === 'sent') expect(what).not.toMatchObject({ times: 0 });
    if (fate === 'failed' && !failedByReceipt.includes(seq)) expect(what).toMatchObject({ times: 0 });
    if (what.author === 'agent') expect(what).not.toMatchObject({ fate: 'cancelled' });
  }
}

/** First hearings keep the order of saying, per destination. A request of a dead process may come when it comes. */
function expectOrder(heard: Heard[]): void {
  const lanes = new Map<string, number[]>();
  for (const { at, queued, isLate } of heard.filter(({ key }, index) => firstOf(heard, key) === index)) {
    const lane = queued.to.kind === 'desk' ? `${at} ${queued.to.deskId} ${queued.to.handover}` : at;
    if (!isLate) lanes.set(lane, [...(lanes.get(lane) ?? []), queued.seq]);
  }
  for (const [lane, seqs] of lanes) expect({ lane, seqs }).toEqual({ lane, seqs: seqs.toSorted((a, b) => a - b) });
}

function firstOf(heard: Heard[], key: string): number {
  return heard.findIndex((one) => one.key === key);
}

/**
 * At most once, where the account wants it so or the channel can be asked (who can't know of a request that is still to
 * come). A desk takes repeats for one.
 */
function expectNotTwice(heard: Heard[], { idempotency, onAmbiguous }: DeliveryRules): void {
  if (idempotency === 'none' && onAmbiguous === 'at-least-once') return;
  const known = heard.filter(({ at, isLate }) => at === 'channel' && !(isLate && idempotency === 'reconcile'));
  const keys = known.map(({ key }) => key);
  expect(keys).toEqual([...new Set(keys)]);
}

function epochsOfPersons(events: ConversationEvent[]): number[] {
  const epochs: number[] = [];
  let state = conversationDecider.initial;
  for (const event of events) {
    state = conversationDecider.evolve(state, event);
    const { holder, epoch } = state.baton;
    if (holder.kind === 'agent' || holder.kind === 'desk') epochs.push(epoch);
  }
  return [...new Set(epochs)];
}
