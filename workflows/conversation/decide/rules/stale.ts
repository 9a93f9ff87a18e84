import { dueDeadline } from '../../deadlines.ts';
import type { Input, WorkDone } from '../../inputs.ts';
import { awaited, numberOf } from '../../pending.ts';
import type { ConversationState } from '../../state.ts';
import { lateAnswer, answerOf } from './answers.ts';
import { isQueueGone } from './give-up.ts';
import { sentAfterAll } from './outbound.ts';
import { ignored, type Outcome } from './plan.ts';
import { refusedByRecord } from './rejected.ts';

/**
 * What needs no state's opinion: a command that the record refused; a deadline that came too early (a row waits, so the
 * shell tries again) or isn't due; a result of work that is no longer pending. null: the state decides.
 */
export function stale(state: ConversationState, input: Input, now: number): Outcome | null {
  switch (input.type) {
    case 'DeadlinePassed':
      if (input.refused === 'inbox-waiting') return ignored(input.refused);
      return dueDeadline(state, input.kind, now) === undefined ? ignored('not-due') : null;
    case 'WorkDone':
      return isAwaited(state, input) ? null : staleResult(state, input, now);
    default:
      return 'key' in input && input.refused !== undefined && !isQueueGone(input)
        ? refusedByRecord(state, input.refused)
        : null;
  }
}

/** Pending, or a late word of an earlier try: the first answer wins while its turn is out. */
function isAwaited(state: ConversationState, done: WorkDone): boolean {
  const answers = done.work === 'AskBot' && done.outcome.kind === 'answered';
  if (answers && state.turn?.no === numberOf(done.workId)) return true;
  return awaited(state).some(({ id }) => id === done.workId);
}

/** Two things matter although nobody waits for them: a bot's words, and that words were sent which were taken back. */
function staleResult(state: ConversationState, done: WorkDone, now: number): Outcome {
  if (done.work === 'AskBot' && done.outcome.kind === 'answered') {
    return lateAnswer(state, now, answerOf(done, done.outcome.answer));
  }
  const sent = (done.work === 'SendMessage' || done.work === 'SendToDesk') && done.outcome.kind === 'sent';
  return sent ? sentAfterAll(state, numberOf(done.workId), now) : ignored('stale-result');
}
