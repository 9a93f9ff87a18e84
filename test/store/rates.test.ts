/** The rate of a connection, as all workers share it: who goes when, by the times that they give. */
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { blockConnection, type Rate } from '../../store/rates.ts';
import type { SeededAccount } from '../support/account.ts';
import { addDesk } from '../support/conversation-rows.ts';
import { createTestDatabase, seedAccount, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
let account: SeededAccount;
let accountId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.workerUrl, max: 16, name: 'test-rates' });
  const arranging = createPool({ url: database.arrangerUrl, max: 1, name: 'test' });
  account = await seedAccount(arranging);
  ({ accountId } = account);
  await arranging.end();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const T0 = 1_760_000_000_000;

/** One connection. `take`: epoch ms of its turn; null: it goes now. */
function connection(rate: Rate, id = uuid()) {
  const take = (at: number, turn: number | null = null): Promise<number | null> =>
    inAccount(pool, accountId, async (tx) => {
      const { rows } = await tx.query<{ turn: number | null }>(
        `SELECT extract(epoch FROM take_turn($1, $2, $3, $4, $5))::float8 * 1000 AS turn`,
        [accountId, id, new Date(at), turn === null ? null : new Date(Math.floor(turn)), rate],
      );
      return rows[0]?.turn ?? null;
    });
  const block = (until: number) => inAccount(pool, accountId, (tx) => blockConnection(tx, accountId, id, until));
  return { take, block };
}

test('as many as the burst go at once; all others get times of their own, an interval apart', async () => {
  const { take } = connection({ perSecond: 10, burst: 5 });
  const turns = await Promise.all(Array.from({ length: 30 }, () => take(T0)));
  expect(turns.filter((turn) => turn === null)).toHaveLength(5);
  const later = turns.flatMap((turn) => turn ?? []).toSorted((one, other) => one - other);
  expect(later).toEqual(Array.from({ length: 25 }, (_, n) => T0 + (n + 1) * 100));
});

test('who comes at its time goes, though others ask meanwhile; those wait behind it', async () => {
  const { take } = connection({ perSecond: 1, burst: 1 });
  expect(await take(T0)).toBeNull();
  expect(await take(T0)).toBe(T0 + 1_000);
  expect(await take(T0 + 999)).toBe(T0 + 2_000);
  expect(await take(T0 + 1_000, T0 + 1_000)).toBeNull();
  expect(await take(T0 + 2_000, T0 + 2_000)).toBeNull();
  expect(await take(T0 + 3_000)).toBeNull();
});

test('who comes much too late has no right left that would make it one too many', async () => {
  const { take } = connection({ perSecond: 10, burst: 1 });
  const turns = await Promise.all(Array.from({ length: 41 }, () => take(T0)));
  const late = T0 + 60_000;
  const then = await Promise.all(turns.flatMap((turn) => (turn === null ? [] : [take(late, turn)])));
  expect(then.filter((turn) => turn === null)).toHaveLength(11);
  const again = then.flatMap((turn) => turn ?? []).toSorted((one, other) => one - other);
  expect(new Set(again).size).toBe(29);
  expect(again[0]).toBeGreaterThan(late);
});

describe('a Retry-After', () => {
  test('lets nobody through before its end, and afterwards no more than the rate does', async () => {
    const { take, block } = connection({ perSecond: 10, burst: 1 });
    expect(await take(T0)).toBeNull();
    const promised = await take(T0);
    await block(T0 + 5_000);
    const turns = [await take(T0 + 1_000, promised), await take(T0 + 1_000), await take(T0 + 4_999)];
    expect(turns).toEqual([T0 + 5_000, T0 + 5_100, T0 + 5_200]);
  });

  test('of another connection changes nothing', async () => {
    await connection({ perSecond: 1, burst: 1 }).block(T0 + 5_000);
    expect(await connection({ perSecond: 1, burst: 1 }).take(T0)).toBeNull();
  });
});

test(
  'property: whoever comes when, no time has more than the rate, and everybody goes',
  { timeout: 120_000 },
  async () => {
    const rates = fc.record({ perSecond: fc.constantFrom(0.5, 1, 3, 10, 30), burst: fc.integer({ min: 1, max: 8 }) });
    const arrivals = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 25 });
    const delays = fc.array(fc.constantFrom(0, 0, 3, 40, 400, 999, 5_000), { minLength: 7, maxLength: 7 });
    const blocks = fc.option(fc.record({ at: fc.integer({ max: 3_000, min: 0 }), ms: fc.constantFrom(50, 2_000) }));
    await fc.assert(
      fc.asyncProperty(rates, arrivals, delays, blocks, async (rate, comes, lateBy, blocked) => {
        const { take, block } = connection(rate);
        const waiting: { at: number; turn: number | null }[] = comes.map((at) => ({ at: T0 + at, turn: null }));
        const went: number[] = [];
        let until = 0;
        for (let n = 0; waiting.length > 0; n += 1) {
          expect(n).toBeLessThan(comes.length * 12);
          waiting.sort((one, other) => one.at - other.at);
          const { at, turn } = waiting.shift() ?? { at: 0, turn: null };
          if (blocked !== null && until === 0 && at >= T0 + blocked.at) await block((until = at + blocked.ms));
          const next = await take(at, turn);
          expect(next ?? Infinity).toBeGreaterThan(at);
          expect(next === null && at < until).toBe(false);
          if (next === null) went.push(at);
          else waiting.push({ at: Math.ceil(next) + (lateBy[n % 7] ?? 0), turn: next });
        }
        for (const [first, from] of went.entries()) {
          for (const [beyond, to] of went.slice(first).entries()) {
            expect(beyond + 1).toBeLessThanOrEqual(rate.burst + rate.perSecond * ((to - from) / 1_000 + 1) + 0.01);
          }
        }
      }),
      { numRuns: 60 },
    );
  },
);

test.each([
  ['channels', 'channelId'],
  ['bots', 'botId'],
  ['desks', 'deskId'],
] as const)('whoever saves one of the %s ends its pause, and nobody else’s', async (table, which) => {
  const api = createPool({ url: database.apiUrl, max: 1, name: 'test-api' });
  const ids = { ...account, deskId: await addDesk(api, accountId) };
  const paused = connection({ perSecond: 10, burst: 1 }, ids[which]);
  const other = connection({ perSecond: 10, burst: 1 });
  await Promise.all([paused, other].map(({ block }) => block(T0 + 86_400_000)));
  expect(await paused.take(T0)).toBe(T0 + 86_400_000);
  await inAccount(api, accountId, (tx) =>
    tx.query(`UPDATE ${table} SET name = name WHERE account_id = $1 AND id = $2`, [accountId, ids[which]]),
  );
  await api.end();
  expect(await paused.take(T0)).toBeNull();
  expect(await other.take(T0)).toBe(T0 + 86_400_000);
});
