import pg from 'pg';
import { createLogins, migrate, type Role, roleUrls } from '../store/migrate.ts';
import type { Log } from './servers/log.ts';

/** A name of its own: the server may be one that was there before (`DATABASE_URL`). */
const NAME = 'baton_dev';

/** Where each role logs in to a database that has the schema of this checkout; `owner` is its superuser. */
export async function prepareDatabase(
  adminUrl: string,
  passwords: Record<Role, string>,
  log: Log,
): Promise<Record<Role | 'owner', string>> {
  await createIfMissing(adminUrl);
  const owner = new URL(adminUrl);
  owner.pathname = `/${NAME}`;
  const applied = await migrate(owner.href);
  if (applied.length > 0) log(`applied ${applied.length} migrations`);
  await createLogins(owner.href, passwords);
  return { ...roleUrls(owner.href, passwords), owner: owner.href };
}

async function createIfMissing(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`);
  } finally {
    await client.end();
  }
}
