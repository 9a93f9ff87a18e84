/** What a client of the feed gets of a row, if anything: the rows of chats that it may see, and of comments its own. */
import type { ConversationRow, FeedPlace, FeedRow } from '../store/feed.ts';
import { type Reader, sees } from '../store/readers.ts';
import type { Typing } from '../store/visitor-stream.ts';
import type { FeedMessage } from './feed-messages.ts';

/** Cursors: the generation of the feed, and the place. */
export function cursorOf(generation: number, { xid, feedId }: FeedPlace): string {
  return `${generation}.${xid}.${feedId}`;
}

/** null: nothing that we ever gave out. */
export function readPlace(cursor: string): { generation: number; place: FeedPlace } | null {
  const [, generation, xid, feedId] = /^(\d{1,9})\.(\d{1,20})\.(\d{1,18})$/.exec(cursor) ?? [];
  if (generation === undefined || xid === undefined || feedId === undefined) return null;
  return { generation: Number(generation), place: { xid: BigInt(xid), feedId: BigInt(feedId) } };
}

/**
 * null: not for this reader. A chat that has just gone where the reader can't see it is told as `hidden`, with its id
 * alone, so that lists drop it. Everybody is told of an erasure: who sees a chat no longer may have kept its words.
 */
export function itemOf(row: FeedRow, generation: number, reader: Reader): FeedMessage | null {
  const id = cursorOf(generation, row.place);
  if (row.kind !== 'erasure') return itemOfConversation(row, id, reader);
  return { id, event: 'erased', data: { ...row.erasure, at: row.at.toISOString() } };
}

function itemOfConversation(row: ConversationRow, id: string, reader: Reader): FeedMessage | null {
  const { conversationId } = row;
  if (!sees(reader, row.belongs)) {
    return mayHaveLeft(row) ? { id, event: 'hidden', data: { conversationId } } : null;
  }
  const at = row.at.toISOString();
  switch (row.kind) {
    case 'event': {
      const { no, event, cause } = row;
      const message = row.message && { ...row.message, content: row.message.content && { ...row.message.content } };
      return { id, event: 'event', data: { conversationId, no, type: event.type, at, event, cause, message } };
    }
    case 'comment': {
      const { comment } = row;
      if (comment.visibility === 'personal' && comment.agentId !== reader.agentId) return null;
      return { id, event: 'comment', data: { conversationId, at, ...comment } };
    }
    case 'receipt':
      return { id, event: 'receipt', data: { conversationId, at, ...row.receipt } };
  }
}

/** Typing is not stored, so it has no place. */
export function typingItem(typing: Typing, reader: Reader): FeedMessage | null {
  const { conversationId, on } = typing;
  return sees(reader, typing) ? { event: 'typing', data: { conversationId, from: 'visitor', on } } : null;
}

const moves: ReadonlySet<string> = new Set([
  'SessionStarted',
  'ConversationQueued',
  'ConversationAssigned',
  'OwnerReleased',
  'ReturnedToBot',
]);

function mayHaveLeft(row: ConversationRow): boolean {
  return row.kind === 'event' && moves.has(row.event.type);
}
