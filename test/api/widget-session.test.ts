/** Who may chat from which page, as whom, and for how long. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { required } from '../support/required.ts';
import { createConversationApi, type Page } from './conversation-api.ts';
import { withVisitors } from './widget-visitors.ts';

const visitors = withVisitors();
const { chat, session, tokenOf, write, history } = visitors;

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function signed(claims: object, by = secret): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', by).update(text).digest('base64url')}`;
}
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe('a session', () => {
  test('is for pages that the channel allows, and for no others', async () => {
    const account = await chat();
    const from = (origin: string) => session(account, {}, { origin });
    expect((await from('https://shop.example')).status).toBe(201);
    expect((await from('http://baton.test')).status).toBe(201);
    expect(await from('https://evil.example')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const token = await tokenOf(account);
    const read = (origin: string) => visitors.api.call(token, 'GET', '/v1/widget/messages', undefined, { origin });
    expect((await read('https://shop.example')).status).toBe(200);
    expect((await read('https://evil.example')).status).toBe(403);
  });

  test('of another account, of no web chat or of one that is off is a 404', async () => {
    const [account, other] = [await chat(), await chat()];
    const http = await visitors.api.ready();
    for (const where of [{ channelId: other.channelId }, { accountId: uuid() }, { channelId: uuid() }]) {
      expect((await session({ ...account, ...where })).status).toBe(404);
    }
    expect((await session(http)).status).toBe(404);
    const token = await tokenOf(account);
    await visitors.api.rows(account.accountId, 'UPDATE channels SET disabled_at = now() WHERE account_id = $1');
    expect((await session(account)).status).toBe(404);
    expect((await visitors.api.call(token, 'GET', '/v1/widget/messages')).status).toBe(404);
  });

  test('is known by the hash of its token only, and ends', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const rows = await visitors.api.rows<Record<string, unknown>>(
      account.accountId,
      'SELECT * FROM visitor_sessions WHERE account_id = $1',
    );
    expect(JSON.stringify(rows)).not.toContain(token.slice(3));
    await visitors.api.rows(account.accountId, 'UPDATE visitor_sessions SET expires_at = now() WHERE account_id = $1');
    expect((await visitors.api.call(token, 'GET', '/v1/widget/messages')).status).toBe(401);
    // What was told of its visitor goes with the next session that begins.
    await tokenOf(account);
    const left = await visitors.api.rows(account.accountId, 'SELECT 1 FROM visitor_sessions WHERE account_id = $1');
    expect(left).toHaveLength(1);
  });

  test('S4-3: what a page says of its visitor stands with the contact once they write', async () => {
    const account = await chat();
    const visitor = {
      name: 'Grace',
      email: 'grace@shop.example',
      phone: '+31612345678',
      pageUrl: 'https://shop.example/nl/returns',
    };
    const token = await tokenOf(account, { visitor });
    await write(account, token, 'hello');
    const [conversation] = (await visitors.api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    const { body } = await visitors.api.call(account.key, 'GET', `/v1/conversations/${required(conversation).id}`);
    expect(body).toMatchObject({
      contact: {
        name: 'Grace',
        emails: ['grace@shop.example'],
        phones: ['+31612345678'],
        attributes: { pageUrl: visitor.pageUrl },
      },
    });
  });

  test('signed by the site: the same visitor on every device; forged, expired or missing: 403', async () => {
    const account = await chat({ identityRequired: true });
    await visitors.api.rows(account.accountId, 'UPDATE channels SET secrets = $2 WHERE account_id = $1', [
      JSON.stringify([secret]),
    ]);
    const jwt = signed({ sub: 'customer-7', exp: inAnHour(), name: 'Ann', email: 'ann@shop.example' });
    const phone = await session(account, { visitor: jwt });
    expect(phone).toMatchObject({ status: 201, body: { visitorId: 'customer-7' } });
    await write(account, phone.body.token, 'from the phone');
    const laptop = await session(account, { visitor: { jwt, name: 'Somebody else' } });
    expect(laptop).toMatchObject({ status: 201, body: { visitorId: 'customer-7', cursor: 2 } });
    expect((await history(laptop.body.token)).items.map(({ content }) => content.text)).toContain('from the phone');
    const [contact] = (await visitors.api.read<Page<{ name: string }>>(account.key, '/v1/contacts')).items;
    expect(contact).toMatchObject({ name: 'Ann' });
    const exp = inAnHour();
    const refused: [visitor: unknown, because: RegExp][] = [
      [undefined, /signed in/],
      [{ name: 'Ann' }, /signed in/],
      ['no.jwt.atall', /no secret of the channel/],
      [signed({ sub: 'customer-7', exp }, 'another secret'), /no secret of the channel/],
      [signed({ sub: 'customer-7', exp: exp - 7_200 }), /has expired/],
      [signed({ sub: 'customer-7', exp: exp - 7_200 }, 'another secret'), /no secret of the channel/],
      [signed({ sub: 'customer-7', exp: exp + 7_200 }), /more than an hour/],
      [signed({ sub: 'customer-7' }), /lacks/],
      [signed({ exp }), /lacks/],
      [`${jwt.split('.').slice(0, 2).join('.')}.`, /no secret of the channel/],
    ];
    for (const [visitor, because] of refused) {
      const answer = await session(account, visitor === undefined ? {} : { visitor });
      expect(answer.status).toBe(403);
      expect(answer.body.detail).toMatch(because);
    }
  });

  test('is limited per session, and new ones per address', async () => {
    const limited = await createConversationApi({ config: { ratePerAddress: 300 } });
    try {
      const { accountId, channelId } = await limited.ready({ channelType: 'webchat' });
      const begin = () => limited.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId });
      const begun = [];
      for (let no = 0; no < 7; no += 1) begun.push(await begin());
      expect(begun.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201, 429]);
      expect(begun.at(-1)).toMatchObject({ body: { code: 'rate-limited' }, headers: { 'retry-after': '60' } });

      const [busy = '', calm = ''] = begun.map(({ body }) => body.token);
      const read = (token: string) => limited.call(token, 'GET', '/v1/widget/messages');
      const statuses: number[] = [];
      for (let round = 0; round < 25; round += 1) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => read(busy)));
        statuses.push(...answers.map(({ status }) => status));
      }
      expect(statuses.slice(0, 230).every((status) => status === 200)).toBe(true);
      expect(statuses.at(-1)).toBe(429);
      expect((await read(calm)).status).toBe(200);
    } finally {
      await limited.close();
    }
  });
});
