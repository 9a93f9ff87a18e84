/** The process itself: it comes up with settings from the environment, says that it is ready, and leaves when asked to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiEnvironment, secret } from '../support/api-environment.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let api: ChildProcess | undefined;
beforeAll(async () => (database = await createTestDatabase()));
afterAll(async () => {
  api?.kill('SIGKILL');
  await database.drop();
});

const main = new URL('../../api/main.ts', import.meta.url).pathname;

function start(environment: NodeJS.ProcessEnv): ChildProcess {
  const env = { PATH: process.env['PATH'], ...environment };
  return spawn(process.execPath, ['--import', 'tsx', main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Lines of the log, until one holds this. */
async function says(child: ChildProcess, text: string): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) {
    if (line.includes(text)) return line;
  }
  throw new Error(`ended without saying: ${text}`);
}

async function up(drainSeconds = 0): Promise<{ child: ChildProcess; address: string }> {
  const child = (api = start({
    ...apiEnvironment(database),
    BATON_DRAIN_SECONDS: String(drainSeconds),
  }));
  const line = await says(child, 'Server listening');
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
  // On a busy machine it is overloaded by its own start, and says so.
  await until(async () => (await fetch(`${address}/readyz`)).status === 200);
  return { child, address };
}

test('comes up, is ready, and leaves in order on SIGTERM', async () => {
  const { child, address } = await up(1);
  const ready = await fetch(`${address}/readyz`);
  expect({ status: ready.status, body: await ready.json() }).toEqual({
    status: 200,
    body: { ready: true, reasons: {}, degraded: {} },
  });
  const metrics = await (await fetch(`${address}/metrics`)).text();
  expect(metrics).toContain('baton_inbox_backlog 0');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('finishes a request that has begun, though it is asked to leave twice', async () => {
  const { child, address } = await up();
  const body = JSON.stringify({ name: 'Late' });
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'content-length': body.length,
    connection: 'close',
    expect: '100-continue',
  };
  const slow = request(`${address}/v1/accounts`, { method: 'POST', headers });
  const answered = once(slow, 'response') as Promise<[IncomingMessage]>;
  slow.flushHeaders();
  await once(slow, 'continue');
  slow.write(body.slice(0, 5));
  child.kill('SIGTERM');
  await until(() => isRefused(address));
  child.kill('SIGTERM');
  child.kill('SIGINT');
  slow.end(body.slice(5));
  const [{ statusCode }] = await answered;
  expect(statusCode).toBe(201);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('R28: asked to leave, it says so, answers whoever has not heard of it yet, and lets go of their connections', async () => {
  const { child, address } = await up(300);
  const agent = new Agent({ keepAlive: true });
  const kept = await ask(agent, `${address}/livez`);
  expect(kept.headers.connection).toBe('keep-alive');
  child.kill('SIGTERM');
  await until(async () => (await fetch(`${address}/readyz`)).status === 503);
  expect(await (await fetch(`${address}/readyz`)).json()).toMatchObject({ ready: false, reasons: { api: 'draining' } });
  const last = await ask(agent, `${address}/livez`);
  expect(last.statusCode).toBe(200);
  expect(last.headers.connection).toBe('close');
  const unknown = await fetch(`${address}/v1/accounts/me`);
  expect({ status: unknown.status, connection: unknown.headers.get('connection') }).toEqual({
    status: 401,
    connection: 'close',
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
});

async function ask(agent: Agent, url: string): Promise<IncomingMessage> {
  const [response] = (await once(request(url, { agent }).end(), 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return response;
}

const isRefused = (address: string): Promise<boolean> =>
  fetch(`${address}/livez`).then(
    () => false,
    () => true,
  );

test('says which settings are missing, and what none of them is', async () => {
  const child = start({ BATON_OPERATOR_KEY: 'hunter2' });
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).not.toBe(0);
  expect(errors).toContain('BATON_DATABASE_URL');
  expect(errors).toContain('BATON_OPERATOR_KEY: needs at least 32 characters');
  expect(errors).not.toContain('hunter2');
});
