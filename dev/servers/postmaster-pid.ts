import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ifThere } from './error-codes.ts';
import type { Log } from './log.ts';
import { identify } from './process-identity.ts';
import { terminate } from './terminate.ts';

const STOP_WITHIN_MS = 30_000;

/**
 * Postgres refuses to start as long as any process has the pid in postmaster.pid. After a killed run that is its
 * Postgres, which is stopped here, or a stranger with the same pid, or a dead process that nobody has reaped.
 *
 * For the latter two the file is made to name us, because Postgres takes the pid of its own parent for stale
 * (CreateLockFile in miscinit.c) and still sees to it that no process is attached to the old shared memory. Without
 * the file it would not.
 */
export async function clearPostmasterPid(pgdata: string, log: Log): Promise<void> {
  const file = join(pgdata, 'postmaster.pid');
  const found = await ifThere(readFile(file, 'utf8'));
  if (found === undefined) return;
  const holder = await identify(Number.parseInt(found, 10));
  if (holder && (await commandLine(holder.pid)).includes(pgdata)) {
    log(`Postgres in ${pgdata} was left over by a run that was killed; stopping process ${holder.pid}`);
    await terminate(holder, 'SIGINT', STOP_WITHIN_MS);
  }
  const stale = await ifThere(readFile(file, 'utf8'));
  if (stale !== undefined) await writeFile(file, stale.replace(/^\d+/, String(process.pid)));
}

/** Empty if the process has gone in the meantime. */
async function commandLine(pid: number): Promise<string> {
  return (await ifThere(askSystem(pid), ['ENOENT', 'ESRCH', 1])) ?? '';
}

async function askSystem(pid: number): Promise<string> {
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  return (await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])).stdout;
}
