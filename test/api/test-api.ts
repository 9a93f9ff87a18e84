/** The app as production builds it, on a database of its own, with requests injected. Only the outside is played. */
import { Writable } from 'node:stream';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { v7 as uuid } from 'uuid';
import { bots } from '../../adapters/bots/registry.ts';
import { channels } from '../../adapters/channels/registry.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { buildApp } from '../../api/app.ts';
import type { ApiConfig } from '../../api/config.ts';
import type { ApiDependencies } from '../../api/dependencies.ts';
import { createLogger } from '../../api/logging.ts';
import { type Scope, scopes } from '../../api/scopes.ts';
import { hashToken, newApiKey } from '../../api/tokens.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import type { Rejection } from '../../workflows/conversation/rejections.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';

export const operatorKey = 'operator-key-of-the-tests-32-characters';

export const apiConfig: ApiConfig = {
  publicUrl: 'http://baton.test',
  jwtKeys: ['signing-key-of-the-tests-at-least-32-chars'],
  tokenKey: 'token-key-of-the-tests-at-least-32-characters',
  earlierTokenKeys: [],
  operatorKey,
  metricsKey: undefined,
  corsOrigins: ['*'],
  trustedProxies: [],
  ratePerKey: 1_000_000,
  ratePerAddress: 1_000_000,
  bodyLimit: 1_048_576,
  requestTimeoutMs: 30_000,
  maxEventLoopDelayMs: 0,
  agentTokenMs: 3_600_000,
  presenceLeaseMs: 60_000,
};

/** There is no actor here: every command is answered as by one that can't accept it. */
const rejection = { code: 'wrong-state', reason: 'No actor in this test.', allowed: [] } as const satisfies Rejection;

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Body;
  text: string;
}

/** Parsed JSON (`{}` where it is none), with the members that tests read by name. Which of them are there, they know. */
export interface Body {
  id: string;
  name: string;
  code: string;
  detail: string;
  version: number;
  items: Body[];
  next: string | null;
  issues: { path: (string | number)[]; message: string }[];
  key: string;
  token: string;
  secret: string;
  scopes: string[];
  account: object;
  groupId: string;
  notices: object;
  numbers: object;
  form: object[];
  enabled: boolean;
  connected: boolean;
  status: string;
}

export interface TestApi {
  app: FastifyInstance;
  database: TestDatabase;
  /** For what a test arranges; the app has the API's. */
  pool: Pool;
  /** Everything that was logged. */
  logs: string[];
  /** A key with all scopes, or with these. */
  keyFor(accountId: string, only?: readonly Scope[]): Promise<string>;
  account(options?: Parameters<typeof seedAccount>[1]): Promise<SeededAccount & { key: string }>;
  call(
    token: string | null,
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Without a database: enough for an app that is asked for nothing. */
export function depsOfTest(): ApiDependencies {
  return {
    config: apiConfig,
    pool: createPool({ url: 'postgres://baton_api@127.0.0.1:1/none', max: 1, name: 'none' }),
    commands: { execute: () => Promise.resolve({ ok: false, rejection }), signal: () => Promise.resolve() },
    backlog: { isFull: () => false },
    temporalTrouble: () => Promise.resolve(null),
    logger: createLogger('silent'),
    channels,
    bots,
    desks,
    clock: Date.now,
  };
}

export interface TestApiOptions {
  config?: Partial<ApiConfig>;
  deps?: Partial<ApiDependencies>;
}

export async function createTestApi({ config: over, deps }: TestApiOptions = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const own = createPool({ url: database.apiUrl, max: 5, name: 'baton-api-test' });
  const arranging = createPool({ url: database.arrangerUrl, max: 5, name: 'test' });
  const pool = deps?.pool ?? arranging;
  const logs: string[] = [];
  const logger = createLogger('trace', toLines(logs));
  const app = await buildApp({ ...depsOfTest(), config: { ...apiConfig, ...over }, logger, pool: own, ...deps });
  await app.ready();

  const keyFor = async (accountId: string, only: readonly Scope[] = scopes): Promise<string> => {
    const key = newApiKey();
    await inAccount(pool, accountId, (tx) =>
      tx.query(
        `INSERT INTO api_keys (account_id, id, name, hash, scopes, created_at) VALUES ($1, $2, 'Test', $3, $4, now())`,
        [accountId, uuid(), hashToken(key), only],
      ),
    );
    return key;
  };

  return {
    app,
    database,
    pool,
    logs,
    keyFor,
    account: async (options) => {
      const seeded = await seedAccount(pool, options);
      return { ...seeded, key: await keyFor(seeded.accountId) };
    },
    call: async (token, method, url, body, headers = {}) => {
      return inject(app, {
        method,
        url,
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
    },
    close: async () => {
      await app.close();
      await Promise.all([own.end(), arranging.end()]);
      await database.drop();
    },
  };
}

/** A request whose method comes from a document. */
type Injected = Omit<InjectOptions, 'method'> & { method: string };

/** Of a stream of events only that it begins: it would never end. */
export async function inject(app: FastifyInstance, { method, ...options }: Injected): Promise<Answer> {
  const response = await app.inject({ ...options, method: method as 'GET', payloadAsStream: true });
  const answer = { status: response.statusCode, headers: response.headers };
  if (String(response.headers['content-type']).startsWith('text/event-stream')) {
    response.raw.res.destroy();
    return { ...answer, body: parsed(''), text: '' };
  }
  const text = Buffer.concat(await response.stream().toArray()).toString();
  return { ...answer, body: parsed(text), text };
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {} as Body;
  }
}

function toLines(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
