/**
 * R22: bodies of 10 MB, bodies that unpack to more, headers of 64 KiB and clients that are as slow as they can be, on real
 * sockets and at every operation that takes a body: 413, 415, 431, 408, and nobody else notices.
 */
import { connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Operation, operationsOf, urlOf } from '../api/operations.ts';
import { createTestApi, type TestApi } from '../api/test-api.ts';
import { required } from '../support/required.ts';
import { type Belongings, belongingsOf } from './belongings.ts';
import { type Caller, callersOf, refusalOf } from './callers.ts';

const api: TestApi = await createTestApi({
  config: { requestTimeoutMs: 1_000, metricsKey: 'metrics-key-of-the-tests-at-least-32-chars' },
});
const operations = operationsOf(api.app)
  .filter(({ method }) => method !== 'GET')
  .map((one) => ({ ...one, title: `${one.method} ${one.path}` }));

let port: number;
let key: string;
let things: Belongings;
let callers: Caller[];
const sockets = new Set<Socket>();

beforeAll(async () => {
  const account = await api.account();
  ({ key } = account);
  things = await belongingsOf(api, account, { word: 'own', number: '76' });
  callers = await callersOf(api, account, things, 'metrics-key-of-the-tests-at-least-32-chars');
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = api.app.server.address() as AddressInfo);
});
afterEach(() => sockets.forEach((socket) => socket.destroy()));
afterAll(() => api.close());

interface Exchange {
  socket: Socket;
  /** Status and code, once the answer is whole or the connection is gone. */
  answer: Promise<{ status: number; code: string | undefined }>;
}

function open(begin: string): Exchange {
  const socket = connect(port, '127.0.0.1');
  socket.write(begin);
  sockets.add(socket);
  let text = '';
  const answer = new Promise<{ status: number; code: string | undefined }>((resolve) => {
    const look = (isOver: boolean): void => {
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (!isOver && !(Buffer.byteLength(body) >= length)) return;
      resolve({ status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1] ?? 0), code: /"code":"([\w-]+)"/.exec(body)?.[1] });
    };
    socket.setEncoding('utf8').on('data', (data: string) => ((text += data), look(false)));
    socket.on('error', () => undefined).on('close', () => (sockets.delete(socket), look(true)));
  });
  return { socket, answer };
}

/** The head of a request by somebody whom the operation lets in; a signature is read behind the body, and needs none here. */
function headOf(operation: Operation, headers: string[]): string {
  const caller = callers.find((one) => refusalOf(operation, one) === null);
  const token = caller?.token ?? null;
  const url = urlOf(operation, (name) => things.idOf(name));
  const lines = [
    `${operation.method} ${url} HTTP/1.1`,
    'Host: baton',
    'Content-Type: application/json',
    ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const ask = (operation: Operation, headers: string[]) => open(headOf(operation, headers));
const large = 10 * 1_048_576;

test.each(operations)('R22: $title, with a body that says it has 10 MB: 413', async (operation) => {
  const { answer } = ask(operation, [`Content-Length: ${large}`]);
  expect(await answer).toEqual({ status: 413, code: 'payload-too-large' });
});

test.each(operations)('R22: $title, with a body that goes on without saying how long: 413', async (operation) => {
  const { socket, answer } = ask(operation, ['Transfer-Encoding: chunked']);
  let answered = false;
  void answer.then(() => (answered = true));
  const chunk = 'x'.repeat(65_536);
  for (let sent = 0; sent < large && !answered; sent += chunk.length) {
    const full = !socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    if (full) await Promise.race([answer, new Promise((resolve) => socket.once('drain', resolve))]);
  }
  expect(await answer).toEqual({ status: 413, code: 'payload-too-large' });
});

const zeros = Buffer.alloc(large);
const bombs = { gzip: gzipSync(zeros), deflate: deflateSync(zeros), br: brotliCompressSync(zeros) };

test.each(operations)(
  'R22: $title, with a body that unpacks to 10 MB: 415, and it isn’t unpacked',
  async (operation) => {
    for (const [encoding, bomb] of Object.entries(bombs)) {
      const { socket, answer } = ask(operation, [`Content-Encoding: ${encoding}`, `Content-Length: ${bomb.length}`]);
      socket.write(bomb);
      expect({ encoding, ...(await answer) }).toEqual({ encoding, status: 415, code: 'unsupported-media-type' });
    }
  },
);

test('R22: headers of 64 KiB, as one or as many: 431', async () => {
  const one = [`X-Large: ${'x'.repeat(65_536)}`];
  const many = Array.from({ length: 1_000 }, (_, index) => `X-${index}: ${'x'.repeat(60)}`);
  for (const headers of [one, many]) {
    expect(await ask(required(operations[0]), headers).answer).toEqual({ status: 431, code: 'headers-too-large' });
  }
});

/** Sends this again and again, as slowly as it likes, until it is answered. */
function drip({ socket, answer }: Exchange, text: string): Promise<{ status: number }> {
  const timer = setInterval(() => socket.write(text), 100);
  return answer.finally(() => clearInterval(timer));
}

test('R22: slow clients, in their headers, in their bodies or silent: 408, and meanwhile others are served', async () => {
  const post = { method: 'POST', path: '/v1/tags', scope: 'tags:write' } as Operation;
  const told = required(operations.find(({ scope }) => scope === 'signature'));
  const each = Array.from({ length: 20 });
  const slow = each.flatMap(() => [
    open('').answer,
    drip(open('POST /v1/tags HTTP/1.1\r\nHost: baton\r\n'), 'X-Slow: 1\r\n'),
    drip(ask(post, ['Content-Length: 1000']), ' '),
    drip(ask(told, ['Content-Length: 1000']), ' '),
    drip(ask(post, ['Transfer-Encoding: chunked']), '1\r\n \r\n'),
  ]);
  let waiting = slow.length;
  for (const one of slow) void one.then(() => (waiting -= 1));

  const statuses: number[] = [];
  const authorization = `Bearer ${key}`;
  while (waiting > 0) {
    const url = `http://127.0.0.1:${port}/v1/tags`;
    const headers = { authorization, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: `tag ${statuses.length}` });
    statuses.push((await fetch(url, { method: 'POST', headers, body })).status);
  }
  expect(new Set(statuses)).toEqual(new Set([201]));
  const answers = await Promise.all(slow);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 408));
  expect(await ask(post, ['Content-Length: 2', 'Connection: close']).answer).toMatchObject({ status: 408 });
});

test('R22: none of this was a failure of ours', () => {
  expect(api.logs.filter((line) => line.includes('request failed'))).toEqual([]);
});
