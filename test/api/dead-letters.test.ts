import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { acceptInbound } from '../../store/inbound.ts';
import { required } from '../support/required.ts';
import { type Account, type ConversationApi, createConversationApi, type Page } from './conversation-api.ts';

interface Letter {
  id: string;
  kind: string;
  conversationId: string;
  outbound: { seq: number; status: string; class: string } | null;
}

let api: ConversationApi;
beforeAll(async () => (api = await createConversationApi()));
afterAll(() => api.close());

const letters = async ({ key }: Account, query = '') =>
  (await api.read<Page<Letter>>(key, `/v1/dead-letters?${query}`)).items;

/** A chat in which the owner's words did not arrive. */
async function withDeadLetter(text = 'Did not arrive') {
  const account = await api.ready();
  const thread = uuid();
  const id = await api.held(account, thread);
  const [token = ''] = account.tokens;
  await api.actors.settle(account.accountId);
  const said = await api.act(token, id, 'reply', { text });
  await api.actors.settle(account.accountId);
  const [seq] = (said.body as unknown as { outbound: number[] }).outbound;
  await api.rows(
    account.accountId,
    `UPDATE outbound SET status = 'failed', failure_class = 'recipient-unreachable', settled_at = now()
     WHERE account_id = $1 AND conversation_id = $2 AND seq = $3`,
    [id, seq],
  );
  const retry = (by = account.key) => api.call(by, 'POST', `/v1/dead-letters/${id}/${seq}/retry`);
  const heard = () =>
    api.actors.sent.filter((one) => one.thread === thread && one.content.text === text).map((one) => one.key);
  return { account, id, token, seq: required(seq), retry, heard };
}

describe('words that did not arrive', () => {
  test('are listed with why, newest first, page by page', async () => {
    const { account, id, seq } = await withDeadLetter();
    expect(await letters(account)).toMatchObject([
      { kind: 'outbound', conversationId: id, outbound: { seq, status: 'failed', class: 'recipient-unreachable' } },
    ]);
    expect(await letters(account, 'kind=parked')).toEqual([]);
    expect(await letters(account, `conversationId=${uuid()}`)).toEqual([]);
    for (let no = 1; no <= 5; no += 1) {
      await api.rows(
        account.accountId,
        `INSERT INTO parked (account_id, id, error, parked_at) VALUES ($1, $2, 'TypeError', '2026-01-01T00:00:00Z')`,
        [uuid()],
      );
    }
    const whole = (await letters(account)).map((one) => one.id);
    expect(whole).toHaveLength(6);
    const paged: string[] = [];
    let cursor = '';
    do {
      const { items, next } = await api.read<Page<Letter>>(account.key, `/v1/dead-letters?limit=2${cursor}`);
      paged.push(...items.map((one) => one.id));
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(paged).toEqual(whole);
  });

  test('are said anew by whoever holds the chat, once', async () => {
    const { account, id, seq, retry, heard } = await withDeadLetter();
    expect(heard()).toHaveLength(1);
    // Whoever holds it now: not necessarily who said it.
    await api.act(account.key, id, 'assign', { agentId: account.agentIds[1] });
    const answers = await Promise.all([1, 2, 3].map(() => retry()));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(required(answers[0]).status).toBe(200);
    await api.actors.settle(account.accountId);
    expect(heard()).toHaveLength(2);
    expect(new Set(heard()).size).toBe(2);
    expect(await letters(account)).toEqual([]);
    const [row] = await api.rows<{ retried_as: number; author: string }>(
      account.accountId,
      `SELECT o.retried_as, m.author_id AS author FROM outbound o
         JOIN outbound n ON n.account_id = o.account_id AND n.conversation_id = o.conversation_id AND n.seq = o.retried_as
         JOIN messages m ON m.account_id = n.account_id AND m.id = n.message_id
       WHERE o.account_id = $1 AND o.conversation_id = $2 AND o.seq = $3`,
      [id, seq],
    );
    expect(row).toMatchObject({ author: account.agentIds[1] });
    // Somebody else who holds the chat later can't say it a third time.
    await api.act(account.key, id, 'assign', { agentId: account.agentIds[0] });
    expect(await retry()).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  test('are nobody’s to say where no agent holds the chat; once one does, they are', async () => {
    const { account, id, token, retry } = await withDeadLetter();
    await api.act(token, id, 'unassign');
    expect(await retry()).toMatchObject({ status: 409, body: { code: 'not-the-owner', holder: { kind: 'engine' } } });
    expect(await letters(account)).toHaveLength(1);
    await api.act(token, id, 'join');
    expect((await retry()).status).toBe(200);
  });

  test('are given up with a reason: who did it, when and why stays, and so do the words', async () => {
    const { account, id, seq, token, retry, heard } = await withDeadLetter();
    const at = (no: number) => `/v1/dead-letters/${id}/${no}/discard`;
    const discard = (because: string, no = seq, who = account.key) => api.call(who, 'POST', at(no), { because });
    expect(await discard('unreachable', seq, token)).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
    expect((await discard('Ann wants it')).status).toBe(400);
    expect(await discard('not-needed', seq - 1)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await discard('not-needed', 99)).status).toBe(404);
    expect((await discard('unreachable')).status).toBe(204);
    expect((await discard('not-needed')).status).toBe(204);
    expect(await letters(account)).toEqual([]);
    const kept = await api.rows<Record<string, unknown>>(
      account.accountId,
      `SELECT o.status, o.discarded_because, o.discarded_by_kind, o.discarded_at, m.content IS NOT NULL AS said
       FROM outbound o JOIN messages m ON m.account_id = o.account_id AND m.id = o.message_id
       WHERE o.account_id = $1 AND o.conversation_id = $2 AND o.seq = $3`,
      [id, seq],
    );
    expect(kept).toMatchObject([
      { status: 'failed', discarded_because: 'unreachable', discarded_by_kind: 'key', said: true },
    ]);
    expect(kept[0]?.discarded_at).toBeInstanceOf(Date);
    expect(await retry()).toMatchObject({ status: 409, body: { detail: 'This message was discarded.' } });
    expect(heard()).toHaveLength(1);
  });

  test('can’t be given up once they were sent again', async () => {
    const { account, id, seq, retry } = await withDeadLetter();
    expect((await retry()).status).toBe(200);
    const late = await api.call(account.key, 'POST', `/v1/dead-letters/${id}/${seq}/discard`, {
      because: 'not-needed',
    });
    expect(late).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  test('what is no dead letter can’t be retried; who may not, may not', async () => {
    const { account, id, seq, token, retry } = await withDeadLetter();
    expect(await retry(token)).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
    const other = (no: number, where = id) => api.call(account.key, 'POST', `/v1/dead-letters/${where}/${no}/retry`);
    expect(await other(seq - 1)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await other(99)).status).toBe(404);
    expect((await other(seq, uuid())).status).toBe(404);
    await api.rows(account.accountId, 'UPDATE messages SET content = NULL WHERE account_id = $1');
    expect(await retry()).toMatchObject({ status: 409, body: { detail: 'The words have been erased.' } });
  });
});

describe('R10: an input that could not be decided on', () => {
  test('is flagged and listed, and decided on anew when it is resumed', async () => {
    const account = await api.ready();
    const { conversationId } = await api.write(account, 'ann', 'hello');
    const { seq } = await api.put(account, 'ann', 'poison');
    await api.actors.settle(account.accountId);
    const parkedId = uuid();
    await api.rows(
      account.accountId,
      `INSERT INTO parked (account_id, id, conversation_id, seq, error, parked_at) VALUES ($1, $2, $3, $4, 'TypeError', now())`,
      [parkedId, conversationId, seq],
    );
    await api.rows(account.accountId, 'UPDATE conversations SET flagged = true WHERE account_id = $1');
    const flagged = await api.read<Page<{ id: string }>>(account.key, '/v1/conversations?flagged=true');
    expect(flagged.items.map(({ id }) => id)).toEqual([conversationId]);
    const resume = () => api.call(account.key, 'POST', `/v1/parked/${parkedId}/resume`);
    const answers = await Promise.all([resume(), resume(), resume()]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    const inbox = await api.rows<{ type: string; payload: object }>(
      account.accountId,
      'SELECT type, payload FROM inbox WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq',
      [conversationId],
    );
    expect(inbox).toHaveLength(3);
    expect(inbox[2]).toEqual(inbox[1]);
    await api.actors.settle(account.accountId);
    const heard = required(api.actors.turns.at(-1)).event;
    expect(heard).toMatchObject({ type: 'messages', messages: [{ content: { text: 'poison' } }] });
    expect((await api.read<Page<object>>(account.key, '/v1/conversations?flagged=true')).items).toEqual([]);
    expect(await letters(account)).toEqual([]);
  });

  test('a command that was parked can only be given again', async () => {
    const account = await api.ready();
    const { conversationId } = await api.write(account, 'ann', 'hello');
    const parkedId = uuid();
    await api.rows(
      account.accountId,
      `INSERT INTO parked (account_id, id, conversation_id, error, parked_at) VALUES ($1, $2, $3, 'TypeError', now())`,
      [parkedId, conversationId],
    );
    const answer = await api.call(account.key, 'POST', `/v1/parked/${parkedId}/resume`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await api.call(account.key, 'POST', `/v1/parked/${uuid()}/resume`)).status).toBe(404);
  });
});

describe('what nobody will ever resume', () => {
  async function parked(account: Account, item: object | null, of: { conversationId?: string } = {}): Promise<string> {
    const id = uuid();
    await api.rows(
      account.accountId,
      `INSERT INTO parked (account_id, id, source_id, external_id, conversation_id, item, error, parked_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'shape', now())`,
      [id, account.channelId, item === null ? null : `item-${id}`, of.conversationId ?? null, item],
    );
    return id;
  }
  const discard = ({ key }: Account, id: string, because = 'personal-data') =>
    api.call(key, 'POST', `/v1/parked/${id}/discard`, { because });
  const row = async ({ accountId }: Account, id: string) =>
    (
      await api.rows<Record<string, unknown>>(accountId, 'SELECT * FROM parked WHERE account_id = $1 AND id = $2', [id])
    )[0];

  test('R30: is discarded with a reason: its words go, and who gave it up, when and why stays', async () => {
    const account = await api.ready();
    const id = await parked(account, { text: 'call Ann' });
    expect((await discard(account, id)).status).toBe(204);
    expect((await discard(account, id, 'not-needed')).status).toBe(204);
    expect(await letters(account)).toEqual([]);
    expect(await row(account, id)).toMatchObject({
      item: null,
      external_id: null,
      resumed_at: expect.any(Date) as Date,
      discarded_because: 'personal-data',
      discarded_by_kind: 'key',
      discarded_by_id: expect.any(String) as string,
    });
    const again = {
      kind: 'unreadable' as const,
      externalId: `item-${id}`,
      because: 'shape',
      item: { text: 'call Ann' },
    };
    const webhook = { accountId: account.accountId, sourceId: account.channelId, at: Date.now(), items: [again] };
    expect(await acceptInbound(api.pool, webhook)).toEqual([{ kind: 'duplicate' }]);
    expect(await api.call(account.key, 'POST', `/v1/parked/${id}/resume`)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  test('a command that was parked is given up, and with it its conversation’s flag', async () => {
    const account = await api.ready();
    const { conversationId } = await api.write(account, uuid(), 'hello');
    const id = await parked(account, null, { conversationId });
    await api.rows(account.accountId, 'UPDATE conversations SET flagged = true WHERE account_id = $1', []);
    expect((await discard(account, id, 'done-elsewhere')).status).toBe(204);
    expect((await api.read<Page<object>>(account.key, '/v1/conversations?flagged=true')).items).toEqual([]);
  });

  test('what was resumed can’t be discarded, and words of one’s own are no reason', async () => {
    const account = await api.ready();
    const id = await parked(account, { text: 'x' });
    expect((await discard(account, id, 'Ann wants it')).status).toBe(400);
    await api.rows(account.accountId, 'UPDATE parked SET resumed_at = now() WHERE account_id = $1', []);
    expect(await discard(account, id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await discard(account, uuid())).status).toBe(404);
  });

  test('R30: what an erasure has emptied is no dead letter any more', async () => {
    const account = await api.ready();
    const { conversationId } = await api.write(account, 'ann-of-the-network', 'hello');
    const id = await parked(account, { from: 'ann-of-the-network' });
    const [conversation] = await api.rows<{ contactId: string }>(
      account.accountId,
      'SELECT contact_id AS "contactId" FROM conversations WHERE account_id = $1 AND id = $2',
      [conversationId],
    );
    await api.call(account.key, 'POST', `/v1/contacts/${required(conversation).contactId}/erase`);
    expect(await letters(account)).toEqual([]);
    expect(await row(account, id)).toMatchObject({ item: null, discarded_because: 'erased' });
  });
});
