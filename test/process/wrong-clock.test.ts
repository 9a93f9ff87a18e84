/** A process on a machine whose clock is wrong, and is set while it runs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiClient } from '../../dev/api-client.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { readClock } from '../../store/clock.ts';
import { apiEnvironment, secret } from '../support/api-environment.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type OwnProcess, startOwnProcess } from '../support/own-process.ts';

const hourS = 3_600;

let database: TestDatabase;
let admin: Pool;
let dir: string;
let api: OwnProcess | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = createPool({ url: database.adminUrl, max: 1, name: 'test' });
  dir = await mkdtemp(join(tmpdir(), 'baton-clock-'));
});
afterAll(async () => {
  api?.child.kill('SIGKILL');
  await api?.ended;
  await admin.end();
  await database.drop();
  await rm(dir, { recursive: true });
});

test('R11: an API stores the true time, be its clock an hour behind when it starts or an hour ahead from one moment to the next', async () => {
  const file = join(dir, 'off-by');
  const set = (seconds: number): Promise<void> => writeFile(file, String(seconds));
  await set(-hourS);
  api = startOwnProcess('api/main.ts', {
    NODE_OPTIONS: `--import=${new URL('../support/stepped-date.js', import.meta.url).href}`,
    STEPPED_DATE_FILE: file,
    ...apiEnvironment(database),
  });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await api.says('Server listening'))?.[0] ?? '';
  expect(await api.says('the clock of this machine is wrong')).toMatch(/"offMs":-36\d{5},/);
  const operator = createApiClient(url, secret);
  const offMs = async (name: string): Promise<number> => {
    const { account } = await operator.post<{ account: { id: string } }>('/v1/accounts', { name });
    const { rows } = await admin.query<{ at: Date }>('SELECT created_at AS at FROM accounts WHERE id = $1', [
      account.id,
    ]);
    return Math.abs((rows[0]?.at.getTime() ?? 0) - (await readClock(admin)));
  };
  expect(await offMs('behind')).toBeLessThan(60_000);
  await set(hourS);
  expect(await offMs('ahead')).toBeLessThan(60_000);
});
