/**
 * Every secret is changed while clients go on, on two instances that are replaced one after the other: no request that was
 * good before is refused meanwhile, and what is dropped in the end is good no more. docs/security.md has the same steps.
 */
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { signReplyToken } from '../../adapters/reply-token.ts';
import { signedHeaders } from '../../adapters/signatures.ts';
import type { ApiDependencies } from '../../api/dependencies.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { turnId } from '../../store/turns.ts';
import { type Account, type ConversationApi, createConversationApi, tokenKey } from '../api/conversation-api.ts';
import { type Answer, apiConfig, depsOfTest } from '../api/test-api.ts';
import { addDesk } from '../support/conversation-rows.ts';
import { required } from '../support/required.ts';
import { createFleet, type Fleet, type Round, type Send } from './fleet.ts';

let api: ConversationApi;
let account: Account;
let fleet: Fleet;
let pool: Pool;
beforeAll(async () => {
  api = await createConversationApi();
  pool = createPool({ url: api.database.apiUrl, max: 5, name: 'test-fleet' });
});
beforeEach(async () => {
  account = await api.ready();
});
afterEach(() => fleet.stop());
afterAll(async () => {
  await pool.end();
  await api.close();
});

const fleetOf = async (...clients: Round[]): Promise<Fleet> => (fleet = await createFleet(deps(), clients));
const deps = (): ApiDependencies => ({
  ...depsOfTest(),
  config: { ...apiConfig, tokenKey },
  pool,
  commands: api.actors.commands,
});

const expectStatus = (answer: Answer, ...good: number[]): void => {
  if (!good.includes(answer.status)) throw new Error(`${answer.status} ${answer.text}`);
};

test('the keys of agents’ tokens', async () => {
  const agentId = required(account.agentIds[0]);
  const tokens: string[] = [];
  await fleetOf(async (send) => {
    tokens.push((await send(account.key, 'POST', `/v1/agents/${agentId}/tokens`)).body.token);
    for (const token of tokens.slice(-10)) expectStatus(await send(token, 'GET', '/v1/me'), 200);
  });
  const [old] = apiConfig.jwtKeys;
  const oldKey = required(old);
  const newKey = 'the-newer-signing-key-with-32-characters';
  await fleet.roll({ jwtKeys: [oldKey, newKey] });
  const early = required(tokens.at(-1));
  await fleet.roll({ jwtKeys: [newKey, oldKey] });
  // Those that were made before have run out by then: here the client forgets them.
  tokens.length = 0;
  await fleet.rounds();
  tokens.splice(0, tokens.length - 3);
  await fleet.roll({ jwtKeys: [newKey] });
  for (const answer of await fleet.both((send) => send(early, 'GET', '/v1/me'))) expectStatus(answer, 401);
});

/** Of a bot: turns that it has been asked in and owes an answer to. */
async function openTurns(conversationId: string, count: number): Promise<void> {
  await inAccount(api.pool, account.accountId, (tx) =>
    tx.query(
      `INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, link, version, recorded_at)
       SELECT $1, $2, 1000 + no, 'BotTurnOpened', now(),
              json_build_object('event', json_build_object('no', no, 'botId', $3::text)), '', no, now()
       FROM generate_series(1, $4::integer) AS no`,
      [account.accountId, conversationId, account.botId, count],
    ),
  );
}

test('the key of bots’ late answers and of commands’ digests', async () => {
  const later = await api.held(account);
  await openTurns(later, 3_000);
  let workersKey = tokenKey;
  let turn = 0;
  const answerLate = async (send: Send, key: string, no: number): Promise<Answer> => {
    const token = signReplyToken(key, account.accountId, turnId(later, no));
    return send(token, 'POST', `/v1/bot-replies/${account.accountId}/${later}/${no}`, { messages: ['late'] });
  };
  const bot: Round = async (send) => {
    const [key, no] = [workersKey, (turn++ % 3_000) + 1];
    expectStatus(await answerLate(send, key, no), 200);
    expectStatus(await answerLate(send, key, no), 200);
  };

  const talk = await api.held(account);
  const agent = required(account.tokens[0]);
  const said: { name: string; text: string }[] = [];
  const reply = async (send: Send, { name }: { name: string }): Promise<Answer> => {
    const path = `/v1/conversations/${talk}/actions/reply`;
    return send(agent, 'POST', path, { text: name }, { 'idempotency-key': name });
  };
  const repeating: Round = async (send) => {
    const name = uuid();
    said.push({ name, text: (await reply(send, { name })).text });
    for (const one of said.slice(-10)) {
      const again = await reply(send, one);
      expectStatus(again, 200);
      if (again.text !== one.text) throw new Error(`${one.text}\nis now\n${again.text}`);
      expectStatus(await send(agent, 'GET', `/v1/outcomes/${one.name}`), 200);
    }
  };

  await fleetOf(bot, repeating);
  const newKey = 'the-newer-token-key-with-32-characters!';
  await fleet.roll({ tokenKey, earlierTokenKeys: [newKey] });
  workersKey = newKey;
  await fleet.rounds();
  const early = required(said.at(-1));
  await fleet.roll({ tokenKey: newKey, earlierTokenKeys: [tokenKey] });
  for (const answer of await fleet.both((send) => reply(send, early))) expect(answer.text).toBe(early.text);
  const reused = await fleet.both((send) =>
    send(agent, 'POST', `/v1/conversations/${talk}/actions/reply`, { text: 'Else' }, { 'idempotency-key': early.name }),
  );
  for (const answer of reused) expectStatus(answer, 422);

  // A day later nobody repeats what came under the old key, and no turn is as old.
  said.length = 0;
  await fleet.rounds();
  said.splice(0, said.length - 3);
  await fleet.roll({ tokenKey: newKey, earlierTokenKeys: [] });
  for (const answer of await fleet.both((send) => answerLate(send, tokenKey, 1))) expectStatus(answer, 401);

  const rows = await api.rows<{ text: string }>(
    account.accountId,
    `SELECT content->>'text' AS text FROM messages WHERE account_id = $1 AND conversation_id = $2
       AND author_kind = 'agent' AND status <> 'discarded'`,
    [talk],
  );
  expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length);
});

test('an account’s API keys', async () => {
  let key = account.key;
  await fleetOf(async (send) => expectStatus(await send(key, 'GET', '/v1/conversations'), 200));
  for (const name of ['first', 'second']) {
    const scopes = (await api.call(key, 'GET', '/v1/me')).body.scopes;
    const made = await api.call(key, 'POST', '/v1/api-keys', { name, scopes });
    const before = key;
    const { id } = (await api.call(before, 'GET', '/v1/me')).body;
    key = made.body.key;
    await fleet.rounds();
    expect((await api.call(key, 'DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
    await fleet.rounds();
    for (const answer of await fleet.both((send) => send(before, 'GET', '/v1/me'))) expectStatus(answer, 401);
  }
});

const endpoints: Record<string, () => { settings: string; told: string; body: () => object }> = {
  channel: () => ({
    settings: `/v1/channels/${account.channelId}`,
    told: `/v1/webhooks/${account.accountId}/${account.channelId}`,
    body: () => ({
      type: 'message.received',
      data: { id: uuid(), thread: 'rotation', contact: { id: 'c' }, content: { text: 'hello' } },
    }),
  }),
  desk: () => ({
    settings: `/v1/desks/${deskId}`,
    told: `/v1/desks/${account.accountId}/${deskId}/events`,
    body: () => ({ type: 'desk.closed', data: { id: uuid(), handoverId: `${uuid()}:h1` } }),
  }),
};
let deskId = '';

test.each(['channel', 'desk'])('the secret of a %s', async (kind) => {
  if (kind === 'desk') deskId = await addDesk(api.pool, account.accountId);
  const { settings, told, body } = required(endpoints[kind])();
  const rotate = async (keepPrevious = true): Promise<string> => {
    const made = await api.call(account.key, 'POST', `${settings}/secrets`, { keepPrevious });
    expect(made.status).toBe(201);
    return made.body.secret;
  };
  const tell = async (send: Send, by: string): Promise<Answer> => {
    const payload = JSON.stringify(body());
    const headers = { 'content-type': 'application/json', ...signedHeaders(uuid(), Date.now(), payload, [by]) };
    return send(null, 'POST', told, payload, headers);
  };
  let secret = await rotate(false);
  await fleetOf(async (send) => expectStatus(await tell(send, secret), 200));
  await fleet.rounds();
  const next = await rotate();
  await fleet.rounds();
  const before = secret;
  secret = next;
  await fleet.rounds();
  secret = await rotate();
  await fleet.rounds();
  for (const answer of await fleet.both((send) => tell(send, before))) expectStatus(answer, 401);
  // It has leaked: nobody's good any more but the new one.
  await fleet.stop();
  const last = await rotate(false);
  await fleetOf(async (send) => expectStatus(await tell(send, last), 200));
  await fleet.rounds();
  for (const answer of await fleet.both((send) => tell(send, secret))) expectStatus(answer, 401);
});
