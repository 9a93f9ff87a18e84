/** What the README's commands stand on: the helpers of its shell, and how what they print is compared. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../dev/running.ts';
import { shellFile } from '../../dev/shell/shell-file.ts';
import { fits } from './page-steps.ts';

let dir: string;
let file: string;
/** What the API answers when it is asked for the visitor's messages, one after another; the last again and again. */
let answers: object[] = [];
const asked: string[] = [];
const api = createServer(({ url = '' }, response) => {
  asked.push(url);
  response.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]));
});

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'baton-shell-'));
  file = join(dir, 'shell.sh');
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const { port } = api.address() as AddressInfo;
  const account = { key: 'bk', accountId: 'a', channels: { webchat: { id: 'c' } }, agents: { ada: 'ada' } };
  const running = { urls: { api: `http://127.0.0.1:${port}` }, account, agentToken: 't', cli: {} };
  await writeFile(file, shellFile(running as unknown as Running));
});
afterAll(async () => {
  api.close();
  await rm(dir, { recursive: true });
});

async function run(commands: string): Promise<{ code: unknown; out: string; err: string }> {
  const script = `set -euo pipefail\nsource '${file}'\n${commands}`;
  const bash = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const code = new Promise((resolve) => bash.once('close', resolve));
  const [out, err] = await Promise.all([text(bash.stdout), text(bash.stderr)]);
  return { code: await code, out, err };
}

const message = (kind: string, words: string) => ({ author: { kind }, content: { text: words } });
const problem = {
  type: '/v1/problems/invalid-request',
  status: 400,
  code: 'invalid-request',
  title: 'The request is not well-formed',
  issues: [{ path: ['body', 'text'], message: 'is empty' }],
};

describe('the shell of the README', () => {
  test('takes one value out of an answer, words as they are and anything else as JSON', async () => {
    const answer = JSON.stringify({ items: [{ id: 'x' }], next: null });
    expect((await run(`echo '${answer}' | field .items.0.id`)).out).toBe('x\n');
    expect((await run(`echo '${answer}' | field .items`)).out).toBe('[{"id":"x"}]\n');
    expect(await run(`echo '${answer}' | field .id`)).toMatchObject({ code: 1, err: `There is no .id in ${answer}\n` });
  });

  test.each(['field .id', 'lines'])('tells of a problem in words, and fails: %s', async (helper) => {
    const { code, out, err } = await run(`echo '${JSON.stringify(problem)}' | ${helper}`);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toBe('400 invalid-request: The request is not well-formed.\n  body.text: is empty\n');
  });

  test('says that there was no answer, where curl has said why', async () => {
    const { code, err } = await run('curl -sS http://127.0.0.1:1/ | lines');
    expect(code).not.toBe(0);
    expect(err).toMatch(/curl: \(7\).*\n.*There was no answer/s);
  });

  test('hears so many further lines, also when they come one by one', async () => {
    const items = [message('customer', 'hello'), message('bot', 'Hello!')];
    answers = [
      { items: [], cursor: 0 },
      { items: items.slice(0, 1), cursor: 1 },
      { items, cursor: 2 },
      { items: [message('agent', 'Yes?')], cursor: 3 },
    ];
    const { code, out } = await run('VISITOR=v\nhear 2\nhear 1');
    expect(code).toBe(0);
    expect(out).toBe('customer: hello\nbot: Hello!\nagent: Yes?\n');
    expect(asked.map((url) => url.split('?')[1])).toEqual(['after=0', 'after=0', 'after=0', 'after=2']);
  });

  test('stops hearing at a problem', async () => {
    answers = [problem];
    expect(await run('VISITOR=v\nhear 2')).toMatchObject({ code: 1, out: '' });
  });
});

describe('what a page shows is printed', () => {
  test.each([
    ['word for word', 'one\ntwo\n', 'one\ntwo\n', true],
    ['but for values', 'chat <id> at <time>\n', 'chat 17 at 10:00 UTC\n', true],
    ['but for lines', 'one\n…\nfour\n', 'one\ntwo\nthree\nfour\n', true],
    ['with other words', 'one\n', 'two\n', false],
    ['with a line more', 'one\n', 'one\ntwo\n', false],
    ['with a line less', 'one\ntwo\n', 'one\n', false],
    ['with dots that are meant', 'a.b\n', 'aXb\n', false],
  ])('%s', (_what, shows, printed, expected) => {
    expect(fits(shows, printed)).toBe(expected);
  });
});
