/** B-7, R24: a key, however often, has one effect and one answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { FastifyRequest } from 'fastify';
import { keyOf, storedKeys } from '../../api/idempotency.ts';
import { Unanswered } from '../../courier/commands.ts';
import { required } from '../support/required.ts';
import { type Account, type ConversationApi, createConversationApi } from './conversation-api.ts';
import type { Answer } from './test-api.ts';

let api: ConversationApi;
/** After a command has been carried out, and before its answer is on its way. */
let afterwards: () => void = () => undefined;

beforeAll(async () => {
  const commands = {
    async execute(...asked: Parameters<ConversationApi['actors']['commands']['execute']>) {
      const outcome = await api.actors.commands.execute(...asked);
      afterwards();
      return outcome;
    },
    signal: (...asked: Parameters<ConversationApi['actors']['commands']['signal']>) =>
      api.actors.commands.signal(...asked),
  };
  api = await createConversationApi({ deps: { commands: commands as ConversationApi['actors']['commands'] } });
});
afterAll(() => api.close());

const withoutRequest = ({ status, body }: Answer) => ({ status, body: { ...body, requestId: undefined } });

/** Words of agents, whatever became of them. */
const words = ({ accountId }: Account, conversationId: string) =>
  api.rows<{ text: string; status: string }>(
    accountId,
    `SELECT content->>'text' AS text, status FROM messages
     WHERE account_id = $1 AND conversation_id = $2 AND author_kind = 'agent' ORDER BY created_at, id`,
    [conversationId],
  );

describe('the same key', () => {
  test('ten times at once: one message, ten times the same answer', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.act(token, id, 'reply', { text: 'Once' }, 'at-once')),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await words(account, id)).toEqual([{ text: 'Once', status: 'queued' }]);
    expect((await api.act(token, id, 'reply', { text: 'Once' }, 'at-once')).text).toBe(required(answers[0]).text);
  });

  test('for another body, another chat or by another caller: 422, and nothing is done', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const elsewhere = await api.held(account);
    const [token = ''] = account.tokens;
    expect((await api.act(token, id, 'reply', { text: 'First' }, 'mine')).status).toBe(200);
    const reused = { status: 422, body: { code: 'idempotency-key-reused' } };
    expect(await api.act(token, id, 'reply', { text: 'Second' }, 'mine')).toMatchObject(reused);
    expect(await api.act(token, elsewhere, 'reply', { text: 'First' }, 'mine')).toMatchObject(reused);
    expect(await api.act(token, id, 'resolve', undefined, 'mine')).toMatchObject(reused);
    const [agentId] = account.agentIds;
    expect(await api.act(account.key, id, 'reply', { text: 'First', agentId }, 'mine')).toMatchObject(reused);
    expect(await words(account, id)).toHaveLength(1);
    expect(await words(account, elsewhere)).toHaveLength(0);
    // Another account's keys are its own.
    const other = await api.ready();
    const theirs = await api.held(other);
    expect((await api.act(required(other.tokens[0]), theirs, 'reply', { text: 'Hi' }, 'mine')).status).toBe(200);
  });

  test('with two bodies at once: one of them counts, with its own words', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    for (const round of ['one', 'two', 'three', 'four', 'five']) {
      const bodies = [`${round}: left`, `${round}: right`];
      const answers = await Promise.all(bodies.map((text) => api.act(token, id, 'reply', { text }, `race-${round}`)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
      const winner = bodies[answers.findIndex(({ status }) => status === 200)];
      const said = (await words(account, id)).filter(({ text }) => text.startsWith(round));
      // Which came second may have found the key taken before it stored anything.
      expect(said.filter(({ status }) => status !== 'discarded')).toEqual([{ text: winner, status: 'queued' }]);
    }
  });

  test('after a rejection: the same rejection, though it would be accepted by now', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [owner = '', other = ''] = account.tokens;
    const first = await api.act(other, id, 'reply', { text: 'Let me' }, 'refused');
    expect(first).toMatchObject({ status: 409, body: { code: 'not-the-owner' } });
    expect(await words(account, id)).toEqual([{ text: 'Let me', status: 'discarded' }]);
    expect((await api.act(owner, id, 'forward', { agentId: account.agentIds[1] })).status).toBe(200);
    const asked = api.actors.asked.length;
    const again = await api.act(other, id, 'reply', { text: 'Let me' }, 'refused');
    expect(withoutRequest(again)).toEqual(withoutRequest(first));
    expect(api.actors.asked).toHaveLength(asked);
    // So it is with a "no" of the API's own.
    const taken = await api.act(owner, id, 'join', undefined, 'late');
    expect(taken).toMatchObject({ status: 409, body: { code: 'taken' } });
    expect((await api.act(other, id, 'unassign')).status).toBe(200);
    expect(withoutRequest(await api.act(owner, id, 'join', undefined, 'late'))).toEqual(withoutRequest(taken));
    expect((await api.act(owner, id, 'join', undefined, 'later')).status).toBe(200);
  });

  test.each(['a caller who waits, without a key', 'nobody who waits'])(
    'the words of a rejected reply are discarded with the outcome: of %s',
    async (who) => {
      const account = await api.ready();
      const id = await api.held(account);
      const other = required(account.tokens[1]);
      const path = `/v1/conversations/${id}/actions/reply`;
      const headers: Record<string, string> =
        who === 'nobody who waits' ? { prefer: 'respond-async', 'idempotency-key': `refused-${id}` } : {};
      const answer = await api.call(other, 'POST', path, { text: 'Let me' }, headers);
      expect(answer.status).toBe(who === 'nobody who waits' ? 202 : 409);
      await api.actors.settle(account.accountId);
      expect(await words(account, id)).toEqual([{ text: 'Let me', status: 'discarded' }]);
      if (who !== 'nobody who waits') return;
      const outcome = await api.call(other, 'GET', `/v1/outcomes/refused-${id}`);
      expect(outcome.body).toMatchObject({ code: 'not-the-owner' });
    },
  );

  test('after a crash before the command was carried out: it is carried out, with the same draft', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    api.actors.before = () => Promise.reject(new Unanswered());
    const lost = await api.act(token, id, 'reply', { text: 'Again' }, 'crash-before');
    expect(lost).toMatchObject({ status: 504, body: { code: 'unanswered', key: 'crash-before' } });
    api.actors.before = () => Promise.resolve();
    expect(await words(account, id)).toEqual([{ text: 'Again', status: 'draft' }]);
    expect((await api.act(token, id, 'reply', { text: 'Again' }, 'crash-before')).status).toBe(200);
    expect(await words(account, id)).toEqual([{ text: 'Again', status: 'queued' }]);
  });

  test('after a crash behind the record: the outcome that was recorded, and no second effect', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    afterwards = () => {
      throw new Unanswered();
    };
    expect((await api.act(token, id, 'reply', { text: 'Said' }, 'crash-after')).status).toBe(504);
    afterwards = () => undefined;
    const again = await api.act(token, id, 'reply', { text: 'Said' }, 'crash-after');
    expect(again).toMatchObject({
      status: 200,
      body: { ok: true, events: expect.arrayContaining(['MessageQueued']) as string[] },
    });
    expect(await words(account, id)).toEqual([{ text: 'Said', status: 'queued' }]);
  });

  test('stores one request, one block, one comment', async () => {
    const account = await api.ready();
    const { conversationId: id } = await api.write(account, uuid(), 'hello');
    const tenTimes = (action: string, body: object) =>
      Promise.all(Array.from({ length: 10 }, () => api.act(account.key, id, action, body, `one-${action}`)));
    for (const [action, body] of Object.entries({
      'request-handover': { reason: 'Once' },
      comment: { text: 'Once' },
      block: { reason: 'Once', message: 'Bye' },
    })) {
      const answers = await tenTimes(action, body);
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(required(answers[0]).status).toBeLessThan(300);
    }
    for (const table of ['handover_requests', 'comments', 'contact_blocks']) {
      const rows = await api.rows(
        account.accountId,
        `SELECT 1 FROM ${table} WHERE account_id = $1 AND conversation_id = $2`,
        [id],
      );
      expect({ table, rows: rows.length }).toEqual({ table, rows: 1 });
    }
    expect(await api.act(account.key, id, 'comment', { text: 'Twice' }, 'one-comment')).toMatchObject({ status: 422 });
    expect((await api.call(account.key, 'GET', '/v1/outcomes/one-comment')).status).toBe(200);
  });
});

describe('what a client names its request after', () => {
  const named = 'Ada.Lovelace@example.org';

  test('is told to nobody else: a keyed digest is, whichever way the command goes', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    expect(await api.act(token, id, 'reply', { text: 'Said' }, named)).toMatchObject({ body: { key: named } });
    expect((await api.act(token, id, 'comment', { text: 'Noted' }, `${named}-comment`)).status).toBe(201);
    const path = `/v1/conversations/${id}/actions/resolve`;
    const later = { prefer: 'respond-async', 'idempotency-key': `${named}-later` };
    expect(await api.call(token, 'POST', path, undefined, later)).toMatchObject({ body: { key: `${named}-later` } });
    await api.actors.settle(account.accountId);
    for (const key of [named, `${named}-comment`, `${named}-later`]) {
      const kept = await api.call(token, 'GET', `/v1/outcomes/${encodeURIComponent(key)}`);
      expect(kept).toMatchObject({ status: 200, body: { key } });
    }

    expect(api.actors.asked.slice(-2).map(({ key }) => key)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/^[\w-]{22}$/) as string),
    );
    for (const table of ['idempotency', 'domain_events', 'actors']) {
      const rows = await api.rows(account.accountId, `SELECT * FROM ${table} WHERE account_id = $1`);
      expect({ table, told: JSON.stringify(rows).includes('Lovelace') }).toEqual({ table, told: false });
    }
  });

  test('makes the same digest in every process with this secret, another in every account, and none without it', () => {
    const [one, other] = [uuid(), uuid()];
    const secret = { tokenKey: 'a secret of the tests, 32 characters', earlierTokenKeys: [] };
    const another = { tokenKey: 'another one', earlierTokenKeys: [] };
    const key = storedKeys(secret, one, named);
    expect(storedKeys({ ...secret }, one, named)).toEqual(key);
    expect(storedKeys(secret, other, named)).not.toEqual(key);
    expect(storedKeys(secret, one, `${named}.`)).not.toEqual(key);
    expect(storedKeys(another, one, named)).not.toEqual(key);
    const changed = { ...another, earlierTokenKeys: [secret.tokenKey] };
    expect(storedKeys(changed, one, named)).toEqual([...storedKeys(another, one, named), ...key]);
  });

  test('tells nothing of what was asked, either: the digest of the words is keyed', () => {
    const principal = { accountId: uuid(), kind: 'key', id: uuid(), role: null };
    const digestUnder = (tokenKey: string) =>
      keyOf({ tokenKey, earlierTokenKeys: [] }, { headers: {}, principal } as unknown as FastifyRequest, {
        text: 'yes',
      }).digest;
    expect(digestUnder('one')).toBe(digestUnder('one'));
    expect(digestUnder('one')).not.toBe(digestUnder('another'));
  });
});

test('without a key every request has its effect', async () => {
  const account = await api.ready();
  const id = await api.held(account);
  const [token = ''] = account.tokens;
  expect((await api.act(token, id, 'reply', { text: 'Twice' })).status).toBe(200);
  expect((await api.act(token, id, 'reply', { text: 'Twice' })).status).toBe(200);
  expect(await words(account, id)).toHaveLength(2);
});

test('a key that is none is a 400', async () => {
  const account = await api.ready();
  const id = await api.held(account);
  for (const key of ['', 'with space', 'x'.repeat(256), 'ümlaut']) {
    expect(await api.act(account.key, id, 'resolve', undefined, key)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request' },
    });
  }
});
