import { formOf } from './evolve/handover.ts';
import { initialState } from './initial.ts';
import { isObject } from './json.ts';
import type { ConversationState } from './state.ts';

/**
 * A state that older code wrote, as this code needs it: a field that it lacks, be it of the state, its counts or its
 * policy, has the value that it has at the beginning of a conversation; one of a part that is not there at the beginning (a
 * phase, a hand-over) has the value that `later` gives it. Where the account's own numbers stood in no field of their own,
 * those in force come nearest, until a policy is read again.
 *
 * Such states come out of Postgres, and out of the history of a run that loaded its row before this code was deployed.
 */
export function complete(state: unknown): ConversationState {
  const stored = isObject(state) && 'policy' in state ? { accountPolicy: state['policy'], ...state } : state;
  const begun = filled(initialState, stored) as ConversationState;
  return filled(later(begun), begun) as ConversationState;
}

/** What came later to the parts that this state has; a part that it hasn't got is not named. */
function later({ phase, policy }: ConversationState): object {
  return phase.name === 'prechat' ? { phase: { form: formOf(policy), askedAt: phase.since } } : {};
}

function filled(defaults: unknown, given: unknown): unknown {
  if (given === undefined) return defaults;
  if (!isObject(defaults) || !isObject(given)) return given;
  const missing = Object.entries(defaults).map(([key, value]) => [key, filled(value, given[key])]);
  return { ...given, ...Object.fromEntries(missing) };
}
