/** Signed checkpoints on a real database: who makes them, what is in them, and what they show of a changed record. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actorFormat } from '../../store/actor-state.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import type { StoredEvent } from '../../store/event-log.ts';
import { parseDocument, type CheckpointDocument } from '../../worker/audit/checkpoints/document.ts';
import type { ConversationFile } from '../../worker/audit/export/schema.ts';
import { startCheckpoints, sweepCheckpoints } from '../../worker/checkpoint-sweep.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { fill } from '../bench/checkpoints/heads.ts';
import { createTestDatabase, seedAccount, type SeededAccount, type TestDatabase } from '../support/database.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { cutAfter, rewriteFrom, underAttack, type Attack } from './attacks.ts';
import { baton, type Said } from './command.ts';
import { actorOf, keyPair, madeUpFile } from './offline/made-up.ts';
import { insertConversation } from './rows.ts';

let database: TestDatabase;
let admin: Pool;
let pools: Pool[];
let account: SeededAccount;
const keys = keyPair();
const hour = 3_600_000;
const noon = Date.parse('2026-01-01T12:00:00Z');
const sample = madeUpFile(keys.signer).events.map((event) => ({ ...event, messageId: null, digest: null }));

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createPool({ url: database.adminUrl, max: 2, name: 'test' });
  pools = Array.from({ length: 4 }, () => createPool({ url: database.workerUrl, max: 2, name: 'test' }));
});
afterAll(async () => {
  await Promise.all([admin, ...pools].map((pool) => pool.end()));
  await database.drop();
});

/** As one worker whose clock says so. */
const sweepAt = (now: number, pool = required(pools[0]), signer = keys.signer): Promise<number> =>
  sweepCheckpoints({ pool, signer, clock: () => now, logger: pino({ level: 'silent' }) });

/** A conversation with this many events, each chained as the record chains it. */
async function converse(events: number): Promise<ActorId> {
  const id = {
    accountId: account.accountId,
    conversationId: await insertConversation(admin, account, { wakeAt: null }),
  };
  await record(id, sample.slice(0, events));
  return id;
}

async function record({ accountId, conversationId }: ActorId, events: StoredEvent[]): Promise<void> {
  await inAccount(admin, accountId, async (tx) => {
    const { rows } = await tx.query<{ no: number; head: string }>(
      'SELECT event_no AS no, head FROM actors WHERE account_id = $1 AND conversation_id = $2 FOR UPDATE',
      [accountId, conversationId],
    );
    const { no, head } = required(rows[0]);
    const added = events.map(({ type, at, data }) => ({ type, at, data, messageId: null }));
    const last = required(events.at(-1));
    await tx.query(
      `UPDATE actors SET event_no = $4, version = $5, format = $6, state = $7,
         head = append_events($1, $2, $3, event_no, head, $5, at_ms($8))
       WHERE account_id = $1 AND conversation_id = $2 AND event_no = $9 AND head = $10`,
      [
        accountId,
        conversationId,
        JSON.stringify(added),
        no + events.length,
        last.version,
        actorFormat,
        JSON.stringify(actorOf(sample.slice(0, no + events.length)).state),
        last.at,
        no,
        head,
      ],
    );
  });
}

async function documents(): Promise<CheckpointDocument[]> {
  const { rows } = await inAccount(admin, account.accountId, (tx) =>
    tx.query<{ document: string }>('SELECT document FROM checkpoints WHERE account_id = $1 ORDER BY no', [
      account.accountId,
    ]),
  );
  return rows.map(({ document }) => required(parseDocument(document)));
}

const says = (args: string[], publicKeys = keys.publicText): Promise<Said> =>
  baton(args, {
    BATON_DATABASE_URL: database.workerUrl,
    BATON_ACCOUNT: account.accountId,
    BATON_CHECKPOINT_PUBLIC_KEYS: publicKeys,
  });

describe('the sweep', () => {
  beforeAll(async () => {
    account = await seedAccount(admin);
  });

  test('makes none for an account in which nothing was recorded', async () => {
    expect(await sweepAt(noon)).toBe(0);
  });

  test('makes one for the hour that has ended, with every head', async () => {
    await converse(3);
    await converse(5);
    expect(await sweepAt(noon + 59_000)).toBe(1);
    expect(await documents()).toMatchObject([
      {
        no: 1,
        hour: '2026-01-01T12:00:00.000Z',
        madeAt: '2026-01-01T12:00:59.000Z',
        previous: '',
        heads: 2,
        conversations: 2,
        events: 8,
      },
    ]);
  });

  test('makes no other in the same hour', async () => {
    expect(await sweepAt(noon + hour - 1)).toBe(0);
  });

  test('makes exactly one, however many workers sweep at once', async () => {
    await converse(2);
    const made = await Promise.all(pools.map((pool) => sweepAt(noon + hour, pool)));
    expect(made.reduce((sum, one) => sum + one)).toBe(1);
    expect((await documents()).map(({ no, heads }) => [no, heads])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test('lists only what has changed since, and makes up the hours in which nobody swept', async () => {
    const id = await converse(1);
    expect(await sweepAt(noon + 4 * hour)).toBe(3);
    const made = (await documents()).slice(2);
    expect(made.map((one) => [one.hour, one.madeAt, one.heads])).toEqual([
      ['2026-01-01T14:00:00.000Z', '2026-01-01T16:00:00.000Z', 1],
      ['2026-01-01T15:00:00.000Z', '2026-01-01T16:00:00.000Z', 0],
      ['2026-01-01T16:00:00.000Z', '2026-01-01T16:00:00.000Z', 0],
    ]);
    await record(id, sample.slice(1, 4));
    expect(await sweepAt(noon + 5 * hour)).toBe(1);
    expect((await documents()).at(-1)).toMatchObject({ heads: 1, conversations: 4, events: 14 });
  });

  test('covers what commits late, by the next one', async () => {
    const late = {
      accountId: account.accountId,
      conversationId: await insertConversation(admin, account, { wakeAt: null }),
    };
    let commit = (): void => undefined;
    const recorded = new Promise<void>((resolve) => (commit = resolve));
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const slow = inAccount(admin, account.accountId, async (tx) => {
      await tx.query('SELECT pg_current_xact_id()');
      begun();
      await recorded;
      await tx.query(
        `UPDATE actors SET event_no = 1, head = append_events($1, $2, $3, 0, '', 1, at_ms($4))
         WHERE account_id = $1 AND conversation_id = $2`,
        [late.accountId, late.conversationId, JSON.stringify([{ ...sample[0] }]), sample[0]?.at],
      );
    });
    await hasBegun;
    // With a later transaction's number that commits earlier.
    await converse(1);
    await sweepAt(noon + 6 * hour);
    commit();
    await slow;
    await sweepAt(noon + 7 * hour);
    const { rows } = await inAccount(admin, account.accountId, (tx) =>
      tx.query('SELECT no FROM checkpoint_heads WHERE account_id = $1 AND conversation_id = $2', [
        late.accountId,
        late.conversationId,
      ]),
    );
    expect(rows).toHaveLength(1);
  });

  test('is held up by no account for which it can make none', async () => {
    const [first, second] = [await seedAccount(admin), await seedAccount(admin)].toSorted((a, b) =>
      a.accountId < b.accountId ? -1 : 1,
    );
    const own = account;
    for (const one of [first, second]) {
      account = required(one);
      await converse(1);
    }
    account = own;
    const sign = (document: string): string => {
      if (document.includes(required(first).accountId)) throw new Error('no');
      return keys.signer.sign(document);
    };
    await sweepAt(noon + 7 * hour, pools[0], { ...keys.signer, sign });
    const { rows } = await admin.query<{ id: string }>('SELECT account_id AS id FROM checkpoints GROUP BY 1');
    expect(rows.map(({ id }) => id).toSorted()).toEqual([own.accountId, required(second).accountId].toSorted());
  });

  test('lists all anew in another cluster, where transactions are counted anew', async () => {
    await admin.query(`UPDATE checkpoints SET system_id = 'another', up_to = '9000000000'::xid8`);
    await sweepAt(noon + 8 * hour);
    const last = required((await documents()).at(-1));
    expect(last.heads).toBe(last.conversations);
  });
});

describe('a checkpoint of many heads', () => {
  const heads = 2_500;
  beforeAll(async () => {
    await sweepAt(noon); // what other tests have left
    account = await seedAccount(admin);
    await fill(admin, account, heads);
  });

  test('is there for nobody until it is whole, and a part that a dead worker left is made anew', async () => {
    const id = await converse(2);
    const dead = createPool({ url: database.workerUrl, max: 1, name: 'dies' });
    const swept = await withNoneSigned(async () => {
      const dies = sweepAt(noon, dead);
      await until(async () => (await storedHeads()).length === heads + 1);
      expect(await sweepAt(noon)).toBe(0);
      expect((await says(['verify', id.conversationId])).out).toContain('the account has no signed checkpoints');
      await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dies'`);
      return dies;
    });
    await dead.end();
    expect([swept, await documents()]).toEqual([0, []]);
    await record(id, sample.slice(2, 3));
    expect(await sweepAt(noon)).toBe(1);
    expect(await documents()).toMatchObject([{ no: 1, heads: heads + 1, events: 2 * heads + 3 }]);
    expect((await storedHeads()).filter((one) => one.id === id.conversationId)).toMatchObject([{ eventNo: 3 }]);
    expect((await says(['verify', id.conversationId])).out).toContain('vouch for every event up to 3');
  });

  test('is written in short transactions, so that none holds the feed', async () => {
    const perTransaction = new Map<string, number>();
    for (const { by } of await storedHeads()) perTransaction.set(by, (perTransaction.get(by) ?? 0) + 1);
    expect([...perTransaction.values()].toSorted((a, b) => b - a)).toEqual([1_000, 1_000, 501]);
  });

  test('loses no head once it is signed, whoever asks for it', async () => {
    await admin.query('SELECT remove_unsigned_heads($1, 1000)', [account.accountId]);
    expect(await storedHeads()).toHaveLength(heads + 1);
  });

  /** Whoever writes a signed row waits meanwhile. */
  async function withNoneSigned<T>(work: () => Promise<T>): Promise<T> {
    const client = await admin.connect();
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE checkpoints IN SHARE MODE');
      return await work();
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  async function storedHeads(): Promise<{ id: string; eventNo: number; by: string }[]> {
    const { rows } = await admin.query<{ id: string; eventNo: number; by: string }>(
      `SELECT conversation_id AS id, event_no AS "eventNo", xmin::text AS by FROM checkpoint_heads WHERE account_id = $1`,
      [account.accountId],
    );
    return rows;
  }
});

test('a worker with a key makes them by itself; one without says that it makes none', async () => {
  account = await seedAccount(admin);
  await converse(2);
  const told: string[] = [];
  const options = {
    pool: required(pools[0]),
    clock: () => noon + 8 * hour,
    logger: pino({}, { write: (line) => void told.push(line) }),
  };
  expect(startCheckpoints(undefined, options)).toEqual([]);
  const sweeps = startCheckpoints(keys.privateText, options);
  await until(async () => (await documents()).length === 1);
  await Promise.all(sweeps.map((sweep) => sweep.stop()));
  expect(told.join('')).toMatch(/there is no BATON_CHECKPOINT_KEY.*\n.*checkpoints are signed/);
  expect(told.join('')).toContain(keys.signer.keyId);
  expect(told.join('')).not.toContain(keys.privateText.split('\n')[1]);
});

describe('R18: a checkpoint', () => {
  let id: ActorId;
  let folder: string;
  beforeAll(async () => {
    account = await seedAccount(admin);
    id = await converse(6);
    await converse(4);
    await sweepAt(noon);
    await record(id, sample.slice(6, 9));
    await sweepAt(noon + hour);
    await record(id, sample.slice(9, 12));
    folder = await mkdtemp(join(tmpdir(), 'baton-checkpoints-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const verify = (publicKeys?: string): Promise<Said> => says(['verify', id.conversationId], publicKeys);
  const attacked = (attack: Attack): Promise<Said> => underAttack(admin, id, attack, () => verify());

  test('vouches for what it covers, and the rest is said to be anchored by nothing', async () => {
    const { code, out } = await verify();
    expect(out).toContain('signed checkpoints of 2 hours vouch for every event up to 9; the account');
    expect(out).toContain('newest is that of 2026-01-01T13:00:00.000Z');
    expect(out).toContain('events 10 to 12: nothing anchors this yet');
    expect(code).toBe(0);
  });

  test('shows a rewritten record where no history is at hand, and between which hours', async () => {
    const { code, out } = await attacked(rewriteFrom(8));
    expect(out).toContain(
      'WRONG     events 7 to 9: not what was recorded: the checkpoint of 2026-01-01T13:00:00.000Z has another head',
    );
    expect(code).toBe(1);
  });

  test('shows a cut end, with all rows made to fit', async () => {
    const { out } = await attacked(cutAfter(5, { covered: true }));
    expect(out).toContain('WRONG     events 6 to 9: missing: the checkpoint of 2026-01-01T13:00:00.000Z has the head');
  });

  test('can’t be forged together with the rows, and can’t be taken out of the row of them', async () => {
    const forged = await underCheckpointAttack([
      `UPDATE checkpoints SET document = replace(document, '"events":13', '"events":12') WHERE account_id = $1 AND no = 2`,
    ]);
    expect(forged.out).toContain('the signature of the checkpoint of 2026-01-01T13:00:00.000Z is wrong');
    const gone = await underCheckpointAttack([
      'DELETE FROM checkpoint_heads WHERE account_id = $1 AND no = 2',
      'DELETE FROM checkpoints WHERE account_id = $1 AND no = 2',
      `INSERT INTO checkpoints SELECT account_id, 3, hour + interval '2 hours', document, key_id, signature, up_to, system_id
       FROM checkpoints WHERE account_id = $1 AND no = 1`,
    ]);
    expect(gone.out).toContain('is missing, or not the one that it follows');
    expect(gone.code).toBe(1);
  });

  test('that is the newest can be taken away: then it is said how far nothing anchors, and of when the newest is', async () => {
    const { code, out } = await underCheckpointAttack([
      'DELETE FROM checkpoint_heads WHERE account_id = $1 AND no = 2',
      'DELETE FROM checkpoints WHERE account_id = $1 AND no = 2',
    ]);
    expect(out).toContain('vouch for every event up to 6; the account');
    expect(out).toContain('newest is that of 2026-01-01T12:00:00.000Z');
    expect(out).toContain('events 7 to 12: nothing anchors this yet');
    expect(code).toBe(0);
  });

  test('goes with the file, which verifies with the public key alone', async () => {
    const exported = await says(['export', id.conversationId, '--to', folder]);
    const file = required(/^wrote (.+)$/m.exec(exported.out)?.[1]);
    expect((JSON.parse(await readFile(file, 'utf8')) as ConversationFile).checkpoints).toHaveLength(2);
    const verified = await baton(['verify', file], { BATON_CHECKPOINT_PUBLIC_KEYS: keys.publicText });
    expect(verified.out).toContain('signed checkpoints of 2 hours vouch for every event up to 9');
    expect(verified.code).toBe(0);
    const both = await says(['verify', id.conversationId, '--with', folder]);
    expect(both.out).toContain('signed checkpoints of 2 hours');
    // And holds against a database that has lost them.
    const all = ['DELETE FROM checkpoint_heads WHERE account_id = $1', 'DELETE FROM checkpoints WHERE account_id = $1'];
    const lost = await underCheckpointAttack(all);
    expect(lost.out).toContain('the account has no signed checkpoints');
    const kept = await underCheckpointAttack(all, () => says(['verify', id.conversationId, '--with', folder]));
    expect(kept.out).toContain('signed checkpoints of 2 hours vouch for every event up to 9');
  });

  test('without a key to judge by says so, and with another’s is told apart', async () => {
    const none = await verify('');
    expect(none.out).toMatch(
      /checkpoints of 2 hours, signed with \w{16}: without BATON_CHECKPOINT_PUBLIC_KEYS nobody can say by whom/,
    );
    expect(none.out).toContain('events 1 to 12: nothing anchors this yet');
    expect(none.code).toBe(0);
    const other = await verify(keyPair().publicText);
    expect(other.out).toContain(`is signed with the key ${keys.signer.keyId}, which is not known here`);
    expect(other.code).toBe(1);
    const bad = await verify('nothing');
    expect(bad).toMatchObject({
      code: 2,
      err: expect.stringContaining('BATON_CHECKPOINT_PUBLIC_KEYS: Ed25519') as string,
    });
  });

  test('of a new key joins those of the old one', async () => {
    const next = keyPair();
    await sweepAt(noon + 2 * hour, pools[0], next.signer);
    const { code, out } = await verify(`${keys.publicText}${next.publicText}`);
    expect(out).toContain('signed checkpoints of 3 hours vouch for every event up to 12');
    expect(out).not.toContain('nothing anchors');
    expect(code).toBe(0);
  });

  async function underCheckpointAttack(statements: string[], look: () => Promise<Said> = verify): Promise<Said> {
    const tables = ['checkpoints', 'checkpoint_heads'];
    for (const table of tables) await admin.query(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
    try {
      await inAccount(admin, id.accountId, async (tx) => {
        for (const statement of statements) await tx.query(statement, [id.accountId]);
      });
      return await look();
    } finally {
      await inAccount(admin, id.accountId, async (tx) => {
        for (const table of tables.toReversed()) await tx.query(`DELETE FROM ${table}`);
        for (const table of tables) await tx.query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
      });
      for (const table of tables) await admin.query(`DROP TABLE kept_${table}`);
    }
  }
});

describe('R18: baton verify --all', () => {
  let gone: ActorId;
  let kept: ActorId;
  beforeAll(async () => {
    account = await seedAccount(admin);
    kept = await converse(3);
    await sweepAt(noon);
    gone = await converse(4);
    await record(kept, sample.slice(3, 5));
    await sweepAt(noon + hour);
    await record(kept, sample.slice(5, 6));
  });

  const deleteAll = (...tables: string[]): Promise<void> =>
    inAccount(admin, gone.accountId, async (tx) => {
      for (const table of tables) {
        const column = table === 'conversations' ? 'id' : 'conversation_id';
        await tx.query(`DELETE FROM ${table} WHERE account_id = $1 AND ${column} = $2`, [
          gone.accountId,
          gone.conversationId,
        ]);
      }
    });

  test('finds an account whole, and says how much nothing anchors yet', async () => {
    const { code, out } = await says(['verify', '--all']);
    expect(out).toBe(
      '2 conversations, 0 of them wrong; checkpoints of 2 hours\n1 events in 1 of them are anchored by nothing yet',
    );
    expect(code).toBe(0);
  });

  test('names what is wrong with a conversation', async () => {
    const { code, out } = await underAttack(admin, kept, rewriteFrom(4), () => says(['verify', '--all']));
    expect(out).toContain(`WRONG     conversation ${kept.conversationId}: events 4 to 5: not what was recorded: `);
    expect(out).toContain('2 conversations, 1 of them wrong');
    expect(code).toBe(1);
  });

  test('gives machines the same', async () => {
    const said = JSON.parse((await says(['verify', '--all', '--json'])).out) as object;
    expect(said).toMatchObject({ good: true, checkpoints: { hours: 2, problems: [] } });
  });

  test('misses a conversation that is gone with all its rows', async () => {
    await deleteAll('domain_events', 'actors', 'mailboxes', 'conversations');
    const { code, out } = await says(['verify', '--all']);
    expect(out).toContain(
      `conversation ${gone.conversationId}: it is gone: the checkpoint of 2026-01-01T13:00:00.000Z has the head of its event 4`,
    );
    expect(code).toBe(1);
  });

  test('and one of which the checkpoints’ rows are gone, too', async () => {
    await deleteAll('checkpoint_heads');
    const { code, out } = await says(['verify', '--all']);
    expect(out).toContain('the account: of the 2 heads of the checkpoint of 2026-01-01T13:00:00.000Z 1 are there');
    expect(code).toBe(1);
  });

  test('misses the first checkpoints', async () => {
    await inAccount(admin, kept.accountId, async (tx) => {
      await tx.query('DELETE FROM checkpoint_heads WHERE account_id = $1 AND no = 1', [kept.accountId]);
      await tx.query('DELETE FROM checkpoints WHERE account_id = $1 AND no = 1', [kept.accountId]);
    });
    const { out } = await says(['verify', '--all']);
    expect(out).toContain('the account: the checkpoints before that of 2026-01-01T13:00:00.000Z are missing');
  });

  test.each([[[]], [['--all', 'x']]])('wants one thing or the other: %j', async (args: string[]) => {
    const { code, err } = await says(['verify', ...args]);
    expect(err).toContain('Verify what?');
    expect(code).toBe(2);
  });
});
