import type { ConversationEvent } from '../../events.ts';
import { evolve } from '../../evolve.ts';
import type { Rejection } from '../../rejections.ts';
import type { ConversationState } from '../../state.ts';

/**
 * A decision in the making: the events so far, and the state that they already fold to. Each step reads the state as
 * it will be after the steps before it, so a rule is written once and holds wherever it is used.
 */
export interface Plan {
  kind: 'plan';
  state: ConversationState;
  /** Time of the input, epoch ms; every event carries it. */
  now: number;
  events: ConversationEvent[];
}

export type Step = (plan: Plan) => Plan;

/** What an input came to; the shell's `Decision`, with our events and codes. */
export type Decision =
  | { kind: 'accepted'; events: ConversationEvent[] }
  | { kind: 'ignored'; because: string }
  | { kind: 'rejected'; rejection: Rejection };

/** What a state makes of an input. A plan is concluded by `decide`, which also says with a "no" what is allowed instead. */
export type Outcome =
  | Plan
  | Extract<Decision, { kind: 'ignored' }>
  | { kind: 'rejected'; rejection: Omit<Rejection, 'allowed'> };

/** An event before it has its time. */
export type Happening = WithoutAt<ConversationEvent>;
type WithoutAt<E> = E extends { at: number } ? Omit<E, 'at'> : never;

export function begin(state: ConversationState, now: number): Plan {
  return { kind: 'plan', state, now, events: [] };
}

export function add(plan: Plan, ...happenings: Happening[]): Plan {
  const events = happenings.map((happening) => ({ ...happening, at: plan.now }));
  return { ...plan, state: events.reduce(evolve, plan.state), events: [...plan.events, ...events] };
}

export function run(plan: Plan, ...steps: Step[]): Plan {
  return steps.reduce((sofar, step) => step(sofar), plan);
}

export function ignored(because: string): Outcome {
  return { kind: 'ignored', because };
}
