/** Pending work → its activity. One line per kind; the outcome comes back as `WorkDone`. */
import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { Activities, OutcomeOf } from '../../activities/contract.ts';
import { activityMs, silentMs } from './attempt-limits.ts';
import type { ActorId } from './messages.ts';
import type { WorkFailure } from './inputs.ts';
import type { ConversationWork } from './work.ts';

// An attempt ends before this by its own limits. What Temporal repeats is ours alone: a worker died, Postgres is away.
const outside = proxyActivities<Activities>({
  startToCloseTimeout: activityMs,
  heartbeatTimeout: silentMs,
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

type Outcome = OutcomeOf<ConversationWork['kind']>;

/** One attempt. Never rejects: what can't be repeated any more is a failure of the work. */
export async function perform(actor: ActorId, work: ConversationWork): Promise<Outcome> {
  try {
    return await start(actor, work);
  } catch (error) {
    if (error instanceof ActivityFailure) return failureOf(error);
    throw error;
  }
}

function start(actor: ActorId, work: ConversationWork): Promise<Outcome> {
  switch (work.kind) {
    case 'AskBot':
      return outside.askBot(actor, work);
    case 'CheckPresence':
      return outside.checkPresence(actor, work);
    case 'RouteHandover':
      return outside.routeHandover(actor, work);
    case 'CheckAnswer':
      return outside.checkAnswer(actor, work);
    case 'SendMessage':
      return outside.sendMessage(actor, work);
    case 'OpenAtDesk':
      return outside.openAtDesk(actor, work);
    case 'SendToDesk':
      return outside.sendToDesk(actor, work);
    case 'TellDesk':
      return outside.tellDesk(actor, work);
  }
}

function failureOf(error: ActivityFailure): WorkFailure {
  const permanent = error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true;
  return { kind: 'failed', class: permanent ? 'permanent' : 'retryable', retryAfterMs: null };
}
