/**
 * Sends one line of the customer to the desk that holds (or was offered) the conversation. A desk takes a repeat under
 * the same key as one, so a line whose outcome is unknown is simply sent again.
 */
import type { Failure } from '../adapters/contract/call.ts';
import { failure } from '../adapters/outcomes.ts';
import { handoverId } from '../store/handovers.ts';
import type { OutboundWords } from '../store/outbound.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { callAdapter } from './adapter-call.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { attemptSend } from './outbound-attempt.ts';
import { connectionOf, type Transport } from './transport.ts';

export function createSendToDesk(deps: WorkDependencies): WorkActivities['sendToDesk'] {
  return (actor, work) => attemptSend(deps, actor, work, (words) => transportOf(deps, actor, words));
}

function transportOf(
  deps: WorkDependencies,
  { accountId, conversationId }: ActorId,
  words: OutboundWords,
): Transport | Failure {
  const adapter = deps.desks.get(words.type);
  if (!adapter || words.handover === null) return failure('permanent', 'no-such-desk');
  if (words.connection.disabled) return failure('auth', 'desk-disabled');
  if (words.content === null) return failure('content-rejected', 'erased');
  const to = { type: words.type, connection: connectionOf(accountId, words.toId, words.connection) };
  const line = { handoverId: handoverId(conversationId, words.handover), at: new Date(words.at).toISOString() };
  return {
    parts: [words.content],
    rate: null,
    idempotency: 'key',
    post: async (content, key, signal) => {
      const posted = await callAdapter(deps, to, signal, (call) => adapter.post({ ...line, key, content }, call));
      return posted.ok ? { ok: true, providerId: null } : posted;
    },
    reconcile: () => Promise.resolve('unknown'),
  };
}
