import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from './error-codes.ts';
import type { ProcessId } from './process-identity.ts';

/** Which server runs in a folder, and which process started it. Outlives both, so that the next run can clean up. */
export type ProcessRecord = { name: string; stopSignal: NodeJS.Signals; server: ProcessId; owner: ProcessId };

const fileOf = (dir: string) => join(dir, 'server.json');

export async function writeRecord(dir: string, record: ProcessRecord): Promise<void> {
  await mkdir(dir, { recursive: true });
  const unfinished = `${fileOf(dir)}.new`;
  await writeFile(unfinished, JSON.stringify(record));
  await rename(unfinished, fileOf(dir));
}

export async function readRecord(dir: string): Promise<ProcessRecord | undefined> {
  const text = await ifThere(readFile(fileOf(dir), 'utf8'));
  return text === undefined ? undefined : (JSON.parse(text) as ProcessRecord);
}

export const removeRecord = async (dir: string): Promise<void> => rm(fileOf(dir), { force: true });
