/** Changes of contacts are a source of their own: who changed what, when, in the transaction that does; and no words. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { deleteNote, insertNote, updateContact } from '../../store/contacts.ts';
import { acceptInbound } from '../../store/inbound.ts';
import { recordDecision } from '../../store/record.ts';
import { createTestDatabase, seedAccount, type TestDatabase } from '../support/database.ts';
import { required } from '../support/required.ts';
import { decision, now } from './decision.ts';

let database: TestDatabase;
let pools: { api: Pool; worker: Pool; arranger: Pool };
beforeAll(async () => {
  database = await createTestDatabase();
  pools = {
    api: createPool({ url: database.apiUrl, max: 2, name: 'test-api' }),
    worker: createPool({ url: database.workerUrl, max: 2, name: 'test-worker' }),
    arranger: createPool({ url: database.arrangerUrl, max: 2, name: 'test' }),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await database.drop();
});

async function newContact() {
  const account = await seedAccount(pools.arranger);
  const { accountId, channelId: sourceId } = account;
  let no = 0;
  const writes = async (told: object) => {
    no += 1;
    const contact = { externalId: 'c', ...told };
    const message = { kind: 'message', externalId: `${no}`, thread: 't', contact, content: { text: 'hello' } } as const;
    const [stored] = await acceptInbound(pools.api, { accountId, sourceId, at: now + no, items: [message] });
    return { accountId, conversationId: required(stored?.conversationId ?? undefined) };
  };
  const actor = await writes({});
  const inApi = <T>(work: (tx: Transaction) => Promise<T>) => inAccount(pools.api, accountId, work);
  const rows = <R extends object>(text: string) =>
    inAccount(pools.arranger, accountId, async (tx) => (await tx.query<R>(text)).rows);
  const contactId = required((await rows<{ id: string }>('SELECT id FROM contacts'))[0]).id;
  const changes = () =>
    rows<{ by: string; fields: string[] }>(
      `SELECT concat_ws(' ', by_kind, by_id) AS by, fields FROM contact_changes ORDER BY id`,
    );
  return { account, actor, contactId, writes, inApi, rows, changes };
}

test('what the customer, or their network, says of them', async () => {
  const { writes, changes } = await newContact();
  await writes({ name: 'Ann', pageUrl: 'https://shop.example/1' });
  await writes({ name: 'Ann', pageUrl: 'https://shop.example/1' });
  await writes({ name: 'Anna', emails: ['ann@example.com'] });
  expect(await changes()).toEqual([
    { by: 'customer', fields: ['identities'] },
    { by: 'customer', fields: ['name', 'attributes'] },
    { by: 'customer', fields: ['addresses'] },
  ]);
});

test('what colleagues and backends write of them', async () => {
  const { account, contactId, inApi, changes } = await newContact();
  const { accountId } = account;
  const agent = { kind: 'agent', id: required(account.agentIds[0]), at: new Date(now) } as const;
  const key = { kind: 'key', id: uuid(), at: new Date(now) } as const;
  const note = { id: uuid(), agentId: agent.id, text: 'Canary', createdAt: agent.at };
  await inApi((tx) => updateContact(tx, accountId, contactId, { name: 'Canary', tags: ['vip'] }, key));
  await inApi((tx) => updateContact(tx, accountId, contactId, {}, key));
  await inApi((tx) => insertNote(tx, accountId, contactId, note, agent));
  await inApi((tx) => deleteNote(tx, accountId, { contactId, id: note.id }, agent));
  await inApi((tx) => deleteNote(tx, accountId, { contactId, id: note.id }, agent));
  expect((await changes()).slice(1)).toEqual([
    { by: `key ${key.id}`, fields: ['name', 'tags'] },
    { by: `agent ${agent.id}`, fields: ['notes'] },
    { by: `agent ${agent.id}`, fields: ['notes'] },
  ]);
});

test('a block and its end, by the conversation whose events say who asked for it', async () => {
  const { actor, rows, changes } = await newContact();
  const blockId = uuid();
  const block = { blockId, expiresAt: null };
  await recordDecision(pools.worker, decision(actor, { lockContact: 'update', block }));
  await recordDecision(pools.worker, decision(actor, { expected: 1, lockContact: 'update', unblock: { blockId } }));
  await recordDecision(pools.worker, decision(actor, { expected: 2, lockContact: 'update', unblock: { blockId } }));
  const by = `conversation ${actor.conversationId}`;
  expect((await changes()).slice(1)).toEqual([
    { by, fields: ['block'] },
    { by, fields: ['block'] },
  ]);
  expect(await rows('SELECT block_id FROM contacts')).toEqual([{ block_id: null }]);
});

test('what is not changed leaves none', async () => {
  const { account, contactId, inApi, changes } = await newContact();
  const by = { kind: 'key', id: uuid(), at: new Date(now) } as const;
  const failed = inApi(async (tx) => {
    await updateContact(tx, account.accountId, contactId, { name: 'x' }, by);
    throw new Error('undone');
  });
  await expect(failed).rejects.toThrow('undone');
  expect(await inApi((tx) => updateContact(tx, account.accountId, uuid(), { name: 'x' }, by))).toBe(false);
  expect(await changes()).toHaveLength(1);
});
