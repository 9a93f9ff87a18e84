import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { createLogins, migrate, type Role, roleUrls } from '../store/migrate.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';
import type { Log } from './servers/log.ts';

/** A name of its own: the server may be one that was there before (`DATABASE_URL`). */
const NAME = 'baton_dev';
const migrations = new URL('../store/migrations/', import.meta.url);

export interface DatabaseOptions {
  adminUrl: string;
  passwords: Record<Role, string>;
  /** Where it is noted which migrations made the schema. */
  noted: string;
  log: Log;
}

/** Where each role logs in to a database that has the schema of this checkout. */
export async function prepareDatabase(options: DatabaseOptions): Promise<Record<Role, string>> {
  const { adminUrl, passwords, noted, log } = options;
  const digests = await digestsOfMigrations();
  if (await createIfMissing(adminUrl)) await writePrivateJson(noted, {});
  requireSame((await readPrivateJson<Digests>(noted)) ?? {}, digests);
  const owner = new URL(adminUrl);
  owner.pathname = `/${NAME}`;
  const applied = await migrate(owner.href);
  if (applied.length > 0) log(`applied ${applied.length} migrations`);
  await writePrivateJson(noted, digests);
  await createLogins(owner.href, passwords);
  return roleUrls(owner.href, passwords);
}

/** By file. */
type Digests = Record<string, string>;

async function digestsOfMigrations(): Promise<Digests> {
  const files = (await readdir(migrations)).toSorted();
  const digests = files.map(async (file): Promise<[string, string]> => {
    const text = await readFile(new URL(file, migrations));
    return [file, createHash('sha256').update(text).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(digests));
}

/** A migration that is not released yet may still change under data that an earlier form of it made. */
function requireSame(applied: Digests, now: Digests): void {
  const changed = Object.keys(applied).filter((file) => applied[file] !== now[file]);
  if (changed.length === 0) return;
  throw new Error(
    `The data here was made by other migrations than those of this checkout (${changed.join(', ')}).\n` +
      'Start with none: npm run dev -- --reset',
  );
}

/** True: it was. */
async function createIfMissing(adminUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME]);
    if (rowCount !== 0) return false;
    await client.query(`CREATE DATABASE ${NAME}`);
    return true;
  } finally {
    await client.end();
  }
}
