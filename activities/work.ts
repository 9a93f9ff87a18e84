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
import { createTellDesk } from './tell-desk.ts';

export type { WorkDependencies };

export function createWorkActivities(deps: WorkDependencies): WorkActivities {
  return {
    askBot: createAskBot(deps),
    checkPresence: createCheckPresence(deps),
    routeHandover: createRouteHandover(deps),
    checkAnswer: createCheckAnswer(deps),
    sendMessage: createSendMessage(deps),
    openAtDesk: createOpenAtDesk(deps),
    sendToDesk: createSendToDesk(deps),
    tellDesk: createTellDesk(deps),
  };
}
