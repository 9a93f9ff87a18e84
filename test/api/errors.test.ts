import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webchat } from '../../adapters/channels/webchat/webchat.ts';
import { problems, problemSchema } from '../../api/problem.ts';
import { Unanswered } from '../../courier/commands.ts';
import { createPool } from '../../store/connection.ts';
import { newConversation } from '../support/conversation-rows.ts';
import { createTestApi, type TestApi } from './test-api.ts';

const secretText = 'canary-in-an-error';

/** A channel type whose capabilities are not as they should be, in two ways. */
const broken = new Map([
  ['throws', { ...webchat, type: 'throws', capabilities: () => thrower() }],
  ['lies', { ...webchat, type: 'lies', capabilities: () => ({ text: secretText }) as never }],
]);

function thrower(): never {
  throw new TypeError(secretText);
}

let api: TestApi;
let key: string;
let botId: string;

beforeAll(async () => {
  api = await createTestApi({ deps: { channels: broken } });
  ({ key, botId } = await api.account({ channelType: 'throws' }));
});
afterAll(() => api.close());

const json = 'application/json';
const send = async (payload: Buffer | string, type = json) => {
  const response = await api.app.inject({
    method: 'POST',
    url: '/v1/tags',
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    payload,
  });
  return { status: response.statusCode, body: response.json<Record<string, unknown>>(), headers: response.headers };
};

describe('input that can’t be read', () => {
  const invalid = { status: 400, body: { code: 'invalid-request', status: 400 } };

  test.each([
    ['half of it', '{"name":'],
    ['no JSON', 'name=x'],
    ['a prototype', '{"name":"x","__proto__":{"admin":true}}'],
    ['a constructor’s prototype', '{"name":"x","constructor":{"prototype":{"admin":true}}}'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a NUL', '{"name":"a\\u0000b"}'],
    ['half a surrogate pair', '{"name":"\\ud83d"}'],
    ['a NUL in a key', '{"name":"a","b\\u0000":1}'],
    ['unknown members', '{"name":"a","more":1}'],
    ['another type', '{"name":1}'],
    ['nothing but spaces', '{"name":"   "}'],
    ['deeper than 64 levels', `{"name":${'['.repeat(64)}${']'.repeat(64)}}`],
    ['a depth of thousands', `{"name":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('%s: 400', async (_what, payload) => {
    expect(await send(payload)).toMatchObject(invalid);
  });

  test('null, where a body may be left out: 400', async () => {
    const response = await api.app.inject({
      method: 'POST',
      url: `/v1/conversations/${botId}/typing`,
      headers: { authorization: `Bearer ${key}`, 'content-type': json },
      payload: 'null',
    });
    expect({ status: response.statusCode, body: response.json<object>() }).toMatchObject(invalid);
  });

  test('bytes that are no UTF-8: 400', async () => {
    expect(await send(Buffer.from([0x7b, 0x22, 0x6e, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toMatchObject(invalid);
  });

  test('says where', async () => {
    expect((await send('{"name":1}')).body).toMatchObject({ issues: [{ path: ['body', 'name'] }] });
    expect((await api.call(key, 'GET', '/v1/tags?limit=0')).body).toMatchObject({
      issues: [{ path: ['query', 'limit'] }],
    });
    expect((await api.call(key, 'GET', '/v1/tags/1')).body).toMatchObject({ issues: [{ path: ['params', 'tagId'] }] });
  });

  test('in the address: 400', async () => {
    for (const url of ['/v1/tags?q=%00', '/v1/tags/%E0%A4%A', '/v1/tags/%00', '/v1/tags?limit=1&limit=2']) {
      expect(await api.call(key, 'GET', url)).toMatchObject(invalid);
    }
  });

  test('emoji are as good as any text', async () => {
    expect(await send('{"name":"\\ud83d\\ude00"}')).toMatchObject({ status: 201, body: { name: '😀' } });
  });

  test('another content type: 415', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'application/x-www-form-urlencoded']) {
      expect(await send('{"name":"x"}', type)).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
    }
  });

  test('more than 1 MiB: 413', async () => {
    expect(await send(JSON.stringify({ name: 'x'.repeat(1_048_576) }))).toMatchObject({
      status: 413,
      body: { code: 'payload-too-large' },
    });
  });

  test('no such route or method: 404', async () => {
    for (const [method, url] of [
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/tags'],
    ] as const) {
      expect(await api.call(key, method, url)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });
});

describe('what is our own fault', () => {
  test('is 500, without a word of it; the log has class and place', async () => {
    const { length } = api.logs;
    const answer = await api.call(key, 'GET', '/v1/channels');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal', title: problems.internal.title } });
    expect(answer.text).not.toMatch(/canary|TypeError|\.ts|at /);
    const logged = api.logs.slice(length).join('');
    expect(logged).toContain('"class":"TypeError"');
    expect(logged).toContain('errors.test.ts');
    expect(logged).not.toContain(secretText);
  });

  test('an answer that doesn’t match its schema never goes out', async () => {
    const { length } = api.logs;
    const answer = await api.call(key, 'POST', '/v1/channels', { name: 'x', type: 'lies', botId });
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(answer.text + api.logs.slice(length).join('')).not.toContain(secretText);
  });
});

describe('every problem', () => {
  test('has its code explained at its type', async () => {
    const { body } = await api.call(null, 'GET', '/v1/me');
    expect(problemSchema.safeParse(body).success).toBe(true);
    for (const [code, kind] of Object.entries(problems)) {
      expect(await api.call(null, 'GET', `/v1/problems/${code}`)).toMatchObject({
        status: 200,
        body: { code, ...kind },
      });
    }
    expect((await api.call(null, 'GET', '/v1/problems/none')).status).toBe(404);
  });

  test('can be found in the logs by the id that it carries', async () => {
    const answer = await api.call(null, 'GET', '/v1/me');
    const id = String(answer.headers['x-request-id']);
    expect(answer.body).toMatchObject({ requestId: id });
    expect(api.logs.join('')).toContain(id);
  });
});

describe('with Postgres away', () => {
  test('503, and when to try again; the process itself is alive', async () => {
    const pool = createPool({ url: 'postgres://baton_api:x@127.0.0.1:1/none', max: 2, name: 'away' });
    const away = await createTestApi({ deps: { pool } });
    expect(await away.call(key, 'GET', '/v1/me')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect((await away.call(key, 'GET', '/v1/me')).headers['retry-after']).toBe('2');
    expect(await away.call(null, 'GET', '/readyz')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
      body: { ready: false, reasons: { postgres: 'away' } },
    });
    expect((await away.call(null, 'GET', '/livez')).status).toBe(200);
    await pool.end();
    await away.close();
  });
});

test('a plugin’s own 503 says when to try again, and not what it said itself', async () => {
  const full = await createTestApi({
    deps: {
      backlog: {
        isFull: () => {
          throw Object.assign(new Error('inner words'), { statusCode: 503 });
        },
      },
    },
  });
  expect(await full.call(null, 'GET', '/readyz')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '2' },
    body: { code: 'unavailable' },
  });
  await full.close();
});

describe('with Temporal away', () => {
  test.each([
    ['what it may take the next time is unavailable', new Unanswered(), 503, 'unavailable'],
    ['what it never takes is a fault of ours', new TypeError('no such thing'), 500, 'internal'],
  ])('a command that nobody waits for: %s', async (_what, error, status, code) => {
    const execute = () => Promise.reject(error);
    const away = await createTestApi({ deps: { commands: { execute, signal: execute } } });
    const account = await away.account();
    const { conversationId } = await newConversation(away.pool, account);
    const url = `/v1/conversations/${conversationId}/actions/resolve`;
    const answer = await away.call(account.key, 'POST', url, {}, { prefer: 'respond-async' });
    expect(answer).toMatchObject({ status, body: { code } });
    await away.close();
  });
});

describe('rates', () => {
  test('are limited per key, with when to try again', async () => {
    const limited = await createTestApi({ config: { ratePerKey: 3 } });
    const [one, other] = [await limited.account(), await limited.account()];
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      statuses.push((await limited.call(one.key, 'GET', '/v1/me')).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await limited.call(one.key, 'GET', '/v1/me');
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await limited.call(other.key, 'GET', '/v1/me')).status).toBe(200);
    await limited.close();
  });

  test('are limited for whoever tries keys that nobody knows; what it brings then isn’t looked at', async () => {
    const limited = await createTestApi({ config: { ratePerAddress: 3 } });
    const { key: good } = await limited.account();
    const statuses: number[] = [];
    for (const token of ['a', 'b', 'c', 'd', good]) {
      statuses.push((await limited.call(token, 'GET', '/v1/me')).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    await limited.close();
  });
});

describe('on the wire', () => {
  let port: number;
  beforeAll(async () => {
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = api.app.server.address() as AddressInfo);
  });

  const exchange = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  test.each([
    [
      'headers of more than 16 KiB',
      `GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['what is no HTTP', 'HELO baton\r\n\r\n', 400, 'invalid-request'],
  ])('%s: a problem, too', async (_what, text, status, code) => {
    const answer = await exchange(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status, code });
  });
});
