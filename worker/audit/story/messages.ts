import type { EventOf } from '../../../workflows/conversation/events.ts';
import { reason } from './reasons.ts';
import type { Sentences } from './sentence.ts';
import type { Teller } from './teller.ts';
import type { Who } from './who.ts';

const settled = {
  sent: 'is sent',
  failed: 'has failed for good',
  unknown: 'may have arrived, or not: nobody can tell',
};

export const messageSentences: Sentences<
  | 'MessageQueued'
  | 'SendDelayed'
  | 'SendPutOff'
  | 'SendUnclear'
  | 'MessageSettled'
  | 'MessageCancelled'
  | 'WindowClosed'
  | 'WindowOpened'
  | 'DraftDiscarded'
> = {
  MessageQueued: (event, tell, who) =>
    `message ${event.seq} to ${receiver(event, tell)}${author(event, who)}: ${words(event, tell)}`,
  SendDelayed: ({ seq, attempt, class: why }) => `message ${seq} is not sent yet (${why}); attempt ${attempt} follows`,
  SendPutOff: ({ seq, notBeforeAt }, tell) =>
    `message ${seq} waits for its turn on the connection, until ${tell.time(notBeforeAt)}`,
  SendUnclear: ({ seq }) => `message ${seq}: nobody knows whether it arrived`,
  MessageSettled: ({ seq, as, class: why }) => `message ${seq} ${settled[as]}${why === null ? '' : ` (${why})`}`,
  MessageCancelled: ({ seq, because }) => `message ${seq} will not be sent: ${reason(because)}`,
  WindowClosed: ({ seq }) =>
    `the channel takes nothing until the customer writes (message ${seq}); what comes after it is held`,
  WindowOpened: () => 'the customer wrote, so the channel takes messages again',
  DraftDiscarded: ({ messageId, because }, tell) => `not sent, as ${reason(because)}: ${tell.words(messageId)}`,
};

function receiver({ to }: EventOf<'MessageQueued'>, tell: Teller): string {
  return to.kind === 'channel' ? 'the customer' : `desk ${tell.name(to.deskId)}`;
}

/** Whose words they are, where that is not who acts. */
function author({ author: kind, what }: EventOf<'MessageQueued'>, who: Who): string {
  if (what.kind === 'notice') return ` (notice ${what.notice})`;
  return kind === who.kind || (kind === 'agent' && who.kind === 'supervisor') ? '' : ` from the ${kind}`;
}

function words({ what, seq }: EventOf<'MessageQueued'>, tell: Teller): string {
  return what.kind === 'notice' ? tell.wordsSent(seq) : tell.words(what.messageId);
}
