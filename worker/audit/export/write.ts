/** One conversation as the text of a file: everything that was at hand of it, so that a reader needs nothing else. */
import { gzipSync } from 'node:zlib';
import { canonicalText } from '../../../store/chain.ts';
import type { StoredMessage } from '../../../store/audit.ts';
import type { Evidence } from '../evidence.ts';
import type { GatheredRun } from '../histories.ts';
import { sha256Of } from '../history.ts';
import { fileFormat, type ConversationFile } from './schema.ts';

export interface ToExport extends Pick<Evidence, 'stored' | 'runs' | 'checkpoints'> {
  digestKey: string | null;
  exportedAt: number;
}

export function conversationFileText({ stored, runs, checkpoints, digestKey, exportedAt }: ToExport): string {
  const { id, messages, ...rest } = stored;
  const content = {
    format: fileFormat,
    exportedAt,
    ...id,
    ...rest,
    digestKey,
    messages: messages.map(fileMessage),
    runs: runs.map(fileRun),
    checkpoints: checkpoints.covering,
  } satisfies Omit<ConversationFile, 'sha256'>;
  return `${JSON.stringify({ sha256: contentHash(content), ...content }, null, 1)}\n`;
}

/** Of whatever stands in the file beside it: what was changed by accident shows, whoever changes it on purpose changes both. */
export const contentHash = (content: object): string => sha256Of(canonicalText(content));

function fileMessage({
  content: _,
  contentText,
  intact: __,
  ...message
}: StoredMessage): ConversationFile['messages'][number] {
  return { ...message, content: contentText };
}

/** An export that its hash does not fit goes with that hash: what was wrong before stays wrong. */
function fileRun({ run, history, says }: GatheredRun): ConversationFile['runs'][number] {
  if (history === null) return { ...run, history: null, says };
  const sha256 = history.from === 'export' ? run.sha256 : sha256Of(history.text);
  return { ...run, sha256, history: gzipSync(history.text).toString('base64'), says };
}
