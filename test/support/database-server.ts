/**
 * Databases that cost a fraction of a second: copies of a template that the first caller migrates. The roles are the
 * production's: what a process may not do there, it may not do in a test.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { createLogins, migrate, roleUrls } from '../../store/migrate.ts';

export interface TestDatabase {
  /** Superuser: for what no role of ours may do. */
  adminUrl: string;
  apiUrl: string;
  workerUrl: string;
  courierUrl: string;
  /** For what a test arranges: every right on every table, and one account at a time, as for the processes. */
  arrangerUrl: string;
  drop(): Promise<void>;
}

const arranger = 'test_arranger';
const passwords = { api: 'baton', worker: 'baton', courier: 'baton' };
/** Any number, as long as all who make a template on one server use the same. */
const templateLock = 4_217_001;
const migrations = new URL('../../store/migrations/', import.meta.url);

/** `serverUrl`: superuser's, of any database of the server. */
export async function createDatabaseOn(serverUrl: string): Promise<TestDatabase> {
  const name = `baton_test_${uuid().replaceAll('-', '')}`;
  const template = await ensureTemplate(serverUrl);
  await run(serverUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const adminUrl = databaseUrl(serverUrl, name);
  const urls = roleUrls(adminUrl, passwords);
  return {
    adminUrl,
    apiUrl: urls.api,
    workerUrl: urls.worker,
    courierUrl: urls.courier,
    arrangerUrl: arrangerUrl(adminUrl),
    drop: async () => {
      await run(serverUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** The template is named after the migrations that it holds, and gets its name when it is complete. */
async function ensureTemplate(serverUrl: string): Promise<string> {
  const template = `baton_template_${await migrationsDigest()}`;
  await run(serverUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [templateLock]); // until the connection ends
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (found.rowCount !== 0) {
      return;
    }
    const unfinished = `${template}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    await migrate(databaseUrl(serverUrl, unfinished));
    await createLogins(databaseUrl(serverUrl, unfinished), passwords);
    await run(databaseUrl(serverUrl, unfinished), createArranger);
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
  });
  return template;
}

/** Row-level security binds it as it binds the roles that it belongs to. */
async function createArranger(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [arranger]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${arranger} LOGIN PASSWORD 'baton'`);
  await client.query(`GRANT baton_api, baton_worker TO ${arranger}`);
  await client.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${arranger}`);
}

function arrangerUrl(adminUrl: string): string {
  const url = new URL(adminUrl);
  [url.username, url.password] = [arranger, 'baton'];
  return url.href;
}

async function migrationsDigest(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(migrations)).toSorted()) {
    hash.update(file).update(await readFile(new URL(file, migrations)));
  }
  return hash.digest('hex').slice(0, 12);
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function run(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
