/** The invariants of the design that the core alone can show, each as a check of one step. A failed one throws. */
import { expect } from 'vitest';
import { allowedTo } from '../../../../workflows/conversation/allowed.ts';
import { conversationDecider as core } from '../../../../workflows/conversation/decider.ts';
import { isOver } from '../../../../workflows/conversation/decide/rules/notices.ts';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import { isSameParty } from '../../../../workflows/conversation/evolve/baton.ts';
import type { Input } from '../../../../workflows/conversation/inputs.ts';
import { projectConversation } from '../../../../workflows/conversation/project.ts';
import type { ConversationState, Holder } from '../../../../workflows/conversation/state.ts';

/** Exactly one holder, and the one that the phase says. */
function oneHolder(state: ConversationState): void {
  expect(state.baton.holder).toEqual(expectedHolder(state));
}

function expectedHolder({ phase, session }: ConversationState): Holder {
  if (phase.name === 'assigned') return phase.owner;
  const engine =
    phase.name === 'queued' || phase.name === 'resolved' || (phase.name === 'prechat' && phase.by === 'form');
  return engine || !session?.botId ? { kind: 'engine' } : { kind: 'bot', botId: session.botId };
}

/** Nobody is lost: whoever waits or is served has a hand-over, a holder or an entry, and an armed deadline. */
function nobodyLost(state: ConversationState): void {
  const { phase, handover, session } = state;
  const inHandover = phase.name === 'prechat' || phase.name === 'queued' || phase.name === 'assigned';
  if (inHandover) {
    expect(session).not.toBeNull();
    expect(handover).not.toBeNull();
    expect(core.deadlines(state).map(({ kind }) => kind)).toContain('session');
  }
  if (phase.name === 'resolved' || phase.name === 'blocked') expect(handover).toBeNull();
  if (handover !== null) {
    const steps = {
      presence: ['bot'],
      intake: ['bot', 'prechat'],
      routing: ['bot', 'prechat'],
      waiting: ['queued'],
      held: ['assigned'],
    };
    expect(steps[handover.step]).toContain(phase.name);
    expect(session).not.toBeNull();
  }
  if (session !== null) expect(session.locked).toBe(isLocked(state));
  expect(state.block !== null).toBe(phase.name === 'blocked');
}

function isLocked({ phase, session, policy }: ConversationState): boolean {
  if (phase.name === 'queued' || phase.name === 'assigned') return true;
  // Resolving decided it, by the policy of then.
  return phase.name === 'resolved' ? (session?.locked ?? policy.lock.until === 'session-end') : false;
}

/** At most one turn, of the present epoch, and only where the bot holds the baton; what waits has somebody to hear it. */
function turnsAreTheHolders(state: ConversationState): void {
  const { turn, baton, waiting, setAside, phase, session, handover } = state;
  if (turn !== null) {
    expect(turn.epoch).toBe(baton.epoch);
    expect(baton.holder).toEqual({ kind: 'bot', botId: turn.botId });
  }
  if (session?.locked) expect(turn).toBeNull();
  if (waiting === null && setAside.length === 0) return;
  expect(['bot', 'prechat', 'blocked']).toContain(phase.name);
  expect(turn !== null || handover !== null || session === null).toBe(true);
  if (session?.botId === null) expect(phase.name).toBe('prechat');
}

/** What stands in the outbox may still be said: no bot's word beside an owner, no notice whose situation is over. */
function outboxMayBeSaid(state: ConversationState): void {
  const { outbox, phase } = state;
  expect(outbox.map(({ seq }) => seq)).toEqual(outbox.map(({ seq }) => seq).toSorted((one, other) => one - other));
  for (const { author, what } of outbox) {
    if (phase.name === 'assigned') expect(author).not.toBe('bot');
    if (what.kind === 'notice') expect(isOver(what.situation, state)).toBe(false);
  }
}

/** What is held is not tried, and has a time at which it is given up; what isn't held is pending. */
function heldAreNotForgotten(state: ConversationState): void {
  const pending = core.pending(state).flatMap((work) => (work.kind === 'SendMessage' ? [work.outbound.seq] : []));
  const toChannel = state.outbox.filter(({ to }) => to.kind === 'channel');
  const waiting = toChannel.filter(({ seq }) => !pending.includes(seq));
  if (state.window.closedAt === null) expect(waiting).toEqual([]);
  const until = waiting.map(({ queuedAt }) => queuedAt + state.policy.delivery.maxAgeMs);
  const armed = core.deadlines(state).flatMap(({ kind, at }) => (kind === 'held-too-long' ? [at] : []));
  expect(armed).toEqual(until.length === 0 ? [] : [Math.min(...until)]);
}

/** The projection says nothing else than the state. */
function projectionAgrees(state: ConversationState): void {
  const row = projectConversation(state);
  const { phase, baton } = state;
  expect(row).toMatchObject({ phase: phase.name, epoch: baton.epoch, holderKind: baton.holder.kind });
  expect(row.queue !== null).toBe(phase.name === 'queued');
  if (row.queue) expect([row.queue.groupId, row.queue.deskId].filter((id) => id !== null)).toHaveLength(1);
  expect(row.agentId !== null).toBe(baton.holder.kind === 'agent');
  expect(row.archived).toBe(phase.name === 'blocked');
  expect(row.locked).toBe(state.session?.locked ?? false);
  expect(row.handoverNo).toBe(state.handover?.no ?? null);
  if (!row.open) expect([core.deadlines(state), core.pending(state)]).toEqual([[], []]);
}

function pendingIdsDiffer(state: ConversationState): void {
  const ids = core.pending(state).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

/** The epoch rises by one exactly where the baton passes to another party. */
export function epochCountsHolders(before: ConversationState, after: ConversationState): void {
  const passed = !isSameParty(before.baton.holder, after.baton.holder);
  expect(after.baton.epoch - before.baton.epoch).toBe(passed ? 1 : 0);
}

/** Words are accepted of the holder alone, under the epoch of then; the engine's own are notices. */
export function wordsAreTheHolders(before: ConversationState, event: ConversationEvent): void {
  if (event.type !== 'MessageQueued') return;
  expect(event.epoch).toBe(before.baton.epoch);
  expect(event.seq).toBe(before.count.outbound + 1);
  if (event.author === 'engine') expect(event.what.kind).toBe('notice');
  else if (event.author === 'customer') expect(event.to.kind).toBe('desk');
  else expect(before.baton.holder.kind).toBe(event.author);
}

/** An agent's accepted words always go out: only the sending itself ends them, or that they could not be sent in time. */
export function agentsWordsStay(before: ConversationState, event: ConversationEvent, byWork: boolean): void {
  if (event.type !== 'MessageCancelled' && event.type !== 'MessageSettled') return;
  const line = before.outbox.find(({ seq }) => seq === event.seq);
  // Out of it already: taken back, and sent all the same.
  if (line === undefined) expect(event).toMatchObject({ type: 'MessageSettled', as: 'sent' });
  if (line?.author === 'agent') expect(byWork).toBe(true);
}

/** A desk hears of its own hand-over only, and nothing before it was asked. */
export function desksHearTheirOwn(before: ConversationState, event: ConversationEvent): void {
  if (event.type !== 'MessageQueued' || event.to.kind !== 'desk') return;
  const { phase, handover } = before;
  const serves = phase.name === 'queued' ? phase.target : phase.name === 'assigned' ? phase.owner : null;
  expect(serves).toMatchObject({ kind: 'desk', deskId: event.to.deskId });
  expect(event.to.handover).toBe(handover?.no);
}

/** Every rejection carries the list of what is allowed to who asked; what stands in it is not rejected as `wrong-state`. */
export function allowedIsHonest(
  state: ConversationState,
  decision: ReturnType<typeof core.decide>,
  input: Input,
): void {
  if (decision.kind !== 'rejected' || !('by' in input)) return;
  const { code, allowed: listed } = decision.rejection;
  expect(listed).toEqual(allowedTo(state, input.by, { contactErased: code === 'contact-erased' }));
  if (code === 'wrong-state') expect(listed).not.toContain(input.type);
  const names = state.phase.name === 'assigned' && (code === 'taken' || code === 'not-the-owner');
  if (names) expect(decision.rejection.ownerId).toBeDefined();
}

export const ofState = [
  oneHolder,
  nobodyLost,
  turnsAreTheHolders,
  outboxMayBeSaid,
  heldAreNotForgotten,
  projectionAgrees,
  pendingIdsDiffer,
] as const;
