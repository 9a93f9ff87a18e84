import type { EventOf } from '../events.ts';
import type { ConversationState, Range } from '../state.ts';

/** How the bot's turn folds. At most one is out; what the customer writes meanwhile widens `waiting`. */

/** Answered turns that are remembered, so that a second report of one of them is known to be a repeat. */
const ANSWERS_KEPT = 8;

export function messageHeldForBot(state: ConversationState, event: EventOf<'MessageHeldForBot'>): ConversationState {
  return { ...state, waiting: { from: state.waiting?.from ?? event.place, to: event.place } };
}

/** Joins what was set aside next to it; what a form has read lies in no range. */
export function messageSetAside(state: ConversationState, { place }: EventOf<'MessageSetAside'>): ConversationState {
  const last = state.setAside.at(-1);
  if (last?.to !== place - 1) return { ...state, setAside: [...state.setAside, { from: place, to: place }] };
  return { ...state, setAside: [...state.setAside.slice(0, -1), { from: last.from, to: place }] };
}

export function botMissing(state: ConversationState, event: EventOf<'BotMissing'>): ConversationState {
  return { ...state, apologizedIn: event.session };
}

/** A form begins to ask: what waits was not written to it. */
export function setAside(state: ConversationState): ConversationState {
  if (state.waiting === null) return state;
  return { ...state, setAside: [...state.setAside, state.waiting], waiting: null };
}

/** In a session without a bot nothing waits for one; between two sessions what waits is the next one's. */
export function waitsForBot(state: ConversationState): ConversationState {
  return state.session?.botId === null ? nothingWaits(state) : state;
}

/** Nobody will be given what waits: a person reads it in the conversation, or there is no bot. */
export function nothingWaits(state: ConversationState): ConversationState {
  return { ...state, waiting: null, setAside: [] };
}

/** What is left waiting once everything up to a place has been given out. */
export function leftAfter(waiting: Range | null, upTo: number): Range | null {
  if (waiting === null || waiting.to <= upTo) return null;
  return { from: Math.max(waiting.from, upTo + 1), to: waiting.to };
}

export function turnOpened(state: ConversationState, event: EventOf<'BotTurnOpened'>): ConversationState {
  return {
    ...given(state, event.messages),
    turn: {
      no: event.no,
      botId: event.botId,
      about: event.about,
      messages: event.messages,
      epoch: event.epoch,
      attempt: 1,
      notBeforeAt: 0,
      deferredUntil: null,
    },
    count: { ...state.count, turn: event.no },
  };
}

export function turnWidened(state: ConversationState, { to }: EventOf<'BotTurnWidened'>): ConversationState {
  const { turn } = state;
  if (turn === null || turn.messages === null) return state;
  return { ...given(state, { from: turn.messages.from, to }), turn: { ...turn, messages: { ...turn.messages, to } } };
}

function given(state: ConversationState, messages: Range | null): ConversationState {
  if (messages === null) return state;
  const later = state.setAside.filter(({ to }) => to > messages.to);
  return { ...state, setAside: later, waiting: leftAfter(state.waiting, messages.to) };
}

export function turnRetried(state: ConversationState, event: EventOf<'BotTurnRetried'>): ConversationState {
  if (state.turn === null) return state;
  return { ...state, turn: { ...state.turn, attempt: event.attempt, notBeforeAt: event.notBeforeAt } };
}

export function turnDeferred(state: ConversationState, event: EventOf<'BotTurnDeferred'>): ConversationState {
  if (state.turn === null) return state;
  return { ...state, turn: { ...state.turn, deferredUntil: event.until } };
}

export function turnAnswered(state: ConversationState, event: EventOf<'BotTurnAnswered'>): ConversationState {
  const answers = [...state.answers, { turn: event.no, answerId: event.answerId }];
  const phase = state.phase.name === 'prechat' ? { ...state.phase, askedAt: event.at } : state.phase;
  return { ...state, phase, turn: null, answers: answers.slice(-ANSWERS_KEPT) };
}

export function turnOver(state: ConversationState): ConversationState {
  return { ...state, turn: null };
}
