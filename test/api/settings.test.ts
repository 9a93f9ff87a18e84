import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hours, isOpen } from '../../store/hours.ts';
import { projectDir } from '../../dev/home.ts';
import { examplesIn } from '../adapters/page-examples.ts';
import { required } from '../support/required.ts';
import { seedConversation } from './conversation.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => (api = await createTestApi()));
afterAll(() => api.close());

describe('groups', () => {
  const hours = {
    timeZone: 'America/Sao_Paulo',
    days: { mon: [{ from: '09:00', to: '17:30' }], fri: [{ from: '22:00', to: '02:00' }] },
    holidays: [{ date: '2026-12-25' }, { date: '2026-12-24', hours: [{ from: '09:00', to: '24:00' }] }],
  };

  test('are made, read, listed, changed and removed', async () => {
    const { key } = await api.account();
    const made = await api.call(key, 'POST', '/v1/groups', { name: 'Night', skills: ['returns', 'returns'], hours });
    expect(made).toMatchObject({ status: 201, body: { name: 'Night', skills: ['returns'], hours } });
    const path = `/v1/groups/${made.body.id}`;
    expect((await api.call(key, 'GET', path)).body).toEqual(made.body);
    expect((await api.call(key, 'GET', '/v1/groups')).body.items).toContainEqual(made.body);
    expect((await api.call(key, 'PATCH', path, { hours: null })).body).toMatchObject({ name: 'Night', hours: null });
    expect((await api.call(key, 'DELETE', path)).status).toBe(204);
    expect((await api.call(key, 'GET', path)).status).toBe(404);
    expect((await api.call(key, 'PATCH', path, { name: 'Again' })).status).toBe(404);
  });

  test('B-15: hours are of a time zone that there is', async () => {
    const { key } = await api.account();
    const save = (change: object) => api.call(key, 'POST', '/v1/groups', { name: 'X', hours: { ...hours, ...change } });
    for (const change of [
      { timeZone: 'Mars/Olympus' },
      { timeZone: '+01:00' },
      { days: { mon: [{ from: '9', to: '17:00' }] } },
      { days: { mon: [{ from: '09:00', to: '09:00' }] } },
      { days: { someday: [] } },
      { holidays: [{ date: '2026-02-30' }] },
    ]) {
      expect(await save(change)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    }
  });

  test('take the example of docs/opening-hours.md, which is open and closed when the page says so', async () => {
    const { key, groupId } = await api.account();
    const page = 'docs/opening-hours.md';
    const [example] = examplesIn(page).map(({ value }) => value as { hours: Hours });
    const saved = await api.call(key, 'PATCH', `/v1/groups/${groupId}`, example);
    expect(saved).toMatchObject({ status: 200, body: example });
    const moments = await momentsOf(page);
    expect(moments.length).toBeGreaterThan(5);
    for (const { at, open } of moments) {
      expect([at, isOpen(required(example).hours, Date.parse(at)) ? 'open' : 'closed']).toEqual([at, open]);
    }
  });

  test('stay while a channel or the policy names them', async () => {
    const { key, groupId } = await api.account();
    expect(await api.call(key, 'DELETE', `/v1/groups/${groupId}`)).toMatchObject({
      status: 409,
      body: { code: 'in-use', channels: 1, waiting: 0, policy: true },
    });
  });
});

describe('tags', () => {
  test('are made, found, renamed and taken out of use', async () => {
    const { key } = await api.account();
    const made = await api.call(key, 'POST', '/v1/tags', { name: 'Refund' });
    expect(made.status).toBe(201);
    const path = `/v1/tags/${made.body.id}`;
    expect(await api.call(key, 'POST', '/v1/tags', { name: 'refund' })).toMatchObject({ status: 409 });
    expect((await api.call(key, 'GET', '/v1/tags?q=FUN')).body.items).toEqual([made.body]);
    const other = await api.call(key, 'POST', '/v1/tags', { name: 'Money' });
    expect((await api.call(key, 'PATCH', path, { name: 'MONEY' })).status).toBe(409);
    expect((await api.call(key, 'PATCH', path, { name: 'Refund?' })).body).toEqual({
      id: made.body.id,
      name: 'Refund?',
    });
    expect((await api.call(key, 'DELETE', path)).status).toBe(204);
    expect((await api.call(key, 'DELETE', path)).status).toBe(404);
    expect((await api.call(key, 'GET', '/v1/tags')).body.items).toEqual([other.body]);
    expect((await api.call(key, 'POST', '/v1/tags', { name: 'refund?' })).status).toBe(201);
  });
});

describe('contacts', () => {
  test('are found by name, phone, id on a channel, note and tag', async () => {
    const account = await api.account();
    const { key } = account;
    const one = await seedConversation(api.pool, account, { name: 'Grace Hopper', phone: '+49301234567' });
    await seedConversation(api.pool, account, { name: 'Somebody else' });
    const path = `/v1/contacts/${one.contactId}`;
    await api.call(key, 'POST', `${path}/notes`, { text: 'Likes compilers' });
    await api.call(key, 'PATCH', path, { tags: ['vip', 'vip'], attributes: { plan: 'gold' } });

    const { body: contact } = await api.call(key, 'GET', path);
    expect(contact).toMatchObject({
      name: 'Grace Hopper',
      phones: ['+49301234567'],
      emails: [],
      identities: [{ channelId: account.channelId, externalId: `visitor-${one.contactId}` }],
      attributes: { plan: 'gold' },
      tags: ['vip'],
      blocked: false,
    });
    for (const query of [
      'q=hopper',
      'q=30123',
      `q=visitor-${one.contactId}`,
      'q=COMPILERS',
      'tag=vip',
      'tag=vip&q=grace',
    ]) {
      expect((await api.call(key, 'GET', `/v1/contacts?${query}`)).body.items).toEqual([contact]);
    }
    expect((await api.call(key, 'GET', '/v1/contacts?blocked=true')).body.items).toEqual([]);
    expect((await api.call(key, 'GET', '/v1/contacts?blocked=false')).body.items).toHaveLength(2);
  });

  test('S4-7: have notes, which say who wrote them', async () => {
    const account = await api.account();
    const { contactId } = await seedConversation(api.pool, account);
    const [agentId = ''] = account.agentIds;
    const { token } = (await api.call(account.key, 'POST', `/v1/agents/${agentId}/tokens`)).body;
    const path = `/v1/contacts/${contactId}/notes`;
    const byKey = await api.call(account.key, 'POST', path, { text: ' from the backend ' });
    const byAgent = await api.call(token, 'POST', path, { text: 'from me' });
    expect(byKey).toMatchObject({ status: 201, body: { agentId: null, text: 'from the backend' } });
    expect(byAgent).toMatchObject({ status: 201, body: { agentId, text: 'from me' } });
    expect((await api.call(token, 'GET', path)).body).toEqual({ items: [byAgent.body, byKey.body], next: null });
    expect((await api.call(token, 'DELETE', `${path}/${byKey.body.id}`)).status).toBe(204);
    expect((await api.call(token, 'GET', path)).body.items).toEqual([byAgent.body]);
  });
});

describe('lists', () => {
  test('come in pages; what is added meanwhile neither repeats nor hides anything', async () => {
    const { key } = await api.account();
    const names: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      names.push(`tag ${index}`);
      await api.call(key, 'POST', '/v1/tags', { name: `tag ${index}` });
    }
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await api.call(key, 'GET', `/v1/tags?limit=3${next === '' ? '' : `&cursor=${next}`}`);
      expect(page.body.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.body.items.map(({ name }: { name: string }) => name));
      next = page.body.next;
      if (seen.length === 3) {
        await api.call(key, 'POST', '/v1/tags', { name: 'late' });
      }
    }
    expect(seen).toEqual([...names, 'late']);
  });

  test('take no cursor that they didn’t give, and no more than 100 rows at once', async () => {
    const { key } = await api.account();
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'cursor=x',
      `cursor=${made(['x'])}`,
      `cursor=${made({})}`,
      'more=1',
    ]) {
      expect(await api.call(key, 'GET', `/v1/tags?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
    }
  });
});

/** The rows of the page's table: `moment` | words | open or closed. */
async function momentsOf(page: string): Promise<{ at: string; open: string }[]> {
  const words = await readFile(join(projectDir, page), 'utf8');
  const rows = words.matchAll(/^\| `(\S+Z)` \|[^|]+\| (open|closed) \|$/gm);
  return [...rows].map(([, at = '', open = '']) => ({ at, open }));
}
