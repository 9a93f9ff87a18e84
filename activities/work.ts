/**
 * All activities that touch the outside. They answer outcomes; what they throw is ours (Postgres is away, or a bug), and
 * gets into Temporal's history as a class and a code: no text of a database or a provider may stand there.
 */
import { createAskBot } from './ask-bot.ts';
import { createCheckAnswer } from './check-answer.ts';
import { createCheckPresence } from './check-presence.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { withoutWords } from './failures.ts';
import { createOpenAtDesk } from './open-at-desk.ts';
import { createRouteHandover } from './route-handover.ts';
import { createSendMessage } from './send-message.ts';
import { createSendToDesk } from './send-to-desk.ts';
import { createTellDesk } from './tell-desk.ts';

export type { WorkDependencies };

export function createWorkActivities(deps: WorkDependencies): WorkActivities {
  return {
    askBot: withoutWords(createAskBot(deps)),
    checkPresence: withoutWords(createCheckPresence(deps)),
    routeHandover: withoutWords(createRouteHandover(deps)),
    checkAnswer: withoutWords(createCheckAnswer(deps)),
    sendMessage: withoutWords(createSendMessage(deps)),
    openAtDesk: withoutWords(createOpenAtDesk(deps)),
    sendToDesk: withoutWords(createSendToDesk(deps)),
    tellDesk: withoutWords(createTellDesk(deps)),
  };
}
