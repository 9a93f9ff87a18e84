import { dueDeadline } from './deadlines.ts';
import { staleResult } from './decide/answers.ts';
import { assigned } from './decide/assigned.ts';
import { blocked } from './decide/blocked.ts';
import { bot } from './decide/bot.ts';
import { conclude } from './decide/conclude.ts';
import { everywhere } from './decide/everywhere.ts';
import { ignored, type Decision, type Outcome } from './decide/plan.ts';
import { prechat } from './decide/prechat.ts';
import { queued } from './decide/queued.ts';
import { refusedByRecord } from './decide/rejected.ts';
import { resolved } from './decide/resolved.ts';
import type { Input } from './inputs.ts';
import { pending } from './pending.ts';
import type { ConversationState } from './state.ts';

/**
 * What an input makes happen, given what is true. Pure, and total: every state has an answer to every input, as a value.
 * This file only dispatches; what a state does is read in the file of its name.
 */
export function decide(state: ConversationState, input: Input, now: number): Decision {
  const outcome = stale(state, input, now) ?? everywhere(state, input, now) ?? ofPhase(state, input, now);
  if (outcome.kind !== 'plan') return outcome;
  const { events } = conclude(outcome);
  return events.length > 0 ? { kind: 'accepted', events } : { kind: 'ignored', because: 'no-effect' };
}

function ofPhase(state: ConversationState, input: Input, now: number): Outcome {
  const { phase } = state;
  switch (phase.name) {
    case 'bot':
      return bot({ ...state, phase }, input, now);
    case 'prechat':
      return prechat({ ...state, phase }, input, now);
    case 'queued':
      return queued({ ...state, phase }, input, now);
    case 'assigned':
      return assigned({ ...state, phase }, input, now);
    case 'resolved':
      return resolved({ ...state, phase }, input, now);
    case 'blocked':
      return blocked({ ...state, phase }, input, now);
  }
}

/**
 * What needs no state's opinion: a command that the record refused; a deadline that it refused (the shell tries again)
 * or that isn't due; a result of work that is no longer pending, unless it is a bot's word.
 */
function stale(state: ConversationState, input: Input, now: number): Outcome | null {
  switch (input.type) {
    case 'DeadlinePassed':
      if (input.refused !== undefined) return ignored(input.refused);
      return dueDeadline(state, input.kind, now) === undefined ? ignored('not-due') : null;
    case 'WorkDone':
      return pending(state).some(({ id }) => id === input.workId) || isAnswerOfTurn(state, input)
        ? null
        : staleResult(state, input, now);
    default:
      return 'key' in input && input.refused !== undefined ? refusedByRecord(state, input.refused) : null;
  }
}

/** The first answer wins: one that comes late from an earlier try counts while its turn is out. */
function isAnswerOfTurn(state: ConversationState, input: Extract<Input, { type: 'WorkDone' }>): boolean {
  const answered = input.work === 'AskBot' && input.outcome.kind === 'answered';
  return answered && state.turn !== null && input.workId.startsWith(`AskBot:${state.turn.no}:`);
}
