/** Files of conversations, as the command is given them: one to look at, or some to hold against what is looked at. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ZodError } from 'zod';
import type { Head } from '../audit/chain.ts';
import { readConversationFile, type FiledEvidence } from '../audit/export/read.ts';
import type { CoveringCheckpoint } from '../../store/checkpoints.ts';
import type { StaleExport } from '../../store/exports.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { Unusable } from './settings.ts';

export async function readConversation(file: string): Promise<FiledEvidence> {
  const text = await readText(file);
  try {
    return readConversationFile(text);
  } catch (error) {
    const [issue] = error instanceof ZodError ? error.issues : [];
    const where = issue ? ` (${[...issue.path.map(String), issue.message].join(': ')})` : '';
    throw new Unusable(`${file} holds no conversation as baton export writes it${where}.`);
  }
}

export function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new Unusable(`${file} can't be read.`);
  });
}

/** What stands in files that the reader has kept, and whoever has the database can't have changed. */
export interface Kept {
  /** Every link in them. */
  heads: Head[];
  covering: CoveringCheckpoint[];
  /** Those with words in them. */
  withWords: StaleExport[];
}

/** Of this conversation. Of a folder, those files count that have its id in their names. */
export async function readKept(paths: string[], { accountId, conversationId }: ActorId): Promise<Kept> {
  const kept: Kept = { heads: [], covering: [], withWords: [] };
  for (const file of await filesAt(paths, conversationId)) {
    const { stored, checkpoints, exportedAt } = await readConversation(file);
    if (stored.id.accountId !== accountId || stored.id.conversationId !== conversationId) {
      throw new Unusable(`${file} is of another conversation.`);
    }
    const where = `the file ${basename(file)}`;
    kept.heads.push(...stored.events.map(({ no, link }): Head => ({ eventNo: no, head: link, where, by: 'file' })));
    kept.covering.push(...checkpoints.covering);
    if (!stored.card.erased) kept.withWords.push({ file: resolve(file), madeAt: exportedAt, madeBy: null });
  }
  return kept;
}

async function filesAt(paths: string[], conversationId: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => {
      throw new Unusable(`${path} is not there.`);
    });
    if (!found.isDirectory()) files.push(path);
    else
      files.push(
        ...(await readdir(path)).filter((name) => name.includes(conversationId)).map((name) => join(path, name)),
      );
  }
  return files;
}
