/** docs/signed-http.md says what goes over the wire: its examples are what our adapters send, and what they read. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { http as bot } from '../../adapters/bots/http/http.ts';
import { http as channel } from '../../adapters/channels/http/http.ts';
import { send } from '../../adapters/channels/http/send.ts';
import type { Call, FailureClass } from '../../adapters/contract/call.ts';
import type { Inbound } from '../../adapters/contract/channel.ts';
import type { DeskEvent } from '../../adapters/contract/desk.ts';
import { http as desk } from '../../adapters/desks/http/http.ts';
import { failureOfError, failureOfStatus } from '../../adapters/outcomes.ts';
import { signedHeaders } from '../../adapters/signatures.ts';
import { content } from '../../adapters/words.ts';
import { projectDir } from '../../dev/home.ts';
import { mayRetry } from '../../workflows/conversation/decide/rules/backoff.ts';
import type { ReturnCause } from '../../workflows/conversation/state.ts';
import { doSteps, fits, stepsOf } from '../dev/page-steps.ts';
import { required } from '../support/required.ts';
import { blocksIn, examplesIn, leavesOf, type Item } from './page-examples.ts';
import { rawRequest, signedRequest } from './raw-request.ts';
import { line, news, offer, otherEvents, presenceFacts, sending, turn } from './signed-http-samples.ts';

const page = 'docs/signed-http.md';
const words = readFileSync(join(projectDir, page), 'utf8');
const examples = examplesIn(page);
const values = (of: string) => examples.flatMap((one) => (one.of === of ? [one.value] : []));
const items = values('') as Item[];
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let server: Server;
let http: Agent;
let reply: { status: number; body: unknown } = { status: 200, body: {} };
let got: { headers: IncomingHttpHeaders; body: Buffer } | null = null;
beforeAll(async () => {
  http = new Agent();
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      got = { headers: request.headers, body };
      response.writeHead(reply.status).end(JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await http.destroy();
  await new Promise((resolve) => server.close(resolve));
});

function call(now = Date.now()): Call {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const connection = { accountId: 'a', id: 'c', settings: { url, windowHours: 24 }, secrets: [secret] };
  return { http, signal: new AbortController().signal, connection, now };
}

const calls: Record<string, (to: Call) => Promise<unknown>> = {
  'bot.turn.requested': (to) => bot.ask(turn, to),
  'desk.presence.requested': (to) => desk.presence(presenceFacts, to),
  'desk.handover.offered': (to) => desk.open(offer, offer.handoverId, to),
  'desk.message': (to) => desk.post(line, to),
  'desk.chat.closed': (to) => desk.tell({ ...news, kind: 'closed' }, to),
  'desk.chat.taken': (to) => desk.tell({ ...news, kind: 'taken' }, to),
  'message.send': (to) => send(sending, to),
};

/** What becomes of the page's answers to such a call. */
async function outcomesOf(type: string, of = 'answer', status = 200): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const body of values(`${type} ${of}`)) {
    reply = { status, body };
    outcomes.push(await required(calls[type])(call()));
  }
  reply = { status: 200, body: {} };
  return outcomes;
}

describe('docs/signed-http.md', () => {
  test.each(Object.keys(calls))('%s goes out as the page shows it, signed as it says', async (type) => {
    const shown = required(items.find((item) => item.type === type));
    const at = Date.parse(shown.timestamp);
    await required(calls[type])(call(at));
    const { headers, body } = required(got);
    expect(JSON.parse(body.toString())).toEqual(shown);
    const { isFromBaton } = await pagesCode();
    expect(isFromBaton(headers, body, [secret], at)).toBe(true);
  });

  test('shows each event of a bot’s turn, and why a customer is the bot’s again', () => {
    expect(values('bot.turn.requested event')).toEqual(Object.values(otherEvents));
    const causes: Record<Exclude<ReturnCause, 'reopened'>, true> = {
      'hand-back': true,
      'desk-refused': true,
      'desk-failed': true,
      'desk-lost': true,
      'customer-cancelled': true,
      'queue-wait': true,
      'all-offline': true,
      'handover-failed': true,
      'intake-abandoned': true,
    };
    const [, listed = ''] = /^`returned`: ([^.]+)\./m.exec(words) ?? [];
    expect([...listed.matchAll(/`([\w-]+)`/g)].map(([, cause]) => cause)).toEqual(Object.keys(causes));
  });

  test('of what a bot may answer nothing is ignored', () => {
    const answers = values('bot.turn.requested answer');
    expect(answers.length).toBeGreaterThan(5);
    for (const answer of answers) expectRead(answer, bot.parse(answer));
  });

  test('a desk’s answers are read as the page says', async () => {
    expect(await outcomesOf('desk.presence.requested')).toEqual([{ ok: true, online: true }]);
    expect(await outcomesOf('desk.handover.offered')).toEqual([
      { ok: true, refused: false, accepted: { person: { id: 'dora', name: 'Dora' } } },
      { ok: true, refused: true },
    ]);
  });

  test('so are a channel’s', async () => {
    expect(await outcomesOf('message.send')).toEqual([{ ok: true, providerId: 'm-9' }]);
    expect(await outcomesOf('message.send', 'refusal', 400)).toMatchObject([{ class: 'recipient-unreachable' }]);
  });

  test('of what a desk and a channel may tell nothing is ignored, and each kind is there', () => {
    const told = items.filter(({ type }) => calls[type] === undefined);
    const connection = { accountId: 'a', id: 'c', settings: {}, secrets: [secret] };
    const read = told.map((item) => {
      const request = signedRequest(JSON.stringify(item), secret);
      const adapter = item.type.startsWith('desk.') ? desk : required(channel.ingress);
      const one = required(adapter.parse(request, connection)[0]);
      expectRead(item.data, one);
      return 'status' in one ? one.status : one.kind;
    });
    expect(new Set(read)).toEqual(new Set([...Object.keys(deskKinds), ...Object.keys(channelKinds)]));
  });

  test('each part of a content is shown, and read', () => {
    const [shown] = values('content');
    const parts: Record<keyof ReturnType<typeof content.parse>, true> = {
      text: true,
      markup: true,
      buttons: true,
      attachments: true,
      payload: true,
    };
    expect(Object.keys(shown as object)).toEqual(Object.keys(parts));
    expect(content.parse(shown)).toEqual(shown);
  });

  test('every JSON block is one of those', () => {
    const kinds = new Set(examples.map(({ of }) => of.split(' ').at(-1)));
    expect(kinds).toEqual(new Set(['', 'event', 'answer', 'refusal', 'content']));
  });
});

describe('the tables of docs/signed-http.md', () => {
  const rows = words
    .split('\n')
    .flatMap((row) => (row.startsWith('| ') ? [row.split('|').map((cell) => cell.trim())] : []));
  const classOf = new Map(
    rows.flatMap(([, answers = '', named = '']) =>
      /^`[\w-]+`$/.test(named) ? answers.split(', ').map((one): [string, string] => [plain(one), plain(named)]) : [],
    ),
  );

  test('each status is of the class that stands there', () => {
    const statuses = Array.from({ length: 300 }, (_, no) => 300 + no);
    const said = statuses.map((status) => {
      const hundreds = `${Math.floor(status / 100)}xx`;
      return classOf.get(String(status)) ?? classOf.get(hundreds) ?? classOf.get(`other ${hundreds}`);
    });
    expect(said).toEqual(statuses.map((status) => failureOfStatus(status, undefined, 0).class));
  });

  test('so are 503 with Retry-After, and calls that got no answer', () => {
    expect(failureOfStatus(503, '5', 0).class).toBe(classOf.get('503 with Retry-After'));
    expect(failureOfError(new Error('away'), false).class).toBe(classOf.get('no connection'));
    expect(failureOfError(new Error('away'), true).class).toBe(classOf.get('after the call was begun'));
  });

  test('each class is there once, and tried again as it says', () => {
    const again = rows.filter(([, named = '', often = '']) => named.startsWith('`') && /^(yes|no)$/.test(often));
    expect(Object.fromEntries(again.map(([, named = '', often]) => [plain(named), often === 'yes']))).toEqual(
      Object.fromEntries(Object.keys(classes).map((one) => [one, mayRetry(one as FailureClass)])),
    );
  });
});

describe('the signatures of docs/signed-http.md', () => {
  const at = Date.parse('2026-11-30T12:00:00Z');
  const body = Buffer.from('{"text":"Grüße"}');
  const headers = required(signedHeaders('id-1', at, body.toString(), [secret, `${secret}Zm9v`]));

  test('its shell prints what stands there', async () => {
    const steps = await stepsOf(page);
    const { code, printed, complaints } = await doSteps(steps, '.baton/dev');
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
    steps.forEach(({ shows }, index) => expect(fits(required(shows), printed[index] ?? '')).toBe(true));
  });

  test('its Node code takes what we sign under one of its secrets, also beside that of another', async () => {
    const { isFromBaton } = await pagesCode();
    expect(isFromBaton(headers, body, [secret], at)).toBe(true);
    expect(isFromBaton(headers, body, ['whsec_Zm9v', secret], at)).toBe(true);
  });

  test('and nothing else', async () => {
    const { isFromBaton } = await pagesCode();
    expect(isFromBaton(headers, body, ['whsec_Zm9v'], at)).toBe(false);
    expect(isFromBaton(headers, Buffer.from('{}'), [secret], at)).toBe(false);
    expect(isFromBaton({ ...headers, 'webhook-id': 'id-2' }, body, [secret], at)).toBe(false);
    expect(isFromBaton(headers, body, [secret], at + 301_000)).toBe(false);
    expect(isFromBaton({}, body, [secret], at)).toBe(false);
  });

  test('we take what its Node code signs', async () => {
    const { signature } = await pagesCode();
    const now = rawRequest('').receivedAt;
    const seconds = String(Math.floor(now / 1000));
    const signed = signature(secret, 'id-1', seconds, body);
    const request = rawRequest(body, {
      'webhook-id': 'id-1',
      'webhook-timestamp': seconds,
      'webhook-signature': signed,
    });
    expect(desk.verify(request, call().connection)).toEqual({ ok: true });
  });
});

type DeskKind = Exclude<DeskEvent['kind'], 'ignored' | 'unreadable'>;
const deskKinds: Record<DeskKind, true> = { accepted: true, refused: true, answered: true, closed: true, took: true };

type ChannelKind = Exclude<Inbound['kind'], 'ignored' | 'unreadable' | 'receipt'>;
type ReceiptStatus = Extract<Inbound, { kind: 'receipt' }>['status'];
const channelKinds: Record<ChannelKind | ReceiptStatus, true> = {
  message: true,
  cancel: true,
  sent: true,
  delivered: true,
  read: true,
  failed: true,
};

const classes: Record<FailureClass, true> = {
  retryable: true,
  throttled: true,
  ambiguous: true,
  'window-closed': true,
  'recipient-unreachable': true,
  'content-rejected': true,
  auth: true,
  permanent: true,
};

/** Readers are loose, and leave out what they don't know: each text and number has to come out again, if only within another. */
function expectRead(shown: unknown, read: unknown): void {
  const found = leavesOf(read);
  expect(leavesOf(shown).filter((leaf) => !found.some((one) => one.includes(leaf)))).toEqual([]);
  expect(read).not.toMatchObject({ ok: false });
  expect(read).not.toMatchObject({ kind: 'unreadable' });
}

interface PagesCode {
  signature(secret: string, id: string, timestamp: string, body: Uint8Array): string;
  isFromBaton(headers: IncomingHttpHeaders, body: Uint8Array, secrets: string[], now: number): boolean;
}

async function pagesCode(): Promise<PagesCode> {
  const [code] = blocksIn(page, 'js');
  const source = `data:text/javascript,${encodeURIComponent(required(code).body)}`;
  return (await import(/* @vite-ignore */ source)) as PagesCode;
}

function plain(cell: string): string {
  return cell.replaceAll('`', '');
}
