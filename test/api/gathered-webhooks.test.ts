import { DatabaseError } from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { gatherWebhooks, type StoreIf } from '../../api/gathered-webhooks.ts';
import type { Inbound } from '../../store/inbound.ts';
import { required } from '../support/required.ts';

/** What the store was asked for, and how each is ended. */
interface Asked {
  items: (string | null)[];
  at: number;
  end(stored: boolean): void;
  fail(error: Error): void;
}

let asked: Asked[];
let storeIf: StoreIf;

beforeEach(() => {
  asked = [];
  storeIf = gatherWebhooks(
    ({ items, at }) =>
      new Promise((end, fail) => asked.push({ items: items.map((item) => item.externalId), at, end, fail })),
  );
});

function webhook(externalIds: string | string[], at = 1, sourceId = 'channel'): Inbound {
  const items = [externalIds].flat().map((externalId) => ({ kind: 'cancel' as const, externalId, thread: 'ann' }));
  return { accountId: 'account', sourceId, at, items };
}

const store = (ids: string | string[], at?: number): Promise<boolean> => storeIf(webhook(ids, at), 'v1');
const call = (index: number): Asked => required(asked[index]);
/** Until whoever was answered has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refused = (): Error => Object.assign(new DatabaseError('no', 2, 'error'), { code: '23514' });
const away = (): Error => Object.assign(new Error('gone'), { code: 'ECONNRESET' });

describe('webhooks of one channel', () => {
  it('are stored at once and alone, as long as few come', () => {
    void store('a');
    void store('b');
    expect(asked.map(({ items }) => items)).toEqual([['a'], ['b']]);
  });

  it('are stored together where two are being stored: in their order, by the time of the last', async () => {
    const all = [store('a'), store('b'), store('c', 5), store(['d', 'e'], 7), store('f', 6)];
    expect(asked).toHaveLength(2);
    call(0).end(true);
    await settled();
    expect(asked.slice(2)).toMatchObject([{ items: ['c', 'd', 'e', 'f'], at: 7 }]);
    call(1).end(true);
    call(2).end(true);
    expect(await Promise.all(all)).toEqual([true, true, true, true, true]);
    void store('g');
    await settled();
    expect(call(3).items).toEqual(['g']);
  });

  it('are not told that they are stored before they are', async () => {
    const told: string[] = [];
    void store('a');
    void store('b');
    for (const id of ['c', 'd']) void store(id).then(() => told.push(id));
    call(0).end(true);
    await settled();
    expect(told).toEqual([]);
    call(2).end(true);
    await settled();
    expect(told).toEqual(['c', 'd']);
  });

  it('all hear that the channel is another one by now', async () => {
    const all = [store('a'), store('b'), store('c'), store('d')];
    for (const index of [0, 1]) call(index).end(true);
    await settled();
    call(2).end(false);
    expect(await Promise.all(all)).toEqual([true, true, false, false]);
  });

  it('are at most a hundred items at a time, and one that has more goes alone', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `many-${index}`);
    for (const ids of ['a', 'b', 'c', many, 'd']) void store(ids);
    call(0).end(true);
    await settled();
    call(1).end(true);
    await settled();
    expect(asked.slice(2).map(({ items }) => items.length)).toEqual([1, 150]);
  });
});

describe('what fails', () => {
  it('fails alone where Postgres refuses what one of them brings: the others are stored', async () => {
    void store('a');
    void store('b');
    const [good, bad] = [store('good'), store('bad').catch((error: unknown) => error)];
    call(0).end(true);
    await settled();
    expect(call(2).items).toEqual(['good', 'bad']);
    call(2).fail(refused());
    await settled();
    expect(call(3).items).toEqual(['good']);
    call(3).end(true);
    await settled();
    expect(call(4).items).toEqual(['bad']);
    call(4).fail(refused());
    expect(await good).toBe(true);
    expect(await bad).toMatchObject({ code: '23514' });
  });

  it('fails for all where Postgres is away, without a try for each', async () => {
    void store('a');
    void store('b');
    const both = [store('c'), store('d')].map((one) => one.catch((error: unknown) => error));
    call(0).end(true);
    await settled();
    call(2).fail(away());
    expect(await Promise.all(both)).toMatchObject([{ code: 'ECONNRESET' }, { code: 'ECONNRESET' }]);
    await settled();
    expect(asked).toHaveLength(3);
    void store('e');
    expect(call(3).items).toEqual(['e']);
  });
});

it('channels, and versions of one, are never stored together', async () => {
  for (const id of ['a', 'b', 'c']) void store(id);
  void storeIf(webhook('other channel', 1, 'other'), 'v1');
  void storeIf(webhook('other version'), 'v2');
  expect(asked.map(({ items }) => items)).toEqual([['a'], ['b'], ['other channel'], ['other version']]);
  call(0).end(true);
  await settled();
  expect(call(4).items).toEqual(['c']);
});
