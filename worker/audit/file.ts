/**
 * Files that can be replayed without a database: a history as Temporal's own tools write it; a conversation's histories with
 * its events, so that decisions are compared, too (the golden ones of the tests); and a whole conversation, as `baton export`
 * writes it (`export/`).
 */
import type { StoredEvent } from '../../store/event-log.ts';
import { fileFormat as exportFormat } from './export/schema.ts';
import { readConversationFile } from './export/read.ts';
import type { GatheredRun } from './histories.ts';
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

export interface Replayable {
  runs: RecordedRun[];
  /** Runs whose histories the file does not have, or not whole. */
  missing: GatheredRun[];
}

/** Throws where the text is none of these. */
export function parseReplayable(text: string): Replayable {
  const parsed = JSON.parse(text) as { format?: string } | null;
  if (parsed?.format === exportFormat) return exportedRuns(text);
  if (parsed?.format === fileFormat) return { runs: recordedRuns(parsed as Partial<ConversationFile>), missing: [] };
  const history = parseHistory(text);
  return { runs: [{ runId: runIdOf(history), history, events: null }], missing: [] };
}

export const parseFile = (text: string): RecordedRun[] => parseReplayable(text).runs;

function recordedRuns({ events = [], runs = [] }: Partial<ConversationFile>): RecordedRun[] {
  return runs.map(({ runId, history }) => ({
    runId,
    history: parseHistory(unpackHistory(Buffer.from(history, 'base64'))),
    events,
  }));
}

function exportedRuns(text: string): Replayable {
  const { stored, runs } = readConversationFile(text);
  return {
    runs: runs.flatMap(({ run, history }) =>
      history === null ? [] : [{ runId: run.runId, history: history.content, events: stored.events }],
    ),
    missing: runs.filter(({ history }) => history === null),
  };
}
