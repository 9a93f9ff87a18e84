/**
 * All activities that touch the outside. They answer outcomes; what they throw is ours (Postgres is away, or a bug), and
 * the worker lets no word of it into a history.
 */
import { createAskBot } from './ask-bot.ts';
import { createCheckAnswer } from './check-answer.ts';
import { createCheckPresence } from './check-presence.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { createOpenAtDesk } from './open-at-desk.ts';
import { createRouteHandover } from './route-handover.ts';
import { createSendMessage } from './send-message.ts';
import { createSendToDesk } from './send-to-desk.ts';
import { createShares } from './shares.ts';
import { createTellDesk } from './tell-desk.ts';

export type { WorkDependencies };

/** Half of what a worker has out at once (`worker/create.ts`). */
const callsPerAccount = 100;

export function createWorkActivities(deps: WorkDependencies): WorkActivities {
  const inShare = createShares(deps.limits?.callsPerAccount ?? callsPerAccount);
  return {
    askBot: inShare(createAskBot(deps)),
    checkPresence: inShare(createCheckPresence(deps)),
    routeHandover: createRouteHandover(deps),
    checkAnswer: createCheckAnswer(deps),
    sendMessage: inShare(createSendMessage(deps)),
    openAtDesk: inShare(createOpenAtDesk(deps)),
    sendToDesk: inShare(createSendToDesk(deps)),
    tellDesk: inShare(createTellDesk(deps)),
  };
}
