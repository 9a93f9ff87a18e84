/** API, courier and worker with a real Temporal and Postgres; all that they log and count can be read. */
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { bots } from '../../../adapters/bots/registry.ts';
import { channels } from '../../../adapters/channels/registry.ts';
import { desks } from '../../../adapters/desks/registry.ts';
import { buildApp } from '../../../api/app.ts';
import { createLogger } from '../../../api/logging.ts';
import { scopes } from '../../../api/scopes.ts';
import { hashToken, newApiKey } from '../../../api/tokens.ts';
import { newSecret, postSigned } from '../../../dev/demo/signed-post.ts';
import { inAccount } from '../../../store/connection.ts';
import { useLogger } from '../../../worker/runtime.ts';
import type { AccountOptions, SeededAccount } from '../../support/account.ts';
import { startActorStack, type ActorStack } from '../../support/actor-stack.ts';

export interface CanaryWorld {
  stack: ActorStack;
  account: SeededAccount;
  /** Of every process. */
  logs: string[];
  /** As a backend with all scopes. Throws where the status is another. */
  call(status: number, method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** As the channel's backend. */
  receives(data: Record<string, unknown>, type?: string): Promise<void>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

export async function openCanaryWorld(options: AccountOptions): Promise<CanaryWorld> {
  const logs: string[] = [];
  const lines = new Writable({
    write(chunk, _encoding, done) {
      logs.push(String(chunk));
      done();
    },
  });
  useLogger(pino({ level: 'trace' }, lines));
  const stack = await startActorStack(pino({ level: 'trace' }, lines));
  const account = await stack.account(options);
  const [key, secret] = [newApiKey(), newSecret()];
  await inAccount(stack.pool, account.accountId, async (tx) => {
    await tx.query(
      `INSERT INTO api_keys (account_id, id, name, hash, scopes, created_at) VALUES ($1, $2, 'Test', $3, $4, now())`,
      [account.accountId, uuid(), hashToken(key), scopes],
    );
    await tx.query('UPDATE channels SET secrets = $3 WHERE account_id = $1 AND id = $2', [
      account.accountId,
      account.channelId,
      JSON.stringify([secret]),
    ]);
  });
  const app = await buildApp({
    config,
    pool: stack.apiPool,
    commands: stack.commands,
    backlog: { isFull: () => false },
    logger: createLogger('trace', lines),
    channels,
    bots,
    desks,
    clock: Date.now,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const request = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    stack,
    account,
    logs,
    async call(status, method, path, body) {
      const response = await request(method, path, body);
      const text = await response.text();
      if (response.status !== status)
        throw new Error(`${method} ${path}: ${response.status} ${text} ${logs.slice(-5).join('')}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    async receives(data, type = 'message.received') {
      const hook = `${url}/v1/webhooks/${account.accountId}/${account.channelId}`;
      const { status } = await postSigned(hook, secret, { type, data });
      if (status !== 200) throw new Error(`webhook: ${status}`);
    },
    metrics: async () => (await request('GET', '/metrics')).text(),
    close: () => closeAll(app, stack),
  };
}

async function closeAll(app: FastifyInstance, stack: ActorStack): Promise<void> {
  await app.close();
  await stack.close();
}

const config = {
  publicUrl: 'http://baton.test',
  jwtKeys: ['signing-key-of-the-tests-at-least-32-chars'],
  tokenKey: 'token-key-of-the-tests-at-least-32-characters',
  operatorKey: 'operator-key-of-the-tests-32-characters',
  metricsKey: undefined,
  corsOrigins: ['*'],
  trustedProxies: [],
  ratePerKey: 1_000_000,
  ratePerAddress: 1_000_000,
  bodyLimit: 1_048_576,
  maxEventLoopDelayMs: 0,
  agentTokenMs: 3_600_000,
  presenceLeaseMs: 60_000,
};
