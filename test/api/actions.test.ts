import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { required } from '../support/required.ts';
import { type Account, type ConversationApi, createConversationApi, type Line, type Page } from './conversation-api.ts';

let api: ConversationApi;
beforeAll(async () => (api = await createConversationApi()));
afterAll(() => api.close());

const stateOf = async ({ key }: Account, id: string) => (await api.call(key, 'GET', `/v1/conversations/${id}`)).body;

describe('a chat is taken', () => {
  test('S4-4: the first who joins has it; the others get 409 with the owner', async () => {
    const account = await api.ready({ agents: 5 });
    const id = await api.queued(account);
    const answers = await Promise.all(account.tokens.map((token) => api.act(token, id, 'join')));
    const winner = answers.findIndex(({ status }) => status === 200);
    const ownerId = account.agentIds[winner];
    expect(answers[winner]).toMatchObject({
      body: { ok: true, state: 'assigned', holder: { kind: 'agent', id: ownerId } },
    });
    const losers = answers.filter(({ status }) => status !== 200);
    expect(losers).toHaveLength(4);
    for (const loser of losers) {
      expect(loser).toMatchObject({ status: 409, body: { code: 'taken', ownerId } });
    }
  });

  test('S1-3: 50 joins at once by one agent with limit 3: exactly 3 succeed', async () => {
    const account = await api.ready({ agents: 1, maxChats: 3 });
    const chats = await Promise.all(Array.from({ length: 50 }, () => api.queued(account)));
    const [token = ''] = account.tokens;
    const answers = await Promise.all(chats.map((id) => api.act(token, id, 'join')));
    const codes = answers.map(({ status, body }) => (status === 200 ? 'ok' : body.code));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(3);
    expect(codes.filter((code) => code === 'agent-at-limit')).toHaveLength(47);
    const [agent] = await api.rows<{ active: number }>(
      account.accountId,
      'SELECT active FROM agents WHERE account_id = $1',
    );
    expect(agent).toEqual({ active: 3 });
  });

  test('where the list says already that a chat is taken, nobody is asked', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const asked = api.actors.asked.length;
    const [first = '', second = ''] = account.tokens;
    const answer = await api.act(second, id, 'join');
    expect(answer).toMatchObject({ status: 409, body: { code: 'taken', ownerId: account.agentIds[0] } });
    // Who is too late gets no buttons of the owner's.
    expect(answer.body).toMatchObject({ allowed: ['RequestHandover', 'Block', 'Tag'] });
    expect(api.actors.asked).toHaveLength(asked);
    // The owner may well join again, and nothing happens.
    expect(await api.act(first, id, 'join')).toMatchObject({ status: 200, body: { events: [] } });
  });

  test('an agent who is away, of another group, or not there can’t', async () => {
    const account = await api.ready({ agents: 1 });
    const id = await api.queued(account);
    const join = (body: object) => api.act(account.key, id, 'join', body);
    expect((await join({})).body).toMatchObject({ code: 'invalid-request', issues: [{ path: ['body', 'agentId'] }] });
    expect((await join({ agentId: uuid() })).body.code).toBe('agent-unknown');
    const [agentId = ''] = account.agentIds;
    await api.call(account.key, 'PUT', `/v1/agents/${agentId}/status`, { status: 'away' });
    expect(await join({ agentId })).toMatchObject({ status: 409, body: { code: 'agent-offline' } });
    const other = await api.call(account.key, 'POST', '/v1/agents', { name: 'Elsewhere' });
    await api.call(account.key, 'PUT', `/v1/agents/${other.body.id}/status`, { status: 'online' });
    expect((await join({ agentId: other.body.id })).body.code).toBe('agent-not-in-group');
    const token = await api.tokenFor(account, other.body.id);
    expect(await api.act(token, id, 'join')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('S1-2: where chats are assigned automatically, joining is refused and agents get no queue', async () => {
    const account = await api.ready({ numbers: { assignment: 'automatic' } });
    const id = await api.queued(account);
    const [token = ''] = account.tokens;
    expect(await api.act(token, id, 'join')).toMatchObject({
      status: 409,
      body: { code: 'auto-assignment-enabled' },
    });
    expect((await api.call(token, 'GET', '/v1/conversations?state=queued')).body.items).toEqual([]);
    expect((await api.call(account.key, 'GET', '/v1/conversations?state=queued')).body.items).toHaveLength(1);
  });
});

describe('the owner answers', () => {
  test('S4-4: a public reply by anyone else is a 409 with the owner, and nothing is sent', async () => {
    const account = await api.ready();
    const thread = uuid();
    const id = await api.held(account, thread);
    const [owner = '', other = ''] = account.tokens;
    expect(await api.act(other, id, 'reply', { text: 'not mine to say' })).toMatchObject({
      status: 409,
      body: { code: 'not-the-owner', ownerId: account.agentIds[0] },
    });
    const said = await api.act(owner, id, 'reply', { text: 'Good morning' });
    expect(said).toMatchObject({ status: 200, body: { outbound: [expect.any(Number) as number] } });
    await api.actors.settle(account.accountId);
    const heard = api.actors.sent.filter((one) => one.thread === thread).map((one) => one.content.text);
    expect(heard).toContain('Good morning');
    expect(heard).not.toContain('not mine to say');
    const { items } = await api.read<Page<Line>>(other, `/v1/conversations/${id}/messages`);
    expect(items.map(({ content }) => content?.text)).not.toContain('not mine to say');
    expect(items.at(-1)).toMatchObject({
      author: { kind: 'agent', id: account.agentIds[0], name: 'Agent 1' },
      delivery: { status: 'sent' },
    });
  });

  test('a key names the agent for whom it answers; an agent can’t name another', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [agentId, otherId] = account.agentIds;
    expect((await api.act(account.key, id, 'reply', { text: 'Hello' })).status).toBe(400);
    expect((await api.act(account.key, id, 'reply', { text: 'Hello', agentId })).status).toBe(200);
    expect(await api.act(account.key, id, 'reply', { text: 'Hello', agentId: otherId })).toMatchObject({
      status: 409,
      body: { code: 'not-the-owner' },
    });
    const [, other = ''] = account.tokens;
    expect(await api.act(other, id, 'reply', { text: 'Hello', agentId })).toMatchObject({ status: 403 });
  });

  test('words that say nothing, or nobody knows, are a 400', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    for (const body of [{}, { text: '  ' }, { text: 'x', colour: 'red' }, { attachments: [] }, { buttons: [{}] }]) {
      expect(await api.act(token, id, 'reply', body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    }
  });

  test('S0-5: what the channel can’t carry in any form is refused, and not cut', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    await api.rows(account.accountId, `UPDATE channels SET settings = '{"maxChars": 20}' WHERE account_id = $1`);
    const attachments = [{ kind: 'image', url: `https://example.com/${'x'.repeat(100)}` }];
    const settings = `{"maxChars": 20, "media": []}`;
    await api.rows(account.accountId, 'UPDATE channels SET settings = $2 WHERE account_id = $1', [settings]);
    expect(await api.act(required(account.tokens[0]), id, 'reply', { attachments })).toMatchObject({
      status: 409,
      body: { code: 'unsupported-content' },
    });
  });
});

describe('a chat goes on', () => {
  test('S4-5, S4-6, S1-6: unassign, forward, hand back, resolve, reopen', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [first = '', second = ''] = account.tokens;
    const [, secondId] = account.agentIds;
    expect(await api.act(second, id, 'unassign')).toMatchObject({ status: 409, body: { code: 'not-the-owner' } });
    expect(await api.act(first, id, 'unassign')).toMatchObject({ status: 200, body: { state: 'queued' } });
    expect((await api.act(first, id, 'join')).status).toBe(200);
    const group = await api.call(account.key, 'POST', '/v1/groups', { name: 'Second line' });
    expect(await api.act(first, id, 'forward', { agentId: secondId })).toMatchObject({
      status: 200,
      body: { holder: { id: secondId } },
    });
    expect(await api.act(second, id, 'forward', { groupId: uuid() })).toMatchObject({
      status: 409,
      body: { code: 'group-unknown' },
    });
    expect(await api.act(second, id, 'forward', { deskId: uuid() })).toMatchObject({ status: 422 });
    expect((await api.act(second, id, 'forward', {})).status).toBe(400);
    expect(await api.act(second, id, 'forward', { groupId: group.body.id })).toMatchObject({
      status: 200,
      body: { state: 'queued' },
    });
    expect(await stateOf(account, id)).toMatchObject({ group: { name: 'Second line' }, agent: null });
    expect(await api.act(account.key, id, 'assign', { agentId: secondId })).toMatchObject({ status: 200 });
    expect(await api.act(second, id, 'resolve')).toMatchObject({ status: 200, body: { state: 'resolved' } });
    expect(await api.act(second, id, 'resolve')).toMatchObject({ status: 200, body: { events: [] } });
    expect(await api.act(second, id, 'reopen')).toMatchObject({ status: 200, body: { state: 'assigned' } });
    expect(await api.act(second, id, 'hand-back')).toMatchObject({ status: 200, body: { state: 'bot' } });
    expect(await stateOf(account, id)).toMatchObject({ lastHandover: { because: 'hand-back' } });
  });

  test('S4-6: an agent can let go of a chat whose group was removed meanwhile: it waits in the account’s default', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [first = ''] = account.tokens;
    const group = await api.call(account.key, 'POST', '/v1/groups', { name: 'Second line' });
    await api.act(first, id, 'forward', { groupId: group.body.id });
    const [firstId] = account.agentIds;
    expect((await api.act(account.key, id, 'assign', { agentId: firstId })).status).toBe(200);
    expect((await api.call(account.key, 'DELETE', `/v1/groups/${group.body.id}`)).status).toBe(204);
    expect(await api.act(first, id, 'unassign')).toMatchObject({ status: 200, body: { state: 'queued' } });
    expect(await stateOf(account, id)).toMatchObject({ group: { id: account.groupId }, agent: null });
  });

  test('S1-13: who may assign whom', async () => {
    const account = await api.ready();
    const [agentToken = ''] = account.tokens;
    const [, otherId] = account.agentIds;
    const boss = await api.call(account.key, 'POST', '/v1/agents', {
      name: 'Boss',
      role: 'supervisor',
      groupIds: [account.groupId],
    });
    const supervisor = await api.tokenFor(account, boss.body.id);
    const id = await api.queued(account);
    expect(await api.act(agentToken, id, 'assign', { agentId: otherId })).toMatchObject({
      status: 403,
      body: { code: 'missing-scope', scope: 'conversations:supervise' },
    });
    expect(await api.act(agentToken, id, 'assign', { override: true })).toMatchObject({ status: 403 });
    expect(await api.act(account.key, id, 'assign', { agentId: otherId, override: true })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    await api.call(account.key, 'PATCH', `/v1/agents/${otherId}`, { maxChats: 0 });
    expect((await api.act(supervisor, id, 'assign', { agentId: otherId })).body.code).toBe('agent-at-limit');
    expect(await api.act(supervisor, id, 'assign', { agentId: otherId, override: true })).toMatchObject({
      status: 200,
      body: { holder: { id: otherId } },
    });
    // A supervisor acts on anybody's chat, and still doesn't answer in it.
    expect((await api.act(supervisor, id, 'reply', { text: 'Hello' })).body.code).toBe('not-the-owner');
    expect((await api.act(supervisor, id, 'unassign')).status).toBe(200);
    const auditor = await api.call(account.key, 'POST', '/v1/agents', { name: 'Auditor', role: 'auditor' });
    const token = await api.tokenFor(account, auditor.body.id);
    expect(await api.act(token, id, 'resolve')).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
  });

  test('S0-4: a request for a person through the API, once while it is open', async () => {
    const account = await api.ready();
    const { conversationId: id } = await api.write(account, uuid(), 'hello');
    const wanted = { reason: 'Angry', skill: 'returns', data: { order: 7 }, history: { kind: 'none' } };
    const asked = await api.act(account.key, id, 'request-handover', { ...wanted, priority: 5 });
    expect(asked.status).toBe(200);
    await api.actors.settle(account.accountId);
    expect(await stateOf(account, id)).toMatchObject({
      state: 'queued',
      priority: 5,
      handover: { by: 'api', ...wanted, webstore: null },
    });
    expect(await api.act(account.key, id, 'request-handover')).toMatchObject({ status: 200, body: { events: [] } });
    const unknown = { deskId: uuid() };
    expect(await api.act(account.key, id, 'request-handover', unknown)).toMatchObject({ status: 422 });
  });

  test('S1-8: block needs reason and message, tells the customer once, and reaches every conversation', async () => {
    const account = await api.ready();
    const thread = uuid();
    const id = await api.held(account, thread);
    const [token = ''] = account.tokens;
    expect((await api.act(token, id, 'block', { reason: 'Spam' })).status).toBe(400);
    const past = { reason: 'Spam', message: 'Bye', expiresAt: '2020-01-01T00:00:00Z' };
    expect((await api.act(token, id, 'block', past)).status).toBe(400);
    expect(await api.act(token, id, 'block', { reason: 'Spam', message: 'You are blocked' })).toMatchObject({
      status: 200,
      body: { state: 'blocked' },
    });
    await api.actors.settle(account.accountId);
    const told = api.actors.sent.filter((one) => one.thread === thread).map((one) => one.content.text);
    expect(told.filter((text) => text === 'You are blocked')).toHaveLength(1);
    expect((await api.call(token, 'GET', '/v1/conversations')).body.items).toEqual([]);
    const archived = await api.call(token, 'GET', '/v1/conversations?archived=true');
    expect(archived.body.items).toMatchObject([{ id, state: 'blocked' }]);
    expect(await stateOf(account, id)).toMatchObject({ contact: { blocked: { reason: 'Spam', expiresAt: null } } });
    expect(await api.act(token, id, 'unblock')).toMatchObject({ status: 200, body: { state: 'bot' } });
    expect(await api.act(token, id, 'unblock')).toMatchObject({ status: 409, body: { code: 'not-blocked' } });
  });

  test('tags are added and taken away', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    const { id: tagId } = (await api.call(account.key, 'POST', '/v1/tags', { name: 'Refund' })).body;
    expect((await api.act(token, id, 'tag', {})).status).toBe(400);
    expect(await api.act(token, id, 'tag', { add: [uuid()] })).toMatchObject({
      status: 422,
      body: { issues: [{ path: ['body', 'add', 0] }] },
    });
    expect((await api.act(token, id, 'tag', { add: [tagId] })).status).toBe(200);
    expect(await stateOf(account, id)).toMatchObject({ tags: [{ id: tagId, name: 'Refund' }] });
    const { items } = (await api.call(token, 'GET', `/v1/conversations?tagId=${tagId}`)).body;
    expect(items).toHaveLength(1);
    expect((await api.act(token, id, 'tag', { remove: [tagId] })).status).toBe(200);
    expect(await stateOf(account, id)).toMatchObject({ tags: [] });
  });
});

describe('nobody waits', () => {
  test('respond-async: 202, and the outcome is where it was said', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [token = ''] = account.tokens;
    const path = `/v1/conversations/${id}/actions/resolve`;
    const answer = await api.call(token, 'POST', path, undefined, { prefer: 'respond-async' });
    expect(answer).toMatchObject({ status: 202, headers: { 'preference-applied': 'respond-async' } });
    await api.actors.settle(account.accountId);
    const outcome = await api.call(token, 'GET', String(answer.headers['location']));
    expect(outcome).toMatchObject({ status: 200, body: { ok: true, state: 'resolved', key: answer.body.key } });
    expect((await api.call(token, 'GET', '/v1/outcomes/nobody-asked')).status).toBe(404);
  });

  test('a rejection for which nobody waited is found there, too', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [, other = ''] = account.tokens;
    const path = `/v1/conversations/${id}/actions/reply`;
    const headers = { prefer: 'wait=5, respond-async', 'idempotency-key': 'later' };
    expect((await api.call(other, 'POST', path, { text: 'Hm' }, headers)).status).toBe(202);
    await api.actors.settle(account.accountId);
    expect(await api.call(other, 'GET', '/v1/outcomes/later')).toMatchObject({
      status: 409,
      body: { code: 'not-the-owner' },
    });
  });
});
