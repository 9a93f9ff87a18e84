import type { EventOf } from '../events.ts';
import type { Policy } from '../policy.ts';
import type { ConversationState, Form, Handover, PhaseOf } from '../state.ts';
import { passTo } from './baton.ts';
import { leftAfter, setAside } from './bot.ts';

/** How a hand-over folds, from the request to the end of its intake. Its step says what is awaited. */

export function handoverRequested(state: ConversationState, event: EventOf<'HandoverRequested'>): ConversationState {
  return {
    ...state,
    handover: {
      no: event.no,
      requestId: event.request.requestId,
      by: event.by,
      step: 'presence',
      requestedAt: event.at,
      priority: event.request.priority,
      agentStatus: null,
      told: [],
      attempt: 1,
      notBeforeAt: 0,
      opened: false,
      askedDesks: [],
    },
    count: { ...state.count, handover: event.no },
  };
}

export function presenceChecked(state: ConversationState, event: EventOf<'PresenceChecked'>): ConversationState {
  return withHandover(state, { ...nextStep('intake'), agentStatus: event.agentStatus });
}

export function prechatStarted(state: ConversationState, event: EventOf<'PrechatStarted'>): ConversationState {
  const begun: ConversationState = {
    ...state,
    phase: {
      name: 'prechat',
      by: event.by,
      since: event.at,
      askedAt: event.at,
      form: formOf(state.policy),
      field: 0,
      tries: 0,
    },
  };
  return event.by === 'form' ? { ...setAside(begun), baton: passTo(state.baton, { kind: 'engine' }) } : begun;
}

/** The form that a policy has. */
export function formOf({ version, intake: { fields, maxTries } }: Policy): Form {
  return { version, fields, maxTries };
}

export function formAnswered(state: ConversationState, event: EventOf<'FormAnswered'>): ConversationState {
  return withForm(state, event.upTo, { field: event.field + 1, tries: 0, askedAt: event.at });
}

export function formAnswerRefused(state: ConversationState, event: EventOf<'FormAnswerRefused'>): ConversationState {
  return withForm(state, event.upTo, { tries: event.tries, askedAt: event.at });
}

export function formCancelled(state: ConversationState, event: EventOf<'FormCancelled'>): ConversationState {
  return withForm(state, event.upTo, {});
}

/** The message that was read as an answer waits no longer, and the attempts begin anew for the next one. */
function withForm(state: ConversationState, upTo: number, change: Partial<PhaseOf<'prechat'>>): ConversationState {
  if (state.phase.name !== 'prechat') return state;
  const read = { ...state, phase: { ...state.phase, ...change }, waiting: leftAfter(state.waiting, upTo) };
  return withHandover(read, { attempt: 1, notBeforeAt: 0 });
}

export function intakeFinished(state: ConversationState): ConversationState {
  return withHandover(state, nextStep('routing'));
}

export function workDelayed(state: ConversationState, event: EventOf<'WorkDelayed'>): ConversationState {
  return withHandover(state, { attempt: event.attempt, notBeforeAt: event.notBeforeAt });
}

export function routeOutdated(state: ConversationState, event: EventOf<'RouteOutdated'>): ConversationState {
  const outdated = (state.handover?.outdated ?? 0) + 1;
  return withHandover(state, { attempt: event.attempt, notBeforeAt: event.notBeforeAt, outdated });
}

export function customerTold(state: ConversationState, event: EventOf<'CustomerTold'>): ConversationState {
  const told = state.handover?.told ?? [];
  return told.includes(event.situation) ? state : withHandover(state, { told: [...told, event.situation] });
}

export function handoverEnded(state: ConversationState): ConversationState {
  return { ...state, handover: null };
}

export function withHandover(state: ConversationState, change: Partial<Handover>): ConversationState {
  return state.handover === null ? state : { ...state, handover: { ...state.handover, ...change } };
}

/** A step begins with its first attempt, at once. */
export function nextStep(step: Handover['step']): Pick<Handover, 'step' | 'attempt' | 'outdated' | 'notBeforeAt'> {
  return { step, attempt: 1, outdated: 0, notBeforeAt: 0 };
}
