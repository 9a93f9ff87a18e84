import type { EventOf } from '../../../workflows/conversation/events.ts';
import type { Sentences } from './sentence.ts';
import type { Teller } from './teller.ts';

export const messageSentences: Sentences<
  | 'MessageQueued'
  | 'SendDelayed'
  | 'SendUnclear'
  | 'MessageSettled'
  | 'MessageCancelled'
  | 'WindowClosed'
  | 'WindowOpened'
  | 'DraftDiscarded'
> = {
  MessageQueued: (event, tell) =>
    `message ${event.seq} to ${receiver(event, tell)}, ${author(event)}: ${words(event, tell)}`,
  SendDelayed: ({ seq, attempt, class: why }) => `message ${seq} not sent (${why}); attempt ${attempt} follows`,
  SendUnclear: ({ seq }) => `message ${seq}: nobody knows whether it arrived`,
  MessageSettled: ({ seq, as, class: why }) => `message ${seq} ${as}${why === null ? '' : ` (${why})`}`,
  MessageCancelled: ({ seq, because }) => `message ${seq} will not be sent: ${because}`,
  WindowClosed: ({ seq }) =>
    `the channel takes nothing until the customer writes (message ${seq}); what comes after it is held`,
  WindowOpened: () => 'the customer wrote, so the channel takes messages again',
  DraftDiscarded: ({ messageId, because }, tell) => `discarded unsent (${because}): ${tell.words(messageId)}`,
};

function receiver({ to }: EventOf<'MessageQueued'>, tell: Teller): string {
  return to.kind === 'channel' ? 'the customer' : `desk ${tell.name(to.deskId)}`;
}

function author({ author: kind, what }: EventOf<'MessageQueued'>): string {
  return what.kind === 'notice' ? `notice ${what.notice}` : `from the ${kind}`;
}

function words({ what, seq }: EventOf<'MessageQueued'>, tell: Teller): string {
  return what.kind === 'notice' ? tell.wordsSent(seq) : tell.words(what.messageId);
}
