/**
 * R21 behind a good signature: networks, desks and bots that we trust send anything in anything. It is taken, kept aside
 * or refused; never an error of ours, and what follows it is taken.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { signReplyToken } from '../../adapters/reply-token.ts';
import { signedHeaders } from '../../adapters/signatures.ts';
import { inAccount } from '../../store/connection.ts';
import { turnId } from '../../store/turns.ts';
import { spoilt } from '../hardening/junk.ts';
import { seedConversation } from './conversation.ts';
import { type Answer, createTestApi, inject, type TestApi } from './test-api.ts';

const secret = `whsec_${Buffer.from('a secret of the verified senders').toString('base64')}`;
const tokenKey = 'token-key-of-the-verified-senders-32-characters';
const times = 250;

let api: TestApi;
let accountId: string;
let channelId: string;
let conversationId: string;
const deskId = uuid();

beforeAll(async () => {
  api = await createTestApi({ config: { tokenKey } });
  const account = await api.account({ channelSecrets: [secret] });
  ({ accountId, channelId } = account);
  ({ conversationId } = await seedConversation(api.pool, account));
  await inAccount(api.pool, accountId, async (tx) => {
    await tx.query(
      `INSERT INTO desks (account_id, id, name, type, settings, secrets, created_at)
       VALUES ($1, $2, 'Desk', 'http', '{}', $3, now())`,
      [accountId, deskId, JSON.stringify([secret])],
    );
  });
  await openTurns(account.botId);
});
afterAll(() => api.close());

/** The bot has been asked in each of them, and owes its answer. */
async function openTurns(botId: string): Promise<void> {
  await inAccount(api.pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, link, version, recorded_at)
       SELECT $1, $2, no, 'BotTurnOpened', now(), json_build_object('event', json_build_object('no', no, 'botId', $3::text)),
              '', no, now()
       FROM generate_series(1, $4::integer) AS no`,
      [accountId, conversationId, botId, 2 * times],
    ),
  );
}

function signed(url: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...signedHeaders(uuid(), Date.now(), body, [secret]) };
  return inject(api.app, { method: 'POST', url, headers, payload: body });
}

const words = { text: 'hello', markup: 'markdown', buttons: [{ title: 'Yes', payload: 'yes' }], payload: 'x' };
const file = { kind: 'file', url: 'https://files.test/a.pdf', name: 'a.pdf', mime: 'application/pdf', bytes: 12 };
const person = { id: 'p1', name: 'Pia' };

/** Nothing spoilt makes an error of ours, and what is as it should be is taken afterwards. `@id` is new each time. */
async function expectNoErrorOfOurs(bodies: unknown[], send: (body: string) => Promise<Answer>): Promise<void> {
  const fresh = (body: string): string => body.replaceAll('@id', uuid());
  const property = fc.asyncProperty(fc.constantFrom(...bodies).chain(spoilt), async (body) => {
    const { status, text } = await send(fresh(body));
    expect(status, `${body.slice(0, 300)} → ${text}`).toBeLessThan(500);
  });
  await fc.assert(property, { numRuns: times, endOnFailure: true });
  for (const body of bodies) {
    expect(await send(fresh(JSON.stringify(body)))).toMatchObject({ status: 200 });
  }
}

describe('R21: behind a good signature', () => {
  test('a channel’s backend', async () => {
    const contact = { id: 'c1', name: 'Ann', phones: ['+49'], emails: ['a@b.test'], pageUrl: 'https://shop.test/a' };
    const content = { ...words, attachments: [file] };
    const message = {
      type: 'message.received',
      data: { id: '@id', thread: 't1', contact, content, endChannel: 'telegram' },
    };
    const bodies = [
      message,
      [message, message],
      { type: 'message.cancelled', data: { id: '@id', thread: 't1' } },
      { type: 'receipt.failed', data: { id: '@id', key: `${conversationId}:1`, class: 'permanent' } },
    ];
    await expectNoErrorOfOurs(bodies, (body) => signed(`/v1/webhooks/${accountId}/${channelId}`, body));
  });

  test('a desk', async () => {
    const chat = { id: '@id', handoverId: `${conversationId}:h1` };
    const bodies = [
      { type: 'desk.accepted', data: { ...chat, person } },
      { type: 'desk.refused', data: { ...chat, code: 'busy' } },
      { type: 'desk.answered', data: { ...chat, person, content: { ...words, attachments: [file] } } },
      { type: 'desk.closed', data: chat },
      [{ type: 'desk.took', data: { id: '@id', conversationId, person } }],
    ];
    await expectNoErrorOfOurs(bodies, (body) => signed(`/v1/desks/${accountId}/${deskId}/events`, body));
  });

  test('a bot that answers later', async () => {
    let turn = 0;
    const bodies = [
      { messages: [{ ...words, attachments: [file] }, 'plain'] },
      {
        messages: [],
        handover: {
          reason: 'r',
          groupId: 'Support',
          deskId: 'Desk',
          skill: 's',
          webstore: 'w',
          channelTag: 't',
          priority: 5,
          history: { kind: 'last', count: 3 },
          data: { order: { no: 1 } },
        },
      },
      {
        intake: {
          status: 'done',
          answers: [
            { name: 'order', label: 'Order', value: '1' },
            { name: 'x', value: 2 },
          ],
        },
      },
      { intake: { status: 'open', answers: { order: '1', other: true } } },
    ];
    await expectNoErrorOfOurs(bodies, (body) => {
      turn += 1;
      const token = signReplyToken(tokenKey, accountId, turnId(conversationId, turn));
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const url = `/v1/bot-replies/${accountId}/${conversationId}/${turn}`;
      return inject(api.app, { method: 'POST', url, headers, payload: body });
    });
  });
});
