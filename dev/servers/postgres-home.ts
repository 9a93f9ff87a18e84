import { createHash } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Log } from './log.ts';
import type { OsUser } from './os-user.ts';
import { hasCode } from './error-codes.ts';
import { runCommand } from './run-command.ts';

const ELSEWHERE = '/var/tmp';

/**
 * A folder for the data that the user who runs Postgres can reach: `dir`, unless a folder above it is closed (as root's
 * home is, for the user who runs Postgres instead of root); then one of /var/tmp that belongs to `dir`.
 */
export async function homeFor(user: OsUser | undefined, dir: string, log: Log): Promise<string> {
  await mkdir(dir, { recursive: true });
  if (!user || (await canReach(user, dir))) return dir;
  const home = elsewhereFor(dir);
  log(`Postgres runs as ${user.name}, who can't reach ${dir}; its data is in ${home}`);
  await mkdirOf(user, home);
  return home;
}

/** Removes a folder that Postgres was started in, and what lies elsewhere for it. */
export async function removeDataDir(dir: string): Promise<void> {
  await Promise.all([dir, elsewhereFor(dir)].map((path) => rm(path, { recursive: true, force: true })));
}

const elsewhereFor = (dir: string) =>
  join(ELSEWHERE, `baton-${createHash('sha256').update(resolve(dir)).digest('hex').slice(0, 12)}`);

/** The binaries where the user can reach them: copied into `home`, if need be. */
export async function binariesFor(user: OsUser | undefined, binDir: string, home: string, log: Log): Promise<string> {
  if (!user || (await canReach(user, binDir))) return binDir;
  const copy = join(home, 'native');
  log(`copying Postgres to ${copy}, where ${user.name} can reach it`);
  await cp(dirname(binDir), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

/** Anybody may write to /var/tmp, so a folder that is there already must be the user's own. */
async function mkdirOf(user: OsUser, dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const { uid } = await lstat(dir);
    if (uid !== user.uid)
      throw new Error(`${dir} belongs to user ${uid}, not to ${user.name}: remove it`, { cause: error });
    return;
  }
  await chown(dir, user.uid, user.gid);
  await chmod(dir, 0o700);
}

async function canReach(user: OsUser, dir: string): Promise<boolean> {
  try {
    await runCommand('test', ['-x', dir], { user, cwd: '/' });
    return true;
  } catch {
    return false; // "no" is the exit code 1
  }
}
