import { targetOf } from '../../evolve/ownership.ts';
import type { Input, Question } from '../../inputs.ts';
import type { ConversationState, Target } from '../../state.ts';
import { queueAfterFailure, queueAfterLoss } from './desk-reach.ts';
import { queueAhead } from './give-up.ts';
import { isSameTarget } from './queue.ts';
import { queueOfReopening } from './reopen.ts';

/**
 * What Postgres must be asked before an input is decided; null: nothing. A session's beginning depends on facts of the
 * channel, a new policy on the group that has the conversation, and whatever leads into a queue on that queue: its
 * numbers, and who is there.
 */
export function question(state: ConversationState, input: Input): Question | null {
  switch (input.type) {
    case 'CustomerWrote':
      return state.session === null ? beginning : about(state, queueOfReopening(state, input.refused));
    case 'RequestHandover':
    case 'DeskTook':
      return state.session === null ? beginning : null;
    case 'PolicyChanged':
      return state.session === null ? null : { target: targetOf(state) };
    case 'AvailabilityChanged':
      return state.phase.name === 'queued' && state.phase.target.kind === 'group'
        ? { target: state.phase.target }
        : null;
    case 'Forward': {
      // Who names a queue means that one, and is told where it is gone.
      const target = queueOf(state, input);
      return target && { target };
    }
    default:
      return about(state, queueOf(state, input));
  }
}

/** Of the facts that a session's beginning depends on; a load brings them along. */
export const beginning: Question = { target: null };

/** Where the chat came from may be gone meanwhile, and nobody is to be stuck with it. */
function about(state: ConversationState, target: Target | null): Question | null {
  const own = targetOf(state);
  if (target === null) return null;
  return own !== null && isSameTarget(own, target) ? { target, orDefault: true } : { target };
}

function queueOf(state: ConversationState, input: Input): Target | null {
  const { phase } = state;
  if (phase.name !== 'assigned') return null;
  const held = { ...state, phase };
  switch (input.type) {
    case 'Unassign':
    case 'Forward':
    case 'AgentLeft':
      return queueAhead(held, input);
    case 'DeadlinePassed':
      if (input.kind === 'desk-lost') return queueAfterLoss(held, input.refused);
      return input.kind === 'first-reply' && input.refused === undefined ? phase.target : null;
    case 'WorkDone':
      return queueAfterFailure(held, input);
    default:
      return null;
  }
}
