/** A conversation out of its file: the same to an audit as one out of the database. What was changed in it shows. */
import { createHmac } from 'node:crypto';
import type { StoredMessage } from '../../../store/audit.ts';
import type { Problem } from '../chain.ts';
import type { Evidence } from '../evidence.ts';
import { openFiledHistory, type GatheredRun } from '../histories.ts';
import { conversationFile, type ConversationFile } from './schema.ts';
import { contentHash } from './write.ts';

export interface FiledEvidence extends Evidence {
  exportedAt: number;
}

/** Throws where the text is not that of such a file. */
export function readConversationFile(text: string): FiledEvidence {
  const raw: unknown = JSON.parse(text);
  const { accountId, conversationId, messages, digestKey, runs, checkpoints, exportedAt, ...rest } =
    conversationFile.parse(raw);
  return {
    source: 'file',
    exportedAt,
    stored: {
      ...rest,
      id: { accountId, conversationId },
      messages: messages.map((message) => openMessage(message, digestKey)),
    },
    runs: runs.map(openRun),
    checkpoints: { covering: checkpoints, following: null },
    toDelete: [],
    problems: wholeness(raw as ConversationFile),
  };
}

/** Of the text as it was read, so that what a later format adds counts, too. */
function wholeness({ sha256, ...content }: ConversationFile): Problem[] {
  if (contentHash(content) === sha256) return [];
  return [{ no: null, upTo: null, says: 'the file is not as it was written: its SHA-256 is another' }];
}

function openMessage(
  { content: contentText, ...message }: ConversationFile['messages'][number],
  digestKey: string | null,
): StoredMessage {
  const intact =
    contentText === null || digestKey === null ? null : digestOf(contentText, digestKey) === message.digest;
  return { ...message, content: contentIn(contentText), contentText, intact };
}

/** As `content_digest` makes it. */
const digestOf = (text: string, key: string): string =>
  createHmac('sha256', Buffer.from(key, 'hex')).update(text, 'utf8').digest('hex');

/** Words that a foreign hand has made unreadable are told to be changed, by their digest. */
function contentIn(text: string | null): StoredMessage['content'] {
  if (text === null) return null;
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? content : {};
  } catch {
    return {};
  }
}

function openRun({ history, says, ...run }: ConversationFile['runs'][number]): GatheredRun {
  return openFiledHistory(run, history === null ? null : Buffer.from(history, 'base64'), says);
}
