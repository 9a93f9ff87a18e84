/**
 * Sends one message of a conversation to its channel. The words are degraded here, at the edge, to what the channel can
 * carry; what no rule makes fit is refused whole. A web chat's message is delivered by standing in the visitor's stream,
 * in the very transaction that marks it as sent.
 */
import type { Failure } from '../adapters/contract/call.ts';
import type { ChannelAdapter, Sending } from '../adapters/contract/channel.ts';
import { failure } from '../adapters/outcomes.ts';
import { render } from '../adapters/render.ts';
import type { OutboundWords } from '../store/outbound.ts';
import { callAdapter } from './adapter-call.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { attemptSend } from './outbound-attempt.ts';
import { connectionOf, type Transport } from './transport.ts';

type NetworkDelivery = Extract<ChannelAdapter['delivery'], { kind: 'network' }>;

export function createSendMessage(deps: WorkDependencies): WorkActivities['sendMessage'] {
  return (actor, work) => attemptSend(deps, actor, work, (words) => transportOf(deps, actor.accountId, words));
}

function transportOf(deps: WorkDependencies, accountId: string, words: OutboundWords): Transport | Failure {
  const adapter = deps.channels.get(words.type);
  if (adapter?.delivery.kind !== 'network') return failure('permanent', 'no-such-channel');
  if (words.connection.disabled) return failure('auth', 'channel-disabled');
  if (words.content === null) return failure('content-rejected', 'erased');
  const capabilities = adapter.capabilities(words.connection.settings);
  const { parts, refused } = render(words.content, capabilities);
  if (refused.length > 0) return failure('content-rejected', 'unsupported-content');
  const { sendIdempotency: idempotency, rate } = capabilities;
  return { parts, rate, idempotency, ...network(deps, accountId, words, adapter.delivery) };
}

function network(
  deps: WorkDependencies,
  accountId: string,
  words: OutboundWords,
  delivery: NetworkDelivery,
): Pick<Transport, 'post' | 'reconcile'> {
  const channel = { type: words.type, connection: connectionOf(accountId, words.toId, words.connection) };
  const to = {
    thread: words.thread,
    contactExternalId: words.contactExternalId ?? words.thread,
    author: authorOf(words),
  };
  return {
    post: (content, key, signal) =>
      callAdapter(deps, channel, signal, (call) => delivery.send({ key, content, ...to }, call)),
    reconcile: (key, signal) =>
      callAdapter(deps, channel, signal, async (call) => (await delivery.reconcile?.(key, call)) ?? 'unknown'),
  };
}

function authorOf({ authorKind, authorName }: OutboundWords): Sending['author'] {
  const kind = authorKind === 'customer' ? 'engine' : authorKind;
  return authorName === null ? { kind } : { kind, name: authorName };
}
