import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../store/connection.ts';
import { whyUnreachable } from '../../store/reachable.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test.each<[string, (url: URL) => void, string | null]>([
  ['one that answers is ready', () => undefined, null],
  ['one that is not there is away', (url) => (url.port = '1'), 'away'],
  ['one with another password refuses', (url) => (url.password = 'wrong'), 'refuses (28P01)'],
  ['a server without this database refuses', (url) => (url.pathname = '/none'), 'refuses (3D000)'],
])('Of a Postgres, readiness tells why it is of no use: %s', async (_name, change, why) => {
  const url = new URL(database.workerUrl);
  change(url);
  const pool = createPool({ url: url.href, max: 1, name: 'test' });
  expect(await whyUnreachable(pool)).toBe(why);
  await pool.end();
});
