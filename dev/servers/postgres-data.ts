import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from './error-codes.ts';
import type { Log } from './log.ts';
import type { OsUser } from './os-user.ts';
import { runCommand } from './run-command.ts';

/**
 * The password of the superuser `postgres`, which lies in `dir`. If it does not, `dir` is new or was emptied, and data
 * that lies elsewhere for it is of no use to anybody and goes.
 */
export async function passwordFor(dir: string, pgdata: string): Promise<string> {
  const file = join(dir, 'password');
  const known = await readIfThere(file);
  if (known !== undefined) return known;
  await rm(pgdata, { recursive: true, force: true });
  const password = randomBytes(18).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

/** The major version that made the data; undefined if there is no data. */
export async function majorOfData(pgdata: string): Promise<number | undefined> {
  const version = await readIfThere(join(pgdata, 'PG_VERSION'));
  return version === undefined ? undefined : Number(version);
}

export type NewData = {
  pgdata: string;
  bin: string;
  major: number;
  password: string;
  user: OsUser | undefined;
  log: Log;
};

/** Makes the data in a folder beside it and moves it into place when complete, so a killed initdb leaves no half of it. */
export async function createData({ pgdata, bin, major, password, user, log }: NewData): Promise<void> {
  log(`creating Postgres ${major} data in ${pgdata}`);
  const unfinished = `${pgdata}.new`;
  const passwordFile = `${pgdata}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await Promise.all([unfinished, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await runCommand(join(bin, 'initdb'), ['-D', unfinished, ...access, '--encoding=UTF8', ...localeOf(major)], {
    user,
    cwd: '/',
  });
  await rm(passwordFile);
  await rename(unfinished, pgdata);
}

/** Sorts by code point, the same everywhere; upper and lower case for all alphabets, which the locale C has not. */
function localeOf(major: number): string[] {
  if (major >= 17) return ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const ctype = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
  return ['--locale=C', `--lc-ctype=${ctype}`];
}

async function readIfThere(file: string): Promise<string | undefined> {
  return (await ifThere(readFile(file, 'utf8')))?.trim();
}
