/** What a sentence of the story needs beside its event: names, words that still exist, times as people write them. */
import type { StoredConversation } from '../stored.ts';
import type { Holder, Owner, Target } from '../../../workflows/conversation/state.ts';

export interface Teller {
  /** The name of whatever has this id, or the id. */
  name(id: string): string;
  holder(holder: Holder): string;
  owner(owner: Owner): string;
  target(target: Target): string;
  /** In quotes; where they are gone, it says so. */
  words(messageId: string): string;
  /** Of an outbound sequence: of a notice, too. */
  wordsSent(seq: number): string;
  /** UTC, to the second. */
  time(at: number): string;
  /** Why a person was asked for, in words. */
  request(requestId: string): string;
  intake(handover: number): string;
  blockReason(blockId: string): string;
}

export function createTeller(stored: StoredConversation): Teller {
  const messages = new Map(stored.messages.map((message) => [message.id, message]));
  const sent = new Map(stored.messages.map((message) => [message.outbound, message]));
  const requests = new Map(stored.requests.map((request) => [request.id, request]));
  const blocks = new Map(stored.blocks.map((block) => [block.id, block]));

  const name = (id: string): string => stored.names[id] ?? id;
  const owner = (one: Owner): string =>
    one.kind === 'agent'
      ? `agent ${name(one.agentId)}`
      : `desk ${name(one.deskId)}${one.personId === null ? '' : ` (${name(one.personId)})`}`;
  const spoken = (message: StoredConversation['messages'][number] | undefined): string =>
    message === undefined ? '(no words)' : message.content === null ? '(words erased)' : said(message.content);

  return {
    name,
    owner,
    holder: (holder) =>
      holder.kind === 'engine' ? 'the engine' : holder.kind === 'bot' ? `bot ${name(holder.botId)}` : owner(holder),
    target: (target) => (target.kind === 'group' ? `group ${name(target.groupId)}` : `desk ${name(target.deskId)}`),
    words: (messageId) => spoken(messages.get(messageId)),
    wordsSent: (seq) => spoken(sent.get(seq)),
    time: (at) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    request: (requestId) => reasons(requests.get(requestId)),
    intake: (handover) =>
      stored.answers
        .filter((answer) => answer.handover === handover)
        .map((answer) => `${answer.name} ${answer.value === null ? '(erased)' : quoted(answer.value)}`)
        .join(', '),
    blockReason: (blockId) => quoted(blocks.get(blockId)?.reason ?? '?'),
  };
}

function reasons(request: StoredConversation['requests'][number] | undefined): string {
  if (request === undefined) return '';
  const { reason, skill, webstore } = request;
  return [reason && quoted(reason), skill && `skill ${skill}`, webstore && `webstore ${webstore}`]
    .filter(Boolean)
    .join(', ');
}

function said(content: { text?: string; attachments?: unknown[]; buttons?: unknown[] }): string {
  const files = content.attachments?.length ? ` +${content.attachments.length} attached` : '';
  return `${quoted(content.text ?? '')}${files}`;
}

function quoted(text: string): string {
  return `“${text}”`;
}
