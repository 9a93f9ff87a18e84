import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '../../store/connection.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { baton } from './command.ts';

let database: TestDatabase;
let admin: Pool;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createPool({ url: database.adminUrl, max: 1, name: 'test' });
  directory = await mkdtemp(join(tmpdir(), 'baton-test-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await admin.end();
  await database.drop();
});

describe('baton migrate', () => {
  test('brings an empty database to the schema, and a second time finds nothing to do', async () => {
    const name = `baton_test_${uuid().replaceAll('-', '')}`;
    await admin.query(`CREATE DATABASE ${name}`);
    try {
      const url = new URL(database.adminUrl);
      url.pathname = `/${name}`;
      // As a file, as secrets are given to containers.
      const file = join(directory, 'url');
      await writeFile(file, `${url.href}\n`);
      const first = await baton(['migrate'], { BATON_DATABASE_URL_FILE: file });
      expect(first).toMatchObject({ code: 0, out: expect.stringContaining('applied 0001_accounts') as string });
      expect(await baton(['migrate'], { BATON_DATABASE_URL: url.href })).toMatchObject({
        code: 0,
        out: 'nothing to apply',
      });
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  test('sets the logins of all processes or of none', async () => {
    const own = { BATON_DATABASE_URL: database.adminUrl, BATON_API_PASSWORD: 'baton' };
    const some = await baton(['migrate'], own);
    expect(some).toMatchObject({ code: 2, err: expect.stringContaining('Set all of BATON_API_PASSWORD') as string });
    const all = await baton(['migrate'], {
      ...own,
      BATON_WORKER_PASSWORD: 'baton',
      BATON_COURIER_PASSWORD: 'baton',
    });
    expect(all).toMatchObject({ code: 0, out: expect.stringContaining('logins of api, worker and courier') as string });
  });

  test('says what failed, and never where the database is or with which password', async () => {
    const url = 'postgres://baton:very-secret@127.0.0.1:1/none';
    const { code, out, err } = await baton(['migrate'], { BATON_DATABASE_URL: url });
    expect(err).toContain('ECONNREFUSED');
    expect(out + err).not.toContain('very-secret');
    expect(code).toBe(2);
  });
});

describe('baton bundle', () => {
  test('writes what workers load and replays take', async () => {
    const file = join(directory, 'bundle.js');
    expect(await baton(['bundle', file])).toMatchObject({ code: 0, out: `wrote ${file}` });
    expect((await readFile(file, 'utf8')).length).toBeGreaterThan(100_000);
    const golden = new URL('../replay/histories/timer-session.json', import.meta.url).pathname;
    const replayed = await baton(['replay', golden, '--bundle', file], { BATON_BUILD: 'stack' });
    expect(replayed).toMatchObject({ code: 0, out: expect.stringContaining('same') as string });
  });
});

describe('baton', () => {
  test('helps', async () => {
    const { code, out } = await baton(['--help']);
    for (const command of ['audit', 'verify', 'replay', 'export', 'migrate', 'bundle']) expect(out).toContain(command);
    expect(out).toContain('Exit code');
    expect(code).toBe(0);
  });
});
