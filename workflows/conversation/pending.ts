import type { ConversationState, DeskNotice, Handover, Outbound, PhaseOf, Turn } from './state.ts';
import { isHeld } from './window.ts';
import type { ConversationWork } from './work.ts';

/**
 * All that has to be done outside, derived from the state alone: after a crash, a lost task or a continue-as-new the
 * same list stands there again under the same ids. Within a lane the list's order is the order of doing.
 *
 * An id names kind, number and attempt, and never means another attempt in the life of a conversation: a result that
 * comes under an id that is not awaited any more is stale.
 */
export function pending(state: ConversationState): ConversationWork[] {
  return [...asked(state), ...sends(state).filter(({ outbound }) => !isHeld(state, outbound)), ...deskWork(state)];
}

/** Whose result is taken: what is pending, and sends that are held, one of which may have been under way before. */
export function awaited(state: ConversationState): ConversationWork[] {
  return [...asked(state), ...sends(state), ...deskWork(state)];
}

/** The number in a work's id: of the turn, the hand-over, the outbound … */
export function numberOf(workId: string): number {
  return Number(workId.split(':')[1]);
}

// ------------------------------------------------------------------------------------------------------ lane `ask`

/** The hand-over goes first: a bot that is to be left alone for a minute must not keep the customer from a person. */
function asked(state: ConversationState): ConversationWork[] {
  const { turn, handover } = state;
  return [
    ...(handover === null ? [] : handoverWork(state, handover)),
    ...(turn === null || turn.deferredUntil !== null ? [] : [askBot(state, turn)]),
  ];
}

function askBot(state: ConversationState, turn: Turn): ConversationWork {
  const { no, botId, about, messages, epoch, attempt, notBeforeAt } = turn;
  const { timeoutMs, turnMs } = state.policy.bot;
  const id = `AskBot:${no}:${attempt}`;
  const asks = { turn: no, botId, about, messages, epoch, attempt, timeoutMs, deferMs: turnMs };
  return { kind: 'AskBot', lane: 'ask', id, notBeforeAt, ...asks };
}

function handoverWork(state: ConversationState, handover: Handover): ConversationWork[] {
  const { no, requestId, agentStatus, attempt, notBeforeAt, step } = handover;
  const work = { lane: 'ask', handover: no, requestId, notBeforeAt } as const;
  if (step === 'presence') return [{ kind: 'CheckPresence', id: `CheckPresence:${no}:${attempt}`, ...work }];
  if (step === 'routing')
    return [{ kind: 'RouteHandover', id: `RouteHandover:${no}:${attempt}`, agentStatus, ...work }];
  if (step === 'intake' && state.phase.name === 'prechat' && state.phase.by === 'form') {
    return checkAnswer(state, state.phase, handover);
  }
  return [];
}

/** One message at a time is read as the answer to the field that is asked; each that was read shortens the range. */
function checkAnswer(state: ConversationState, phase: PhaseOf<'prechat'>, handover: Handover): ConversationWork[] {
  const messages = state.waiting;
  if (messages === null) return [];
  const { requestId, attempt, notBeforeAt } = handover;
  const reads = { requestId, policyVersion: phase.form.version, field: phase.field, messages };
  const id = `CheckAnswer:${messages.from}:${attempt}`;
  return [{ kind: 'CheckAnswer', lane: 'ask', id, notBeforeAt, handover: handover.no, ...reads }];
}

// -------------------------------------------------------------------------------------------------- lane `channel`

function sends(state: ConversationState): Extract<ConversationWork, { kind: 'SendMessage' }>[] {
  return state.outbox
    .filter((outbound) => outbound.to.kind === 'channel')
    .map((outbound) => ({
      kind: 'SendMessage',
      lane: 'channel',
      id: `SendMessage:${outbound.seq}:${outbound.attempt}`,
      notBeforeAt: outbound.notBeforeAt,
      outbound,
      attempt: outbound.attempt,
    }));
}

// ------------------------------------------------------------------------------------------------- lanes of the desks

/**
 * A desk hears of hand-overs one after another: what was left of the earlier ones (lines, then that it is over), then
 * the request, then the lines of this one. So it never gets a line before the hand-over that the line belongs to.
 */
function deskWork(state: ConversationState): ConversationWork[] {
  const current = state.handover?.no ?? null;
  const lines = state.outbox.filter((outbound) => outbound.to.kind === 'desk');
  const ours = lines.filter((line) => line.to.kind === 'desk' && line.to.handover === current);
  const earlier = lines.filter((line) => !ours.includes(line));
  const told = state.deskNotices.flatMap((notice) => [
    ...earlier.filter((line) => lastNoticeOf(state, line) === notice).flatMap(sendToDesk),
    tellDesk(notice),
  ]);
  const untold = earlier.filter((line) => lastNoticeOf(state, line) === undefined);
  return [...told, ...untold.flatMap(sendToDesk), ...openAtDesk(state), ...ours.flatMap(sendToDesk)];
}

/** A line that outlived its hand-over comes before the news that ended it. */
function lastNoticeOf(state: ConversationState, { to }: Outbound): DeskNotice | undefined {
  if (to.kind !== 'desk') return undefined;
  return state.deskNotices.findLast((notice) => notice.deskId === to.deskId && notice.handover === to.handover);
}

function openAtDesk(state: ConversationState): ConversationWork[] {
  const { handover, phase } = state;
  if (handover === null || handover.opened || phase.name !== 'queued' || phase.target.kind !== 'desk') return [];
  const { deskId } = phase.target;
  const { no, requestId, attempt, notBeforeAt } = handover;
  const id = `OpenAtDesk:${phase.entry}:${attempt}`;
  return [{ kind: 'OpenAtDesk', lane: `desk:${deskId}`, id, notBeforeAt, deskId, handover: no, requestId, attempt }];
}

function sendToDesk(outbound: Outbound): ConversationWork[] {
  if (outbound.to.kind !== 'desk') return [];
  const { deskId, handover } = outbound.to;
  const { seq, attempt, notBeforeAt } = outbound;
  const id = `SendToDesk:${seq}:${attempt}`;
  return [{ kind: 'SendToDesk', lane: `desk:${deskId}`, id, notBeforeAt, deskId, handover, outbound, attempt }];
}

function tellDesk(notice: DeskNotice): ConversationWork {
  const { no, deskId, handover, kind, attempt, notBeforeAt } = notice;
  const id = `TellDesk:${no}:${attempt}`;
  return { kind: 'TellDesk', lane: `desk:${deskId}`, id, notBeforeAt, deskId, handover, no, news: kind, attempt };
}
