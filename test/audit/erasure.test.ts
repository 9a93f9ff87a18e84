/** R30, B-13: what erasing a contact takes from the database, and that nothing of it comes back. */
import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { acceptDeskEvents, type DeskItem } from '../../store/desk-events.ts';
import {
  eraseContact,
  eraseWords,
  findErasuresToGoOnWith,
  forgetErasedIds,
  type ErasedContact,
} from '../../store/erasure.ts';
import { handoverId } from '../../store/handovers.ts';
import { acceptInbound, type Accepted, type InboundItem } from '../../store/inbound.ts';
import { column, personalColumns, tablesWithoutAccount } from '../store/catalog.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { somebodyWaits } from '../support/lock-waits.ts';
import { required } from '../support/required.ts';
import { withDatabase } from '../support/with-database.ts';
import { placesIn } from './canary/places.ts';
import { canary, named, plantContact, type Planted } from './erasure/planted.ts';

const setting = withDatabase('api', 'worker');
let account: SeededAccount;
let planted: Planted;
let contact: ErasedContact;
const by = { kind: 'key', id: uuid(), at: new Date() } as const;

beforeEach(async () => {
  const tables = await column(
    setting.admin,
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  const own = tables.filter((name) => !tablesWithoutAccount.includes(name));
  await setting.admin.query(`TRUNCATE ${own.join()}`);
  account = await seedAccount(setting.api);
  planted = await plantContact(setting.admin, account);
  contact = { accountId: account.accountId, contactId: planted.contactId };
});

const places = async (): Promise<string[]> =>
  [...(await placesIn(setting.admin, new Map([['canary', canary]]))).keys()].toSorted();

async function erase(): Promise<void> {
  expect(await eraseContact(setting.api, contact, by)).toMatchObject({ kind: 'erased' });
  expect(await eraseWords(setting.api, contact, Date.now)).toBe(true);
}

async function read<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
  return (await setting.admin.query<R>(text, values)).rows;
}

const accept = (items: InboundItem[]): Promise<Accepted[]> =>
  acceptInbound(setting.api, { accountId: account.accountId, sourceId: account.channelId, at: Date.now(), items });

const message = (externalId: string): InboundItem => ({
  kind: 'message',
  externalId,
  thread: named('thread'),
  contact: { externalId: named('identity'), name: named('name'), phones: [named('phone')] },
  content: { text: named('words') },
});

const contacts = (): Promise<{ id: string }[]> => read('SELECT id FROM contacts ORDER BY created_at, id');

describe('everything of the contact goes', () => {
  test('R30: from every column that can hold something of a customer, also one that is added later', async () => {
    const customers = [...(await personalColumns(setting.admin))].filter(([, whose]) => whose === 'customer');
    expect(await places()).toEqual(customers.map(([name]) => name).toSorted());
    await erase();
    expect(await places()).toEqual([]);
    const [left] = await read('SELECT digest_key FROM contacts');
    expect(left).toEqual({ digest_key: null });
  });

  test('however many words there are, a batch per transaction', async () => {
    await setting.admin.query(
      `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, position, created_at)
       SELECT $1, gen_random_uuid(), $2, 'out', 'bot', 'queued', jsonb_build_object('text', $3::text), 10 + n, now()
       FROM generate_series(1, 2500) AS n`,
      [account.accountId, planted.conversationId, canary],
    );
    await erase();
    expect(await places()).toEqual([]);
  });

  test('what they wrote in the thread of somebody else goes, and the other’s words stay', async () => {
    const guest = 'zoe';
    const thread = 'shared';
    const said = (externalId: string, from: string, text: string): InboundItem => ({
      kind: 'message',
      externalId,
      thread,
      contact: { externalId: from },
      content: { text },
    });
    await accept([said('m1', 'ann', 'mine')]);
    await accept([said(named('m2'), guest, canary)]);
    const [theirs] = await read<{ id: string }>(
      'SELECT contact_id AS id FROM contact_identities WHERE external_id = $1',
      [guest],
    );
    await erase();
    contact = { ...contact, contactId: required(theirs).id };
    await erase();
    expect(await places()).toEqual([]);
    expect(await read(`SELECT 1 FROM messages WHERE content->>'text' = 'mine'`)).toHaveLength(1);
    expect(await accept([said(named('m2'), guest, canary)])).toEqual([{ kind: 'duplicate' }]);
  });

  test('of another contact and another account nothing', async () => {
    const one = { kind: 'message', externalId: 'other', thread: 'other', content: { text: 'other' } } as const;
    await accept([{ ...one, contact: { externalId: 'other', name: 'Other' } }]);
    const before = await read(`SELECT count(*) FROM messages WHERE content IS NOT NULL`);
    const other = await seedAccount(setting.api);
    expect(await eraseContact(setting.api, { ...contact, accountId: other.accountId }, by)).toBeNull();
    expect(await read(`SELECT count(*) FROM messages WHERE content IS NOT NULL`)).toEqual(before);
    await erase();
    expect(await read(`SELECT name FROM contacts WHERE name IS NOT NULL`)).toEqual([{ name: 'Other' }]);
    expect(await read('SELECT 1 FROM messages WHERE content IS NOT NULL')).toHaveLength(1);
  });

  test('who erased them and when is noted, once, without a word', async () => {
    await erase();
    const first = await eraseContact(setting.api, contact, by);
    expect(first).toMatchObject({ at: by.at.getTime(), by: { kind: 'key', id: by.id }, finished: true, exports: [] });
    const later = { kind: 'agent', id: uuid(), at: new Date(by.at.getTime() + 1_000) } as const;
    expect(await eraseContact(setting.api, contact, later)).toEqual(first);
    expect(await read('SELECT by_kind, by_id, at, fields FROM contact_changes')).toEqual([
      { by_kind: 'key', by_id: by.id, at: by.at, fields: ['erased'] },
    ]);
  });

  test('files that were exported by then are listed, to be deleted', async () => {
    const id = uuid();
    await setting.admin.query(
      `INSERT INTO exports (account_id, id, conversation_id, contact_id, made_at, made_by, file, sha256)
       VALUES ($1, $2, $3, $4, $5, 'ada@desk', '/files/one.json', 'ab')`,
      [account.accountId, id, planted.conversationId, planted.contactId, by.at],
    );
    expect(await eraseContact(setting.api, contact, by)).toMatchObject({
      exports: [
        {
          id,
          conversationId: planted.conversationId,
          madeAt: by.at.getTime(),
          madeBy: 'ada@desk',
          file: '/files/one.json',
          sha256: 'ab',
        },
      ],
    });
  });
});

describe('while a person has the chat, or is awaited', () => {
  test.each(['prechat', 'queued', 'assigned'])('in %s, nothing is erased', async (phase) => {
    await setting.admin.query('UPDATE conversations SET phase = $1', [phase]);
    const before = await places();
    const conversations = [planted.conversationId];
    expect(await eraseContact(setting.api, contact, by)).toEqual({ kind: 'open', conversations });
    expect(await places()).toEqual(before);
  });

  test.each(['bot', 'resolved', 'blocked'])('in %s, it is', async (phase) => {
    await setting.admin.query('UPDATE conversations SET phase = $1', [phase]);
    await erase();
    expect(await places()).toEqual([]);
  });
});

describe('nothing comes back', () => {
  test('a message, an unreadable item and a receipt that the network repeats have no effect', async () => {
    await erase();
    const before = await contacts();
    const receipt: InboundItem = { kind: 'receipt', externalId: null, providerId: named('sent'), status: 'read' };
    const part: InboundItem = { ...receipt, providerId: named('part') };
    const unreadable: InboundItem = {
      kind: 'unreadable',
      externalId: named('unread'),
      because: 'shape',
      item: { text: canary },
    };
    const accepted = await accept([message(named('message')), receipt, part, unreadable]);
    expect(accepted.map(({ kind }) => kind)).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate']);
    expect(await contacts()).toEqual(before);
    expect(await places()).toEqual([]);
  });

  test('whoever writes anew is a new contact in a new conversation, with a key of its own', async () => {
    await erase();
    const [accepted] = await accept([message(named('new'))]);
    expect(accepted).toMatchObject({ kind: 'stored', seq: 1 });
    expect(accepted?.conversationId).not.toBe(planted.conversationId);
    const [made] = await read(
      'SELECT k.name, k.erased_at, k.digest_key IS NOT NULL AS key FROM contacts k WHERE id <> $1',
      [planted.contactId],
    );
    expect(made).toEqual({ name: named('name'), erased_at: null, key: true });
  });

  test('who writes at the very moment is a new contact: the webhook is stored once more', async () => {
    const held = await setting.admin.connect();
    await held.query('BEGIN');
    await held.query('SELECT 1 FROM mailboxes FOR UPDATE');
    const accepting = accept([message(named('now'))]);
    await somebodyWaits(setting.admin);
    expect(await eraseContact(setting.api, contact, by)).toMatchObject({ kind: 'erased' });
    await held.query('COMMIT');
    held.release();
    const [accepted] = await accepting;
    expect(accepted).toMatchObject({ kind: 'stored', seq: 1 });
    expect(accepted?.conversationId).not.toBe(planted.conversationId);
    expect(await eraseWords(setting.api, contact, Date.now)).toBe(true);
  });

  test('what was under way is not stored: of the network, of a desk, of a bot, of people', async () => {
    await erase();
    const { accountId } = account;
    const { conversationId } = planted;
    const desk = uuid();
    await setting.admin.query(
      `INSERT INTO desks (account_id, id, name, type, created_at) VALUES ($1, $2, 'D', 'http', now())`,
      [accountId, desk],
    );
    await inAccount(setting.worker, accountId, async (tx) => {
      await tx.query(`SELECT mark_sent($1, $2, 1, 'a', $3, now())`, [accountId, conversationId, named('late')]);
      await tx.query(`SELECT mark_part_sent($1, $2, 1, 2, $3, now())`, [accountId, conversationId, named('latepart')]);
      await tx.query(
        `INSERT INTO intake_answers (account_id, conversation_id, handover, name, value, answered_at)
         VALUES ($1, $2, 2, $3, $3, now())`,
        [accountId, conversationId, canary],
      );
    });
    const answered: DeskItem = {
      kind: 'answered',
      externalId: named('event'),
      handoverId: handoverId(conversationId, 1),
      content: { text: canary },
    };
    await acceptDeskEvents(setting.api, { accountId, deskId: desk, at: Date.now(), items: [answered] });
    await inAccount(setting.api, accountId, async (tx) => {
      const values = [accountId, planted.contactId, conversationId, canary];
      await tx.query(
        `INSERT INTO contact_blocks (account_id, id, contact_id, conversation_id, reason, message, by_id, created_at)
         VALUES ($1, gen_random_uuid(), $2, $3, $4, $4, 'x', now())`,
        values,
      );
      await tx.query(`UPDATE contacts SET name = $3, tags = ARRAY[$3] WHERE account_id = $1 AND id = $2`, [
        accountId,
        planted.contactId,
        canary,
      ]);
      for (const [table, columns] of [
        ['contact_identities', 'channel_id, external_id, contact_id'],
        ['contact_addresses', 'kind, value, contact_id'],
      ]) {
        const first = table === 'contact_identities' ? account.channelId : 'email';
        await tx.query(`INSERT INTO ${table} (account_id, ${columns}) VALUES ($1, $2, $3, $4)`, [
          accountId,
          first,
          canary,
          planted.contactId,
        ]);
      }
    });
    expect(await places()).toEqual([]);
    // And it is known when the network says it again, or what became of it.
    const late: InboundItem = { kind: 'receipt', externalId: null, providerId: named('late'), status: 'read' };
    expect(await accept([late])).toEqual([{ kind: 'duplicate' }]);
    const again = await acceptDeskEvents(setting.api, { accountId, deskId: desk, at: Date.now(), items: [answered] });
    expect(again.map(({ kind }) => kind)).toEqual(['duplicate']);
  });

  test('words of a transaction that began before are waited for: until it ends, the erasure is not finished', async () => {
    const writer = await setting.admin.connect();
    await writer.query('BEGIN');
    await writer.query(
      `INSERT INTO handover_requests (account_id, conversation_id, id, reason, created_at) VALUES ($1, $2, 'late', $3, now())`,
      [account.accountId, planted.conversationId, canary],
    );
    expect(await eraseContact(setting.api, contact, by)).toMatchObject({ finished: false });
    expect(await eraseWords(setting.api, contact, Date.now, { rounds: 1, roundMs: 1 })).toBe(false);
    await writer.query('COMMIT');
    writer.release();
    expect(await places()).toEqual(['handover_requests.reason']);
    // As the sweep finds it.
    const soon = new Date(by.at.getTime() + 1_000);
    const found = await findErasuresToGoOnWith(setting.api, { begunBefore: soon, at: soon, most: 10 });
    expect(found).toEqual([contact]);
    expect(await eraseWords(setting.api, contact, Date.now)).toBe(true);
    expect(await places()).toEqual([]);
    expect(await findErasuresToGoOnWith(setting.api, { begunBefore: soon, at: soon, most: 10 })).toEqual([]);
  });

  test('after 30 days the digests are gone, and with the last one the key', async () => {
    await erase();
    const { accountId } = account;
    const day = 86_400_000;
    const after = (days: number): Date => new Date(by.at.getTime() + days * day);
    await forgetErasedIds(setting.api, accountId, after(29));
    expect(await accept([message(named('message'))])).toEqual([{ kind: 'duplicate' }]);
    const due = (at: Date) => findErasuresToGoOnWith(setting.api, { begunBefore: at, at, most: 10 });
    expect(await due(after(29))).toEqual([]);
    expect(await due(after(31))).toEqual([{ accountId, contactId: null }]);
    await forgetErasedIds(setting.api, accountId, after(31));
    expect(await read('SELECT 1 FROM erased_ids UNION ALL SELECT 1 FROM erasure_keys')).toEqual([]);
  });
});
