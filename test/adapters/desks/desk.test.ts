import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../../adapters/contract/call.ts';
import type { DeskOffer } from '../../../adapters/contract/desk.ts';
import { http as desk } from '../../../adapters/desks/http/http.ts';
import { desks } from '../../../adapters/desks/registry.ts';
import { startFakeDesk, type FakeDesk } from '../../support/fake-desk.ts';
import { signedRequest } from '../raw-request.ts';

let fake: FakeDesk;
let agent: Agent;
beforeAll(async () => {
  fake = await startFakeDesk();
  agent = new Agent();
});
beforeEach(() => fake.script(() => null));
afterAll(async () => {
  await agent.destroy();
  await fake.stop();
});

const call = (over: Partial<Call> = {}): Call => ({
  http: agent,
  signal: new AbortController().signal,
  connection: { accountId: 'a', id: 'd', settings: { url: fake.url }, secrets: [fake.secret] },
  now: Date.now(),
  ...over,
});
const offer: DeskOffer = {
  handoverId: 'conversation:1',
  conversationId: 'conversation',
  contact: { id: 'ann', name: 'Ann', phones: ['+31612345678'], emails: [] },
  skill: 'billing',
  priority: 5,
  data: { order: 17 },
  intake: [{ name: 'order', label: 'Order', value: '17' }],
  history: [
    { id: 'm1', author: 'customer', content: { text: 'Hi' }, at: '2026-11-22T10:00:00.000Z' },
    { id: 'm2', author: 'bot', content: { text: 'Hello' }, at: '2026-11-22T10:00:01.000Z' },
  ],
  historyOmitted: 0,
};

test('the registry knows it', () => expect(desks.get('http')).toBe(desk));

describe('S3-2: presence', () => {
  test.each([true, false])('is what the desk says: %s', async (online) => {
    fake.script(() => ({ status: 200, body: { online } }));
    expect(await desk.presence({ skill: 'billing' }, call())).toEqual({ ok: true, online });
    expect(fake.calls.at(-1)).toMatchObject({ type: 'desk.presence.requested', data: { skill: 'billing' } });
  });

  test.each([
    [{ status: 500 }],
    [{ status: 200, body: { online: 'yes' } }],
    [{ status: 200, body: null }],
    ['drop' as const],
  ])('is a failure with %o', async (reply) => {
    fake.script(() => reply);
    expect(await desk.presence({}, call())).toMatchObject({ ok: false });
  });
});

describe('an offer', () => {
  test('S0-4, S3-3: carries the facts, the intake and the history, in order', async () => {
    expect(await desk.open(offer, 'open:1', call())).toEqual({ ok: true, refused: false });
    expect(fake.offers().at(-1)).toEqual(offer);
  });

  test.each([
    [{ refused: true }, { ok: true, refused: true }],
    [{ accepted: true }, { ok: true, refused: false, accepted: {} }],
    [
      { accepted: { person: { id: 9, name: 'Bob' } } },
      { ok: true, refused: false, accepted: { person: { id: '9', name: 'Bob' } } },
    ],
    [
      { accepted: null, note: 'x' },
      { ok: true, refused: false },
    ],
    [
      { refused: true, accepted: true },
      { ok: true, refused: true },
    ],
    [undefined, { ok: true, refused: false }],
  ])('answered with %j', async (body, outcome) => {
    fake.script(() => ({ status: 200, body }));
    expect(await desk.open(offer, `open:${JSON.stringify(body)?.length}`, call())).toEqual(outcome);
  });

  test('S0-2: sent again under its key, after its answer was lost, is one offer', async () => {
    const before = fake.offers().length;
    const [key, next] = ['open:lost', 'open:next'];
    fake.script(() => 'drop');
    expect(await desk.open(offer, key, call())).toMatchObject({ ok: false, class: 'retryable' });
    fake.script(() => null);
    await desk.open(offer, key, call());
    await desk.open(offer, key, call());
    await desk.open(offer, next, call());
    expect(fake.offers().length).toBe(before + 2);
  });
});

test('lines and news reach the desk under their keys', async () => {
  const line = {
    handoverId: 'conversation:1',
    key: 'line:1',
    content: { text: 'Are you there?' },
    at: '2026-11-22T10:01:00.000Z',
  };
  expect(await desk.post(line, call())).toEqual({ ok: true });
  expect(await desk.post(line, call())).toEqual({ ok: true });
  expect(fake.lines('conversation:1')).toEqual([{ text: 'Are you there?' }]);
  for (const kind of ['closed', 'taken'] as const) {
    expect(await desk.tell({ handoverId: 'conversation:1', kind, key: `news:${kind}` }, call())).toEqual({ ok: true });
    expect(fake.calls.at(-1)).toMatchObject({ type: `desk.chat.${kind}`, data: { handoverId: 'conversation:1' } });
  }
});

test('R9: a desk that is dead is retryable for all that is said to it', async () => {
  await fake.die();
  const outcomes = await Promise.all([
    desk.presence({}, call()),
    desk.open(offer, 'open:dead', call()),
    desk.post({ handoverId: 'h', key: 'line:dead', content: { text: 'x' }, at: '' }, call()),
    desk.tell({ handoverId: 'h', kind: 'closed', key: 'news:dead' }, call()),
  ]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, class: 'retryable' });
  await fake.revive();
});

describe('what a desk tells', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const connection = { accountId: 'a', id: 'd', settings: {}, secrets: [secret] };
  const request = (items: unknown) => signedRequest(JSON.stringify(items), secret);
  const parsed = (type: string, data: object) => desk.parse(request({ type, data }), connection)[0];
  const chat = { id: 'e1', handoverId: 'h1' };
  const person = { id: 9, name: 'Bob' };

  test('R20: is signed', () => {
    expect(desk.verify(request([]), connection)).toEqual({ ok: true });
    expect(desk.verify(request([]), { ...connection, secrets: [fake.secret] })).toMatchObject({
      ok: false,
      status: 401,
    });
  });

  test.each([
    [
      'desk.accepted',
      { ...chat, person },
      { kind: 'accepted', externalId: 'accepted:e1', handoverId: 'h1', person: { id: '9', name: 'Bob' } },
    ],
    ['desk.accepted', { ...chat, person: null }, { kind: 'accepted', externalId: 'accepted:e1', handoverId: 'h1' }],
    [
      'desk.refused',
      { ...chat, code: 'busy' },
      { kind: 'refused', externalId: 'refused:e1', handoverId: 'h1', code: 'busy' },
    ],
    [
      'desk.answered',
      { ...chat, content: { text: 'Hi' } },
      { kind: 'answered', externalId: 'answered:e1', handoverId: 'h1', content: { text: 'Hi' } },
    ],
    ['desk.closed', chat, { kind: 'closed', externalId: 'closed:e1', handoverId: 'h1' }],
    [
      'desk.took',
      { id: 'e1', conversationId: 'c1', person },
      { kind: 'took', externalId: 'took:e1', conversationId: 'c1', person: { id: '9', name: 'Bob' } },
    ],
  ])('%s', (type, data, event) => {
    expect(parsed(type, data)).toEqual(event);
  });

  test('one id from the offer to the end is still several events', () => {
    const ids = ['desk.accepted', 'desk.closed'].map((type) => parsed(type, chat));
    expect(ids).toMatchObject([{ externalId: 'accepted:e1' }, { externalId: 'closed:e1' }]);
  });

  test('R10: one bad event does not drop the batch', () => {
    const items = [
      { type: 'desk.closed', data: chat },
      { type: 'desk.answered', data: chat },
      { type: 'desk.typing', data: {} },
      5,
    ];
    expect(desk.parse(request(items), connection)).toMatchObject([
      { kind: 'closed' },
      { kind: 'unreadable', externalId: 'desk.answered:e1' },
      { kind: 'ignored' },
      { kind: 'unreadable', externalId: 'msg_1:3' },
    ]);
  });
});
