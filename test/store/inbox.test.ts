import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBacklogGauge, readBacklog } from '../../store/backlog.ts';
import { inAccount, type Pool } from '../../store/connection.ts';
import { dueActors, unrecordedMail } from '../../store/due-actors.ts';
import { acceptInbound } from '../../store/inbound.ts';
import { acceptCommand, putInInbox } from '../../store/inbox.ts';
import { holdMailbox, nextMail, putMailOff, releaseMailbox, setCursorBack, type Mail } from '../../store/mailboxes.ts';
import { forgetOutcomes } from '../../store/idempotency.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { withDatabase } from '../support/with-database.ts';

const at = Date.UTC(2026, 10, 22, 9);
const leaseMs = 5_000;

let account: SeededAccount;

const pools = withDatabase('api', 'worker', 'courier');
beforeEach(async () => {
  await pools.admin.query('UPDATE mailboxes SET handed_seq = last_seq, waiting_at = NULL, handed_at = NULL');
  account = await seedAccount(pools.api);
});

let written = 0;

async function write(thread: string, time = at): Promise<ActorId> {
  written += 1;
  const [answer] = await acceptInbound(pools.api, {
    accountId: account.accountId,
    sourceId: account.channelId,
    at: time,
    items: [
      { kind: 'message', externalId: `m${written}`, thread, contact: { externalId: thread }, content: { text: 'hi' } },
    ],
  });
  return { accountId: account.accountId, conversationId: answer?.conversationId ?? '' };
}

const next = (done: Mail | null = null, now = at, most = 200) => nextMail(pools.courier, { done, now, leaseMs, most });

async function nextRows(done: Mail | null = null, now = at): Promise<Mail> {
  const mail = await next(done, now);
  if (mail?.kind !== 'mail') throw new Error(`no mail, but ${mail?.kind ?? 'nothing'}`);
  return mail;
}

const placesOf = (mail: Mail): number[] => mail.rows.map(({ seq }) => seq);

describe('the courier takes what waits', () => {
  it('rows as the actor is given them: ids and codes, with place, type and time', async () => {
    const actor = await write('ann');
    const mail = await nextRows();
    expect(mail).toEqual({
      kind: 'mail',
      ...actor,
      generation: 0,
      more: false,
      rows: [{ seq: 1, type: 'CustomerWrote', at, messageId: expect.any(String) as string }],
    });
    expect(await next(mail)).toBeNull();
  });

  it('whoever has waited longest comes first, and one that gets more and more is not put back', async () => {
    const ann = await write('ann', at);
    const bob = await write('bob', at + 1);
    await write('ann', at + 2);
    const first = await nextRows(null, at + 10);
    expect(first).toMatchObject({ ...ann, more: true });
    expect(placesOf(first)).toEqual([1, 2]);
    expect(await nextRows(first, at + 10)).toMatchObject({ ...bob, more: false });
  });

  it('at most as many rows as asked for; the rest comes next', async () => {
    for (let n = 0; n < 5; n += 1) await write('ann');
    const first = await next(null, at, 3);
    const second = await next(first as Mail, at, 3);
    expect([first, second].map((mail) => placesOf(mail as Mail))).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('a mailbox on lease is left alone until the lease is over; then its rows come again', async () => {
    await write('ann');
    expect(placesOf(await nextRows())).toEqual([1]);
    await write('ann');
    expect(await next(null, at + leaseMs - 1)).toBeNull();
    expect(placesOf(await nextRows(null, at + leaseMs))).toEqual([1, 2]);
  });

  it('what could not be handed over is put off, and nothing of it is lost', async () => {
    await write('ann');
    const mail = await nextRows();
    await putMailOff(pools.courier, mail, at + 1_000);
    expect(await next(null, at + 999)).toBeNull();
    expect(placesOf(await nextRows(null, at + 1_000))).toEqual([1]);
  });

  it('what waits is found also while the transaction of its next row is still open', async () => {
    const actor = await write('ann');
    await inAccount(pools.api, account.accountId, async (tx) => {
      await putInInbox(tx, actor, { type: 'CustomerCancelled' }, { at });
      expect(await next()).toEqual({ kind: 'busy' });
    });
    expect(placesOf(await nextRows())).toEqual([1, 2]);
  });
});

describe('the cursor moves up only under the generation that was read', () => {
  it('an actor that asks again meanwhile gets everything again, whatever the courier then says', async () => {
    for (let n = 0; n < 3; n += 1) await write('ann');
    const mail = await nextRows();
    await setCursorBack(pools.worker, mail, 1, at);
    const again = await nextRows(mail);
    expect(again.generation).toBe(mail.generation + 1);
    expect(placesOf(again)).toEqual([1, 2, 3]); // the move came too late, and the cursor had not moved before
    expect(await next(again)).toBeNull();
  });

  it('also where the cursor had not moved yet: the batch went to a run that is gone', async () => {
    await write('ann');
    const mail = await nextRows();
    await setCursorBack(pools.worker, mail, 0, at);
    expect(placesOf(await nextRows(mail))).toEqual([1]);
  });

  it('set back behind what was handed over, the rows above come again', async () => {
    for (let n = 0; n < 4; n += 1) await write('ann');
    const mail = await nextRows();
    expect(await next(mail)).toBeNull();
    await setCursorBack(pools.worker, mail, 2, at);
    expect(placesOf(await nextRows())).toEqual([3, 4]);
  });

  it('never down: a late courier changes nothing', async () => {
    await write('ann');
    const late = await nextRows();
    await write('ann');
    const other = await nextRows(null, at + leaseMs);
    expect(await next(other, at + leaseMs)).toBeNull();
    expect(await next(late, at + leaseMs)).toBeNull();
  });
});

describe('a held mailbox', () => {
  it('hands over nothing until it is released', async () => {
    const actor = await write('ann');
    await holdMailbox(pools.worker, actor, at);
    expect(await next(null, at + 1_000)).toBeNull();
    await releaseMailbox(pools.worker, actor);
    expect(placesOf(await nextRows(null, at + 1_000))).toEqual([1]);
  });

  it('goes on after 30 s if nobody releases it', async () => {
    const actor = await write('ann');
    await holdMailbox(pools.worker, actor, at);
    expect(await next(null, at + 29_999)).toBeNull();
    expect(placesOf(await nextRows(null, at + 30_000))).toEqual([1]);
  });

  it('of another account can neither be held, nor released, nor set back', async () => {
    const actor = await write('ann');
    const stranger = { ...actor, accountId: (await seedAccount(pools.api)).accountId };
    await holdMailbox(pools.worker, stranger, at);
    const mail = await nextRows();
    await setCursorBack(pools.worker, stranger, 0, at);
    expect(await next(mail)).toBeNull();
  });
});

describe('the courier is told', () => {
  it('once for a row that finds nothing waiting, and again after a release and a set-back', async () => {
    const client = await pools.admin.connect();
    let heard = 0;
    client.on('notification', () => (heard += 1));
    const heardSoFar = async (): Promise<number> => {
      await client.query('SELECT 1'); // notifications come before the answer
      return heard;
    };
    await client.query('LISTEN baton_inbox');
    const actor = await write('ann');
    expect(await heardSoFar()).toBe(1);
    await write('ann');
    expect(await heardSoFar()).toBe(1);
    await next(await nextRows());
    await write('ann');
    expect(await heardSoFar()).toBe(2);
    await holdMailbox(pools.worker, actor, at);
    await releaseMailbox(pools.worker, actor);
    expect(await heardSoFar()).toBe(3);
    await setCursorBack(pools.worker, actor, 0, at);
    expect(await heardSoFar()).toBe(4);
    client.release(true);
  });
});

describe('inputs that others put into an inbox', () => {
  it('commit or roll back with their transaction; the places stay without a gap', async () => {
    const actor = await write('ann');
    const put = (fail: boolean) =>
      inAccount(pools.worker, account.accountId, async (tx) => {
        const seq = await putInInbox(tx, actor, { type: 'PolicyChanged' }, { at });
        if (fail) throw new Error('rolled back');
        return seq;
      });
    await expect(put(true)).rejects.toThrow('rolled back');
    expect(await put(false)).toBe(2);
    expect((await nextRows()).rows[1]).toEqual({ seq: 2, type: 'PolicyChanged', at });
  });

  it('with a source and an id of its own, the same is there once', async () => {
    const actor = await write('ann');
    const put = () =>
      inAccount(pools.worker, account.accountId, (tx) =>
        putInInbox(
          tx,
          actor,
          { type: 'DeskClosed', deskId: 'd', handover: 1 },
          { at, source: { id: account.botId, externalId: 'x' } },
        ),
      );
    const places = await Promise.all([put(), put(), put()]);
    expect(places.filter((seq) => seq !== null)).toEqual([2]);
    expect(
      await inAccount(pools.worker, account.accountId, (tx) =>
        putInInbox(tx, actor, { type: 'PolicyChanged' }, { at }),
      ),
    ).toBe(3);
  });
});

describe('what a command is accepted against', () => {
  it('the last inbox place, a time that runs behind nothing, and who holds the chat', async () => {
    const actor = await write('ann');
    await write('ann', at + 3_000);
    expect(await acceptCommand(pools.api, actor.accountId, actor.conversationId, at)).toMatchObject({
      after: 2,
      at: at + 3_000,
      phase: 'bot',
      holder: { kind: 'engine', id: null },
      epoch: 0,
    });
    await pools.admin.query('UPDATE actors SET last_at = $2 WHERE conversation_id = $1', [
      actor.conversationId,
      new Date(at + 5_000),
    ]);
    const later = await acceptCommand(pools.api, actor.accountId, actor.conversationId, at);
    expect(later?.at).toBe(at + 5_000);
  });

  it('a conversation of another account is none', async () => {
    const actor = await write('ann');
    const other = await seedAccount(pools.api);
    expect(await acceptCommand(pools.api, other.accountId, actor.conversationId, at)).toBeNull();
    expect(await acceptCommand(pools.api, actor.accountId, uuid(), at)).toBeNull();
  });
});

describe('the backlog', () => {
  const decide = async ({ conversationId }: ActorId, seq: number): Promise<void> => {
    await pools.admin.query('UPDATE actors SET seq = $2 WHERE conversation_id = $1', [conversationId, seq]);
  };

  it('counts the rows that nobody has decided on in all accounts, which the API may know as a sum only', async () => {
    const ann = await write('ann');
    await write('ann');
    account = await seedAccount(pools.api);
    const bob = await write('bob');
    expect(await readBacklog(pools.api)).toBe(3);
    // What an actor was handed, it may not have come to.
    await next(await nextRows());
    expect(await readBacklog(pools.api)).toBe(3);
    await decide(ann, 1);
    expect(await readBacklog(pools.api)).toBe(2);
    await decide(ann, 2);
    expect(await readBacklog(pools.api)).toBe(1);
    await next(await nextRows(null, at + leaseMs));
    await decide(bob, 1);
    expect(await readBacklog(pools.api)).toBe(0);
    // Seen to be recorded, a mailbox isn't looked at any more.
    const seen = await unrecordedMail(pools.courier, { before: at + leaseMs, again: at + leaseMs, most: 10 });
    expect(seen).toEqual({ looked: 2, behind: [] });
    expect(await readBacklog(pools.api)).toBe(0);
  });

  it('past the limit it is full, as of a reading that is shared and not older than its age', async () => {
    let now = at;
    let readings = 0;
    const counted = {
      query: (...args: Parameters<Pool['query']>) => ((readings += 1), pools.api.query(...args)),
    } as unknown as Pool;
    const failed = (error: unknown): void => expect.fail(String(error));
    const gauge = createBacklogGauge({ pool: counted, limit: 1, maxAgeMs: 1_000, clock: () => now, failed });
    const settled = async (): Promise<boolean> => {
      gauge.isFull();
      const before = gauge.waiting;
      await expect.poll(() => gauge.waiting !== before || gauge.readAt === now).toBe(true);
      return gauge.isFull();
    };
    expect(await settled()).toBe(false);
    await write('ann');
    await write('ann');
    expect([gauge.isFull(), gauge.isFull(), readings]).toEqual([false, false, 1]);
    now += 1_000;
    expect(await settled()).toBe(true);
    expect(readings).toBe(2);
  });
});

describe('sweeps', () => {
  it('actors whose time is past come in the order of their times, page by page', async () => {
    const actors = [await write('a'), await write('b'), await write('c')];
    for (const [index, actor] of actors.entries()) {
      await pools.admin.query('UPDATE actors SET wake_at = $2 WHERE conversation_id = $1', [
        actor.conversationId,
        new Date(at + (2 - index) * 1_000),
      ]);
    }
    const [first, second] = await dueActors(pools.courier, { after: null, until: at + 1_000, most: 10 });
    expect([first, second]).toEqual([
      { ...actors[2], wakeAt: at },
      { ...actors[1], wakeAt: at + 1_000 },
    ]);
    expect(await dueActors(pools.courier, { after: first ?? null, until: at + 9_000, most: 1 })).toEqual([second]);
    await pools.admin.query('UPDATE actors SET wake_at = NULL');
  });

  it('what was handed over and is not recorded is found once in a while, what is recorded is forgotten', async () => {
    const [behind, done] = [await write('a'), await write('b')];
    const again = await nextRows(await nextRows());
    expect(await next(again)).toBeNull();
    await pools.admin.query('UPDATE actors SET seq = 1 WHERE conversation_id = $1', [done.conversationId]);
    const look = (now: number) => unrecordedMail(pools.courier, { before: now, again: now + 60_000, most: 10 });
    expect(await look(at - 1)).toEqual({ looked: 0, behind: [] });
    expect(await look(at)).toEqual({ looked: 2, behind: [behind] });
    expect(await look(at + 59_999)).toEqual({ looked: 0, behind: [] });
    expect(await look(at + 60_000)).toEqual({ looked: 1, behind: [behind] });
  });

  it('outcomes older than a day are forgotten, younger ones kept', async () => {
    const day = 24 * 60 * 60_000;
    for (const [key, time] of [
      ['old', at - day - 1],
      ['young', at - day],
    ] as const) {
      await pools.admin.query(
        `INSERT INTO idempotency (account_id, key, digest, outcome, created_at) VALUES ($1, $2, '', '{}', $3)`,
        [account.accountId, key, new Date(time)],
      );
    }
    expect(await forgetOutcomes(pools.courier, at - day)).toBe(1);
    const { rows } = await pools.admin.query('SELECT key FROM idempotency');
    expect(rows).toEqual([{ key: 'young' }]);
  });
});

describe("the courier's role", () => {
  it.each(['messages', 'contacts', 'contact_identities', 'conversations', 'domain_events', 'parked', 'migrations'])(
    'sees no words: not %s',
    async (table) => {
      await expect(pools.courier.query(`SELECT 1 FROM ${table}`)).rejects.toThrow('permission denied');
    },
  );

  it('of actors it sees who is to be woken, and no state', async () => {
    await expect(pools.courier.query('SELECT state FROM actors')).rejects.toThrow('permission denied');
    await expect(pools.courier.query(`UPDATE inbox SET type = 'x'`)).rejects.toThrow('permission denied');
  });
});
