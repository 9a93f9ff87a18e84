/**
 * On a managed Postgres nobody is a superuser: whoever brings the schema owns the database and may create roles, no more.
 * A server of its own, because roles belong to the server: here there are none before.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Postgres, startPostgres } from '../../dev/servers/postgres.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { findApiKey } from '../../store/api-keys.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { createLogins, migrate, roleUrls } from '../../store/migrate.ts';
import { baton } from '../audit/command.ts';
import { createPostgresDataOf } from '../support/postgres-data-of.ts';
import { column } from './catalog.ts';

const passwords = { api: 'baton', worker: 'baton', courier: 'baton' };

// Since Postgres 16 whoever makes a role may give it away, and has none of its rights; before, it was all or nothing.
describe.each([15, 18])('on Postgres %i', (version) => {
  const dataDir = join(runsDir, `postgres-${randomUUID()}`);
  let server: Postgres;
  let admin: Pool;
  let owner: Pool;

  /** The owner's, of a database that holds nothing. */
  async function emptyDatabase(): Promise<string> {
    const url = new URL(server.adminUrl);
    const name = `baton_${randomUUID().replaceAll('-', '')}`;
    await admin.query(`CREATE DATABASE ${name} OWNER proprietor`);
    [url.username, url.password, url.pathname] = ['proprietor', 'baton', `/${name}`];
    return url.href;
  }

  let ownerUrl: string;
  beforeAll(async () => {
    vi.stubEnv('DATABASE_URL', undefined);
    await mkdir(dataDir, { recursive: true });
    await createPostgresDataOf(version, dataDir);
    server = await startPostgres({ dataDir, fsync: false, log: () => undefined });
    vi.unstubAllEnvs();
    admin = createPool({ url: server.adminUrl, max: 1, name: 'test-admin' });
    await admin.query(`CREATE ROLE proprietor LOGIN CREATEROLE PASSWORD 'baton'`);
    ownerUrl = await emptyDatabase();
    owner = createPool({ url: ownerUrl, max: 1, name: 'test-owner' });
  });
  afterAll(async () => {
    await Promise.all([owner.end(), admin.end()]);
    await server.stop();
    await removeDataDir(dataDir);
  });

  test('the owner brings an empty database to the schema, and then another one of the same server', async () => {
    expect((await migrate(ownerUrl)).length).toBeGreaterThan(0);
    expect(await migrate(ownerUrl)).toEqual([]);
    expect((await migrate(await emptyDatabase())).length).toBeGreaterThan(0);
  });

  test('the processes log in, and what runs as a narrow role does', async () => {
    await createLogins(ownerUrl, passwords);
    const api = createPool({ url: roleUrls(ownerUrl, passwords).api, max: 1, name: 'test-api' });
    const accountId = uuid();
    const hash = Buffer.alloc(32, 7);
    await inAccount(api, accountId, async (tx) => {
      await tx.query(`INSERT INTO accounts (id, name, created_at) VALUES ($1, 'One', now())`, [accountId]);
      await tx.query(
        `INSERT INTO api_keys (account_id, id, name, hash, scopes, created_at) VALUES ($1, $2, 'Key', $3, '{}', now())`,
        [accountId, uuid(), hash],
      );
    });
    expect(await findApiKey(api, hash)).toMatchObject({ accountId });
    await api.end();
  });

  test('the owner makes folds anew, and belongs to the role that may for as long as it takes', async () => {
    const said = await baton(['rebuild', '--all'], { BATON_DATABASE_URL: ownerUrl, BATON_ACCOUNT: uuid() });
    expect(said).toEqual({ code: 0, out: '0 conversations looked at', err: '' });
  });

  test('the owner is bound by row-level security, too, and keeps no right of the narrow roles', async () => {
    expect(await column(owner, 'SELECT hash::text FROM api_keys')).toEqual([]);
    expect(
      await column(
        owner,
        `SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'baton_') AND pg_has_role(current_user, oid, 'USAGE')`,
      ),
    ).toEqual([]);
  });
});
