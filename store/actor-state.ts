/**
 * How an actor's state stands in its row, and how rows of other builds are read: by workers while two builds run side by
 * side, and for years, since a silent conversation keeps the row that it had.
 *
 * 1. A field that a row lacks has the value that `workflows/conversation/complete.ts` gives it: the one that it has in
 *    `initialState`, or, in a part that is not there at the beginning (a phase), one made of the rest of the state. Most changes
 *    need no more than that, and no new format.
 * 2. A row of an older format is made into one of this format, step by step; no step is ever taken out.
 * 3. A row of the next format is read as it is: a format only adds to what the one before it needs, and what nobody needs
 *    any more goes with the one after.
 * 4. Any other is refused, and so is a state with which this code can't live: it would throw in the workflow, whose task then
 *    fails for ever. The worker's activity fails by a code instead (`actor-format-n`, `actor-state`) and is repeated until a build
 *    comes that can read it; nothing is decided meanwhile, what was stored for the conversation waits, and it is overdue.
 */
import { complete } from '../workflows/conversation/complete.ts';
import { deadlines } from '../workflows/conversation/deadlines.ts';
import { pending } from '../workflows/conversation/pending.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';

/** The format that this build writes. */
export const actorFormat = 1;

/** Step n makes a row of format n into one of format n + 1. */
const steps: Record<number, FormatStep> = {};

export type FormatStep = (state: Record<string, unknown>) => Record<string, unknown>;

/** For SQL that looks into a row: does it look as this build writes it? */
export const hasThisShape = (format: string): string => `${format} IN (${actorFormat}, ${actorFormat + 1})`;

export interface ActorState {
  /** null: nothing has been recorded yet. */
  state: ConversationState | null;
  keys: string[];
}

export function packState(state: ConversationState, keys: string[]): string {
  return JSON.stringify({ state, keys });
}

/** Throws `UnreadableState`. */
export const unpackState = createUnpack(actorFormat, steps);

export function createUnpack(own: number, upTo: Record<number, FormatStep>) {
  return (stored: unknown, format: number): ActorState => {
    if (stored === null) return { state: null, keys: [] };
    if (format > own + 1) throw new UnreadableState(`actor-format-${format}`);
    const { state, keys = [] } = stored as { state: Record<string, unknown>; keys?: string[] };
    let current = state;
    for (let at = format; at < own; at += 1) {
      const step = upTo[at];
      if (!step) throw new UnreadableState(`actor-format-${format}`);
      current = step(current);
    }
    return { state: livable(current), keys };
  };
}

/** What an actor asks of a state as soon as it has loaded it, before there is an input that could be parked. */
function livable(stored: unknown): ConversationState {
  try {
    const state = complete(stored);
    deadlines(state);
    pending(state);
    return state;
  } catch {
    throw new UnreadableState('actor-state');
  }
}

/** The row's state for whoever only shows it; null also where this build can't read it. */
export function shownState(stored: unknown, format: number): ConversationState | null {
  try {
    return unpackState(stored, format).state;
  } catch (error) {
    if (error instanceof UnreadableState) return null;
    throw error;
  }
}

/** The code stands in the failure that operators see. */
class UnreadableState extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = 'UnreadableState';
    this.code = code;
  }
}
