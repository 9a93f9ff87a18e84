import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from './error-codes.ts';
import type { Log } from './log.ts';
import { removeDataDir } from './postgres-home.ts';
import { isAlive } from './process-identity.ts';
import { readRecord, removeRecord } from './process-record.ts';
import { terminate } from './terminate.ts';

const GRACE_MS = 10_000;

/** A server runs in the folder, and so does the process that started it: it is somebody's, and not ours to stop. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/**
 * Makes a folder free for a new server: a record of a dead process is removed, a server whose starter has died (a run
 * that was killed) is stopped. Throws {@link AlreadyRunning} if the starter is alive.
 */
export async function clearLeftover(dir: string, log: Log): Promise<void> {
  const record = await readRecord(dir);
  if (!record) return;
  if (await isAlive(record.server)) {
    const { name, stopSignal, server, owner } = record;
    if (await isAlive(owner)) {
      throw new AlreadyRunning(
        `${name} in ${dir} runs already: process ${server.pid}, started by process ${owner.pid}`,
      );
    }
    log(`${name} in ${dir} was left over by a run that was killed; stopping process ${server.pid}`);
    await terminate(server, stopSignal, GRACE_MS);
  }
  await removeRecord(dir);
}

/** Stops every server below `dir` whose starter has died, and removes its folder. */
export async function sweep(dir: string, log: Log): Promise<void> {
  for (const name of (await ifThere(readdir(dir))) ?? []) {
    const runDir = join(dir, name);
    const record = await readRecord(runDir);
    if (!record || (await isAlive(record.owner))) continue;
    await clearLeftover(runDir, log);
    await removeDataDir(runDir);
  }
}
