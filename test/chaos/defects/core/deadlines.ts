import {
  deadlines as deadlinesAsReleased,
  dueDeadline,
  sessionEndsAt,
} from '../../../../workflows/conversation/deadlines.ts';
import type { Deadline } from '../../../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../../../workflows/conversation/state.ts';

export { dueDeadline, sessionEndsAt };

/** A core whose sessions end a millisecond late. */
export function deadlines(state: ConversationState): Deadline[] {
  return deadlinesAsReleased(state).map((one) => (one.kind === 'session' ? { ...one, at: one.at + 1 } : one));
}
