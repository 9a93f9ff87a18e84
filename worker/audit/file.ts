/**
 * Files that can be replayed without a database: a history as Temporal's own tools write it, or a conversation with its
 * events, so that decisions are compared, too.
 */
import type { StoredEvent } from '../../store/event-log.ts';
import { parseHistory, runIdOf, unpackHistory } from './history.ts';
import type { RecordedRun } from './replay-all.ts';

export const fileFormat = 'baton-conversation/1';

export interface ConversationFile {
  format: typeof fileFormat;
  accountId: string;
  conversationId: string;
  events: StoredEvent[];
  /** Oldest first. `history`: base64 of the gzip of Temporal's JSON. */
  runs: { runId: string; build: string; history: string }[];
}

/** Throws where the text is neither. */
export function parseFile(text: string): RecordedRun[] {
  const parsed = JSON.parse(text) as Partial<ConversationFile> | null;
  if (parsed?.format !== fileFormat) {
    const history = parseHistory(text);
    return [{ runId: runIdOf(history), history, events: null }];
  }
  const { events = [], runs = [] } = parsed;
  return runs.map(({ runId, history }) => ({
    runId,
    history: parseHistory(unpackHistory(Buffer.from(history, 'base64'))),
    events,
  }));
}
