/** A conversation under random moves, with the invariants checked at every event and after every decision. */
import { expect } from 'vitest';
import { conversationDecider as core } from '../../../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import { targetOf } from '../../../../workflows/conversation/evolve/ownership.ts';
import type { InboxInput, Input, Question } from '../../../../workflows/conversation/inputs.ts';
import type { Refusal } from '../../../../workflows/conversation/refusals.ts';
import { awaited } from '../../../../workflows/conversation/pending.ts';
import type { ConversationState } from '../../../../workflows/conversation/state.ts';
import type { ConversationWork } from '../../../../workflows/conversation/work.ts';
import { T0 } from '../../../../dev/scenes/given.ts';
import { createBooks, type Books } from './books.ts';
import {
  agentsWordsStay,
  allowedIsHonest,
  desksHearTheirOwn,
  epochCountsHolders,
  ofState,
  wordsAreTheHolders,
} from './invariants.ts';
import { commandOf, contextAt, outcomeOf, policyFor, rowOf, waitOf, type Channel, type Move } from './moves.ts';

interface Walk {
  channel: Channel;
  /** The newest version of the policy in Postgres. */
  published: number;
  /** The newest version that the conversation was told of. */
  told: number;
  state: ConversationState;
  now: number;
  seq: number;
  /** When the last row was stored. */
  storedAt: number;
  /** The first place of the rows that are recorded together, where they still are. */
  run: number | null;
  keys: number;
  events: ConversationEvent[];
  /** Work whose result was taken, or that vanished: it may be reported again. */
  done: ConversationWork[];
  books: Books;
}

const claimRefusals: Refusal[] = [
  'agent-at-limit',
  'agent-offline',
  'agent-unknown',
  'agent-not-in-group',
  'agent-not-for-this-bot',
  'claim-gone',
];

export function walk(channel: Channel, sequence: Move[]): Walk {
  const walked: Walk = {
    channel,
    published: 1,
    told: 0,
    state: core.initial,
    now: T0,
    seq: 0,
    storedAt: T0,
    run: null,
    keys: 0,
    events: [],
    done: [],
    books: createBooks(),
  };
  for (const move of sequence) step(walked, move);
  walked.books.close();
  // What Postgres stores and folds is text; it comes to the very same state.
  const stored = JSON.parse(JSON.stringify(walked.events)) as ConversationEvent[];
  expect(stored.reduce(core.evolve, core.initial)).toEqual(walked.state);
  return walked;
}

function step(walked: Walk, move: Move): void {
  if (move.kind !== 'row') walked.run = null;
  switch (move.kind) {
    case 'row': {
      fireDue(walked);
      walked.seq += 1;
      walked.storedAt = storedAt(walked, move.pick);
      const input = { ...rowOf(walked.state, walked.seq, walked.now, move), at: walked.storedAt };
      if (input.type === 'PolicyChanged' && move.right) publish(walked);
      walked.books.rowCame(input);
      takeRow(walked, input, move);
      return;
    }
    case 'command':
      fireDue(walked);
      walked.keys += 1;
      takeOrRefuse(walked, commandOf(walked.state, walked.keys, walked.now, move), move.refused, move.pick);
      return;
    case 'result':
      return result(walked, move);
    case 'again': {
      const work = walked.done[move.which % Math.max(walked.done.length, 1)];
      if (work === undefined) return;
      const outcome = outcomeOf(work.kind, work.id, move.outcome, 0, walked);
      take(walked, core.onDone(work, outcome));
      return;
    }
    case 'wait':
      walked.now = waitOf(walked.state, walked.now, move.how);
      // Its news are somewhere on their way.
      if (move.how % 16 === 5) publish(walked);
      return fireDue(walked, move.how % 8 === 7);
  }
}

/** Rows are recorded together, as in the shell: up to one that needs facts, makes a claim, or is refused. */
function takeRow(walked: Walk, input: InboxInput, { refused, pick }: Extract<Move, { kind: 'row' }>): void {
  const joins = walked.run !== null && !refused && pick % 4 !== 3 && core.needsContext(walked.state, input) === null;
  if (walked.run === null || !joins) walked.run = input.seq;
  const decision = takeOrRefuse(walked, joins ? core.inRun(input, walked.run) : input, refused, pick);
  const claims = decision.kind === 'accepted' && decision.events.some(({ type }) => type === 'ConversationAssigned');
  if (refused || claims) walked.run = null;
}

/** Some rows have been on their way for a while; none is older than the one before it. */
function storedAt({ storedAt: last, now }: Walk, pick: number): number {
  return pick % 4 === 0 ? Math.max(last, now - 1 - pick * 1_000) : now;
}

function publish(walked: Walk): void {
  walked.published = Math.min(walked.published + 1, walked.channel.versions.length);
}

/** The head of some lane that may start; waiting for it, where it is to be tried later. */
function result(walked: Walk, move: Extract<Move, { kind: 'result' }>): void {
  fireDue(walked);
  const heads = core
    .pending(walked.state)
    .filter((work, at, all) => all.findIndex(({ lane }) => lane === work.lane) === at);
  const work = heads[move.lane % Math.max(heads.length, 1)];
  if (work === undefined) return;
  walked.now = Math.max(walked.now, work.notBeforeAt);
  fireDue(walked);
  const upTo = work.kind === 'CheckAnswer' ? walked.books.firstMessage(work.messages) : 0;
  const still = core.pending(walked.state).some(({ id }) => id === work.id);
  const input = core.onDone(work, outcomeOf(work.kind, work.id, move.outcome, upTo, walked));
  const decision = takeOrRefuse(walked, input, move.refused, move.outcome);
  // A result that changes nothing would be asked for again for ever.
  if (still) expect(decision.kind).toBe('accepted');
  expect(core.pending(walked.state).map(({ id }) => id)).not.toContain(work.id);
  walked.done.push(work);
}

/**
 * As the shell: what the record refuses goes back into `decide` as a fact, and may be refused in its turn. Every input
 * has another answer then; a command's is its rejection.
 */
function takeOrRefuse(walked: Walk, input: Input, refused: boolean, n: number) {
  const first = decide(walked, input);
  const code = refused ? refusalOf(walked.state, input, first, n) : undefined;
  if (code === undefined) return take(walked, input);
  const fallback = decide(walked, core.withRefusal(input, code));
  expect(JSON.stringify(fallback)).not.toBe(JSON.stringify(first));
  if ('key' in input && input.type !== 'Unassign') expect(fallback.kind).toBe('rejected');
  const again = n % 2 === 0 && input.type !== 'AgentLeft' ? refusalOf(walked.state, input, fallback, n) : undefined;
  if (again === undefined) return take(walked, core.withRefusal(input, code));
  const last = take(walked, core.withRefusal(input, again));
  expect(JSON.stringify(last)).not.toBe(JSON.stringify(fallback));
  return last;
}

/**
 * What the record could refuse of a decision: a place, a group, a policy or a contact that is gone, drafts that it doesn't know.
 */
function refusalOf(
  { phase }: ConversationState,
  input: Input,
  decision: ReturnType<typeof core.decide>,
  n: number,
): Refusal | undefined {
  if (decision.kind !== 'accepted') return undefined;
  const erased: Refusal[] = phase.name === 'queued' || phase.name === 'assigned' ? [] : ['contact-erased'];
  const codes = decision.events.flatMap((event): Refusal[] => {
    if (event.type === 'ConversationAssigned' && event.owner.kind === 'agent') return [...claimRefusals, ...erased];
    if (event.type === 'ConversationAssigned') return erased;
    if (event.type === 'ConversationQueued') {
      // What was read for the input is read anew, and the core hears nothing of it.
      const older: Refusal[] = input.type === 'WorkDone' && input.work === 'RouteHandover' ? ['context-changed'] : [];
      return event.target.kind === 'group' ? ['group-unknown', ...older, ...erased] : [...older, ...erased];
    }
    const draft = event.type === 'MessageQueued' && event.what.kind === 'message' && event.author !== 'customer';
    return draft ? ['draft-unknown'] : [];
  });
  return codes[n % Math.max(codes.length, 1)];
}

function fireDue(walked: Walk, refused = false): void {
  for (let fired = 0; fired < 50; fired += 1) {
    const due = core
      .deadlines(walked.state)
      .filter(({ at }) => at <= walked.now)
      .toSorted((one, other) => one.at - other.at)[0];
    if (due === undefined) return;
    walked.run = null;
    const late = walked.now;
    walked.now = due.at;
    const decision = takeOrRefuse(walked, core.onDeadline(due), refused, fired);
    walked.now = late;
    expect(decision.kind).toBe('accepted');
    expect(core.deadlines(walked.state)).not.toContainEqual(due);
  }
  throw new Error('deadlines fire without end');
}

function decide(walked: Walk, input: Input) {
  const { state, now, seq, channel, published } = walked;
  const question = core.needsContext(state, input) as Question | null;
  const asked = question ? core.withContext(input, contextAt(channel, published, seq, question)) : input;
  const decision = core.decide(state, asked, now);
  const stored = JSON.parse(JSON.stringify([state, asked])) as [ConversationState, Input];
  // As text: what is plain JSON says the same, and comparing it is cheap.
  expect(JSON.stringify(core.decide(...stored, now))).toBe(JSON.stringify(decision));
  return decision;
}

/**
 * In force are the numbers of the group that has the conversation or is to get it, else the account's, of the newest
 * version that it was told of: none that it had comes back.
 */
function policyIsTheTargets(walked: Walk, input: Input): void {
  const { state, channel, published, told } = walked;
  const { policy, accountPolicy } = state;
  if (state.count.session === 0) return;
  const target = targetOf(state);
  expect(policy).toEqual(policyFor(channel, policy.version, target));
  expect(accountPolicy).toEqual(policyFor(channel, accountPolicy.version, null));
  expect(accountPolicy.version).toBeGreaterThanOrEqual(told);
  walked.told = accountPolicy.version;
  if (input.type === 'PolicyChanged' && state.session !== null) expect(accountPolicy.version).toBe(published);
  // A queue may bring a newer version along, whose news are on their way.
  if (target?.kind === 'group') expect(policy.version).toBeGreaterThanOrEqual(accountPolicy.version);
  else expect(policy.version).toBe(accountPolicy.version);
}

function take(walked: Walk, input: Input) {
  const decision = decide(walked, input);
  apply(walked, input, decision);
  return decision;
}

function apply(walked: Walk, input: Input, decision: ReturnType<typeof core.decide>): void {
  allowedIsHonest(walked.state, decision, input);
  if ('seq' in input || input.type === 'WorkDone' || input.type === 'DeadlinePassed')
    expect(decision.kind).not.toBe('rejected');
  if (decision.kind !== 'accepted') return;
  expect(decision.events.length).toBeGreaterThan(0);
  const listed = core.pending(walked.state);
  const tooLong = input.type === 'DeadlinePassed' && input.kind === 'held-too-long';
  const byWork = input.type === 'WorkDone' || input.type === 'ReceiptCame' || tooLong;
  for (const event of decision.events) {
    wordsAreTheHolders(walked.state, event);
    desksHearTheirOwn(walked.state, event);
    agentsWordsStay(walked.state, event, byWork);
    walked.books.write(walked.state, event);
    const after = core.evolve(walked.state, event);
    epochCountsHolders(walked.state, after);
    walked.state = after;
    walked.events.push(event);
  }
  for (const holds of ofState) holds(walked.state);
  policyIsTheTargets(walked, input);
  walked.books.check(walked.state);
  const ids = core.pending(walked.state).map(({ id }) => id);
  // A send that has come to be held is not over: it comes back under its id.
  const held = awaited(walked.state).map(({ id }) => id);
  walked.done.push(...listed.filter(({ id }) => !ids.includes(id) && !held.includes(id)));
  expect(walked.done.filter(({ id }) => ids.includes(id))).toEqual([]);
}
