import type { EventOf } from '../../../workflows/conversation/events.ts';
import { reason } from './reasons.ts';
import type { Sentences } from './sentence.ts';

export const botSentences: Sentences<
  | 'MessageHeldForBot'
  | 'MessageSetAside'
  | 'BotMissing'
  | 'BotTurnOpened'
  | 'BotTurnWidened'
  | 'BotTurnRetried'
  | 'BotTurnDeferred'
  | 'BotTurnAnswered'
  | 'BotTurnFailed'
  | 'BotTurnSuperseded'
> = {
  MessageHeldForBot: ({ place }) => `inbox place ${place} waits to be answered`,
  MessageSetAside: ({ place }) => `inbox place ${place} was written before the form asked, and answers nothing there`,
  BotMissing: () => 'there is no bot to answer; the customer is told so once in the session',
  BotTurnOpened: (event, tell) => `bot ${tell.name(event.botId)} is asked (turn ${event.no}) ${topic(event)}`,
  BotTurnWidened: ({ no, to }) => `turn ${no} takes inbox place ${to} as well`,
  BotTurnRetried: ({ no, attempt, class: why }) => `turn ${no} got no answer (${why}); try ${attempt} follows`,
  BotTurnDeferred: ({ no, until }, tell) => `turn ${no} will be answered later, by ${tell.time(until)}`,
  BotTurnAnswered: ({ no }) => `turn ${no} is answered`,
  BotTurnFailed: ({ no, class: why }) => `turn ${no} is given up, no answer came (${why})`,
  BotTurnSuperseded: ({ no }) => `turn ${no} counts no longer: somebody else speaks now`,
};

function topic({ about, messages }: EventOf<'BotTurnOpened'>): string {
  if (about.kind === 'prechat') return `to begin the intake, with agents ${about.agentStatus}`;
  if (about.kind === 'returned') return `as the customer is with it again: ${reason(about.because)}`;
  if (messages === null) return 'about an event';
  return messages.from === messages.to
    ? `about inbox place ${messages.from}`
    : `about inbox places ${messages.from} to ${messages.to}`;
}
