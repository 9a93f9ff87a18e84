/**
 * R20: every inbound route that its caller signs for, or brings a token of its own to, × everything that is no proof: 401
 * before anything of the body is parsed, and nothing is stored. Walks the OpenAPI document: a signed route added tomorrow is
 * asked the same, and one that this file can't address fails.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { bots } from '../../adapters/bots/registry.ts';
import { channels } from '../../adapters/channels/registry.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { signReplyToken } from '../../adapters/reply-token.ts';
import { signedHeaders } from '../../adapters/signatures.ts';
import { turnId } from '../../store/turns.ts';
import { dumpAccount } from '../api/dump.ts';
import { type Operation, operationsOf, urlOf } from '../api/operations.ts';
import { apiConfig, createTestApi, inject, type TestApi } from '../api/test-api.ts';
import { addVariant, type SeededAccount } from '../support/account.ts';
import { required } from '../support/required.ts';
import { type Belongings, belongingsOf } from './belongings.ts';

const secretOf = (name: string): string => `whsec_${Buffer.from(name.padEnd(32, '.')).toString('base64')}`;
const [newest, previous, dropped] = [secretOf('newest'), secretOf('previous'), secretOf('dropped')];
const [foreign, neighbours] = [secretOf('another tenant’s'), secretOf('another connection’s')];
const droppedKey = 'a key of tokens that is no longer listed';

let now = Date.now();
let parsed = 0;
/** Of every adapter, so that nothing is read unseen. */
const counting = <P extends (...given: never[]) => unknown>(parse: P): P =>
  ((...given: never[]) => ((parsed += 1), parse(...given))) as P;
const counted = {
  channels: new Map(
    [...channels].map(([type, one]) => [
      type,
      one.ingress ? { ...one, ingress: { ...one.ingress, parse: counting(one.ingress.parse) } } : one,
    ]),
  ),
  desks: new Map([...desks].map(([type, one]) => [type, { ...one, parse: counting(one.parse) }])),
  bots: new Map([...bots].map(([type, one]) => [type, { ...one, parse: counting(one.parse) }])),
};
const api: TestApi = await createTestApi({ deps: { clock: () => now, ...counted } });
afterAll(() => api.close());

interface Owner {
  account: SeededAccount & { key: string };
  things: Belongings;
  visitor: string;
}
let own: Owner;
let other: Owner;

async function owner(word: string, secrets: string[], number: string): Promise<Owner> {
  const account = await api.account({ channelSecrets: secrets });
  const things = await belongingsOf(api, account, { word, number });
  await exchange(`/v1/desks/${things.idOf('deskId')}`, account.key, secrets.toReversed());
  const chat = await addVariant(api.pool, account, { channelType: 'webchat', channelSettings: { title: 'Ask us' } });
  const { accountId, channelId } = chat;
  const visitor = (await api.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId })).body.token;
  return { account, things, visitor };
}

/** The last one ends up in front. */
async function exchange(connection: string, key: string, secrets: string[]): Promise<void> {
  for (const secret of secrets) {
    expect((await api.call(key, 'POST', `${connection}/secrets`, { secret })).status).toBe(201);
  }
}

beforeAll(async () => {
  own = await owner('own', [newest, previous], '76');
  await exchange(`/v1/channels/${own.account.channelId}`, own.account.key, [dropped, previous, newest]);
  await exchange(`/v1/desks/${own.things.idOf('deskId')}`, own.account.key, [dropped, previous, newest]);
  other = await owner('other', [foreign], '76');
});

const operations = operationsOf(api.app).map((one) => ({ ...one, title: `${one.method} ${one.path}` }));
const ofScope = (scope: string) => operations.filter((one) => one.scope === scope);

/** Whoever parsed one of these before the proof would say something else than 401. */
const bodies: Record<string, string | Buffer> = {
  'that is in order': JSON.stringify({ type: 'message.received', data: { id: 'x' } }),
  'that is no JSON': '{"type": ',
  'that is no text': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  'with a prototype': '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}',
  'as deep as the limit lets it': '['.repeat(500_000),
};

async function send(operation: Operation, url: string, headers: object, body: string | Buffer) {
  const answer = await inject(api.app, {
    method: operation.method,
    url,
    headers: { ...(operation.method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(operation.method === 'GET' ? {} : { payload: body }),
  });
  return { status: answer.status, code: answer.body.code };
}

const unauthenticated = { status: 401, code: 'unauthenticated' };
const minutes = 60_000;

type Headers = Record<string, string>;
const sign = (body: string | Buffer, by: string, at = now, id = uuid()): Headers =>
  required(signedHeaders(id, at, String(body), [by]));

/** By what is wrong with it: what comes instead of a good signature over this body. */
const notSigned: Record<string, (body: string | Buffer) => Headers> = {
  absent: () => ({}),
  'a key of the account instead': () => ({ authorization: `Bearer ${own.account.key}` }),
  'without its id': (body) => without(sign(body, newest), 'webhook-id'),
  'without its time': (body) => without(sign(body, newest), 'webhook-timestamp'),
  'without its signature': (body) => without(sign(body, newest), 'webhook-signature'),
  empty: (body) => ({ ...sign(body, newest), 'webhook-signature': '' }),
  wrong: (body) => changed(sign(body, newest), (text) => `v1,${'A'.repeat(text.length - 3)}`),
  truncated: (body) => changed(sign(body, newest), (text) => text.slice(0, -1)),
  'truncated to its version': (body) => changed(sign(body, newest), () => 'v1,'),
  'longer than it should be': (body) => changed(sign(body, newest), (text) => `${text}AAAA`),
  'of another version': (body) => changed(sign(body, newest), (text) => text.replace('v1,', 'v1a,')),
  'of many guesses': (body) =>
    changed(sign(body, foreign), (text) => Array(2_000).fill(text).join(' ').slice(0, 8_000)),
  'another tenant’s': (body) => sign(body, foreign),
  'another connection’s': (body) => sign(body, neighbours),
  'stale: six minutes old': (body) => sign(body, newest, now - 6 * minutes),
  'stale: six minutes early': (body) => sign(body, newest, now + 6 * minutes),
  'of another body': () => sign('{}  ', newest),
  'of another id': (body) => ({ ...sign(body, newest), 'webhook-id': uuid() }),
  'of another time': (body) => ({ ...sign(body, newest), 'webhook-timestamp': String(Math.floor(now / 1000) + 1) }),
  'with a dot in its id': (body) => ({ ...sign(body, newest), 'webhook-id': 'a.b' }),
  'of a time that is none': (body) => ({ ...sign(body, newest), 'webhook-timestamp': 'NaN' }),
  'rotated out': (body) => sign(body, dropped),
};

const without = (headers: Headers, name: string): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
const changed = (headers: Headers, change: (signature: string) => string): Headers => ({
  ...headers,
  'webhook-signature': change(required(headers['webhook-signature'])),
});

const dumps = async (): Promise<object[]> =>
  Promise.all([own, other].map(({ account }) => dumpAccount(api.database.adminUrl, account.accountId)));

const urlFor = (operation: Operation, { things }: Owner): string => urlOf(operation, (name) => things.idOf(name));

describe.each(ofScope('signature'))('$title', (operation) => {
  test('answers every signature that is none with 401, parses nothing and stores nothing', async () => {
    const before = await dumps();
    parsed = 0;
    for (const [what, headersFor] of Object.entries(notSigned)) {
      for (const [which, body] of Object.entries(bodies)) {
        const answer = await send(operation, urlFor(operation, own), headersFor(body), body);
        expect({ what, which, ...answer }).toEqual({ what, which, ...unauthenticated });
      }
    }
    expect(parsed).toBe(0);
    expect(await dumps()).toEqual(before);
  });

  test('takes what is signed for one tenant at that tenant’s address alone', async () => {
    const body = required(bodies['that is in order']);
    const before = await dumps();
    const headers = sign(body, newest);
    expect(await send(operation, urlFor(operation, other), headers, body)).toEqual(unauthenticated);
    const mixed = urlOf(operation, (name) => (name === 'accountId' ? own : other).things.idOf(name));
    expect(await send(operation, mixed, headers, body)).toEqual({ status: 404, code: 'not-found' });
    expect(await dumps()).toEqual(before);
  });

  test('knows the secret in use and the one before; a replay has no second effect, and later none at all', async () => {
    const body = '[]';
    const good = operation.method === 'GET' ? 404 : 200;
    for (const secret of [newest, previous]) {
      const headers = sign(operation.method === 'GET' ? '' : body, secret);
      expect((await send(operation, urlFor(operation, own), headers, body)).status).toBe(good);
      const after = await dumps();
      expect((await send(operation, urlFor(operation, own), headers, body)).status).toBe(good);
      now += 6 * minutes;
      expect(await send(operation, urlFor(operation, own), headers, body)).toEqual(unauthenticated);
      expect(await dumps()).toEqual(after);
    }
  });
});

test.each([
  [
    'webhooks',
    () => ({ type: 'message.received', data: message }),
    () => `/v1/webhooks/${own.account.accountId}/${own.account.channelId}`,
  ],
  [
    'desks',
    () => ({
      type: 'desk.took',
      data: { id: 'd', conversationId: own.things.idOf('conversationId'), person: { id: 'p', name: 'P' } },
    }),
    () => `/v1/desks/${own.account.accountId}/${own.things.idOf('deskId')}/events`,
  ],
])('a replay of what was stored (%s) is taken again, and stores nothing', async (_kind, body, url) => {
  const payload = JSON.stringify(body());
  const post = { method: 'POST', path: '' } as Operation;
  const headers = sign(payload, newest);
  expect((await send(post, url(), headers, payload)).status).toBe(200);
  const stored = await dumps();
  for (let times = 0; times < 3; times += 1) {
    expect((await send(post, url(), headers, payload)).status).toBe(200);
  }
  // Under another signature it is the same item still: what counts is its id.
  expect((await send(post, url(), sign(payload, previous), payload)).status).toBe(200);
  expect(await dumps()).toEqual(stored);
});
const message = { id: 'once', thread: 't', contact: { id: 'c' }, content: { text: 'hello' } };

const tokenFor = (key: string, { account, things }: Owner, turn = 76, conversation = things.idOf('conversationId')) =>
  signReplyToken(key, account.accountId, turnId(conversation, turn));

/** By what is wrong with it: what comes instead of the token of a turn. */
const noTurn: Record<string, () => string | null> = {
  absent: () => null,
  'a key of the account': () => own.account.key,
  wrong: () => 'A'.repeat(43),
  truncated: () => tokenFor(apiConfig.tokenKey, own).slice(0, -1),
  'longer than it should be': () => `${tokenFor(apiConfig.tokenKey, own)}AAAA`,
  'another turn’s': () => tokenFor(apiConfig.tokenKey, own, 77),
  'another conversation’s': () => tokenFor(apiConfig.tokenKey, own, 76, uuid()),
  'another tenant’s': () => tokenFor(apiConfig.tokenKey, other),
  'rotated out': () => tokenFor(droppedKey, own),
};

/** By what is wrong with it: what comes instead of the token of a visitor. */
const noVisitor: Record<string, () => string | null> = {
  absent: () => null,
  'a key of the account': () => own.account.key,
  wrong: () => `vt_${'x'.repeat(43)}`,
  truncated: () => own.visitor.slice(0, -1),
  'longer than it should be': () => `${own.visitor}x`,
  'a turn’s': () => tokenFor(apiConfig.tokenKey, own),
};

const tokens = [...ofScope('turn'), ...ofScope('visitor')];

test.each(tokens)(
  '$title answers every token that is none with 401, parses nothing and stores nothing',
  async (operation) => {
    const before = await dumps();
    parsed = 0;
    for (const [what, token] of Object.entries(operation.scope === 'turn' ? noTurn : noVisitor)) {
      const bearer = token();
      const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
      for (const [which, body] of Object.entries(bodies)) {
        const answer = await send(operation, urlFor(operation, own), headers, body);
        expect({ what, which, ...answer }).toEqual({ what, which, ...unauthenticated });
      }
    }
    expect(parsed).toBe(0);
    expect(await dumps()).toEqual(before);
  },
);

test.each(ofScope('visitor'))('$title knows no session whose time is over', async (operation) => {
  const today = now;
  now += 31 * 24 * 60 * minutes;
  const headers = { authorization: `Bearer ${own.visitor}` };
  expect(await send(operation, urlFor(operation, own), headers, '{"x": ')).toEqual(unauthenticated);
  now = today;
});
