import type { EventOf } from '../../../workflows/conversation/events.ts';
import type { Sentences } from './sentence.ts';

export const botSentences: Sentences<
  | 'MessageHeldForBot'
  | 'BotTurnOpened'
  | 'BotTurnRetried'
  | 'BotTurnDeferred'
  | 'BotTurnAnswered'
  | 'BotTurnFailed'
  | 'BotTurnSuperseded'
> = {
  MessageHeldForBot: ({ place }) => `message ${place} waits for the bot`,
  BotTurnOpened: (event, tell) => `bot ${tell.name(event.botId)} is asked (turn ${event.no}): ${topic(event)}`,
  BotTurnRetried: ({ no, attempt, class: why }) => `turn ${no} got no answer (${why}); try ${attempt} follows`,
  BotTurnDeferred: ({ no, until }, tell) => `the bot will answer turn ${no} later, until ${tell.time(until)}`,
  BotTurnAnswered: ({ no }) => `the bot answered turn ${no}`,
  BotTurnFailed: ({ no, class: why }) => `turn ${no} is given up: no answer (${why})`,
  BotTurnSuperseded: ({ no }) => `turn ${no} is void: the baton was passed on`,
};

function topic({ about, messages }: EventOf<'BotTurnOpened'>): string {
  if (about.kind === 'prechat') return `intake begins, agents are ${about.agentStatus}`;
  if (about.kind === 'returned') return `the customer is back (${about.because})`;
  if (messages === null) return 'an event';
  return messages.from === messages.to ? `message ${messages.from}` : `messages ${messages.from} to ${messages.to}`;
}
