/**
 * No secret is ever said: API and worker with a canary in every setting that holds one, where all goes well, where Postgres and
 * Temporal refuse them, and where the settings are unusable; every command of `baton`; and all that can be read from outside.
 * A setting added tomorrow whose name says that it holds a secret fails until it has a canary here.
 */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { createProgram } from '../../worker/cli/program.ts';
import { baton } from '../audit/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type OwnProcess, startOwnProcess } from '../support/own-process.ts';
import { required } from '../support/required.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';

const canary = 'canary7f3a';
/** Has to be a key: of it no piece may be said, in any of its forms. */
const signingKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pieces = [canary, required(signingKey.split('\n')[1]).slice(24)];
const holdsSecret = (text: string): boolean => pieces.some((piece) => text.includes(piece));
const secretOf = (name: string): string => `${canary}-${name}-${'x'.repeat(32)}`;

let database: TestDatabase;
let dir: string;
const logins = ['api', 'courier', 'worker'] as const;
const running: OwnProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  dir = await mkdtemp(join(runsDir, 'secrets-'));
  await asAdmin(async (client) => {
    for (const name of logins)
      await client.query(`CREATE ROLE ${login(name)} LOGIN PASSWORD '${password}' IN ROLE baton_${name}`);
  });
});
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.child.kill('SIGKILL');
    await one.ended;
  }
});
afterAll(async () => {
  await asAdmin(async (client) => {
    for (const name of logins) await client.query(`DROP ROLE ${login(name)}`);
  });
  await rm(dir, { recursive: true, force: true });
  await database.drop();
});

const password = `${canary}password`;
/** Roles belong to the server, which other tests use, too. */
const login = (name: string): string => `test_canary_${name}_${process.pid}`;

async function asAdmin(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(name: (typeof logins)[number], secret = password): string {
  const url = new URL(database.adminUrl);
  [url.username, url.password] = [login(name), secret];
  return url.href;
}

type Env = Record<string, string>;
const shared = (): Env => ({
  TEMPORAL_ADDRESS: temporalAddress(),
  BATON_TOKEN_KEY: `${secretOf('token')},${secretOf('earlier-token')}`,
  BATON_LOG_LEVEL: 'trace',
  PORT: '0',
});
const settings = {
  api: (): Env => ({
    ...shared(),
    BATON_DATABASE_URL: databaseUrl('api'),
    BATON_COURIER_DATABASE_URL: databaseUrl('courier'),
    BATON_PUBLIC_URL: 'http://127.0.0.1',
    BATON_JWT_KEYS: `${secretOf('jwt')},${secretOf('earlier-jwt')}`,
    BATON_OPERATOR_KEY: secretOf('operator'),
    BATON_METRICS_KEY: secretOf('metrics'),
    BATON_DRAIN_SECONDS: '0',
  }),
  worker: (): Env => ({
    ...shared(),
    BATON_DATABASE_URL: databaseUrl('worker'),
    BATON_CHECKPOINT_KEY: signingKey,
  }),
};
/** Everywhere something that is refused, with a canary in it. */
const refusedTemporal: Env = { TEMPORAL_API_KEY: secretOf('temporal') };

const start = (part: 'api' | 'worker', env: Env): OwnProcess => {
  const one = startOwnProcess(`${part}/main.ts`, env);
  running.push(one);
  return one;
};

const expectSilent = (...texts: string[]): void => expect(texts.filter(holdsSecret)).toEqual([]);

test('every setting whose name says that it is a secret has a canary in this file', () => {
  const sources = ['api/config.ts', 'worker/config.ts', 'process/temporal.ts', 'process/settings.ts'].map((file) =>
    readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'),
  );
  const names = sources.flatMap((text) =>
    [...text.matchAll(/^ +([A-Z][A-Z_]+): (?!whole)/gm)].map(([, name]) => required(name)),
  );
  const secrets = names.filter((name) => /KEYS?$|SECRET|PASSWORD|DATABASE_URL|TOKEN/.test(name));
  const given = Object.entries({ ...settings.api(), ...settings.worker(), ...refusedTemporal });
  const withCanary = given.flatMap(([name, value]) => (holdsSecret(value) ? [name] : []));
  expect([...new Set(secrets)].filter((name) => !withCanary.includes(name))).toEqual([]);
});

async function everyAnswer(address: string): Promise<string[]> {
  const answers: string[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const response = await fetch(`${address}${path}`, init);
    const text = await response.text();
    answers.push(`${JSON.stringify([...response.headers])} ${text}`);
    return text;
  };
  const bearer = (token: string) => ({
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  const operator = bearer(secretOf('operator'));
  await ask('/metrics', bearer(secretOf('metrics')));
  for (const path of [
    '/v1',
    '/livez',
    '/readyz',
    '/metrics',
    '/v1/openapi.json',
    '/v1/me',
    '/v1/accounts',
    '/nothing',
  ]) {
    await ask(path);
    await ask(path, operator);
  }
  const body = JSON.stringify({ name: 'Quiet' });
  const { key = '' } = JSON.parse(await ask('/v1/accounts', { method: 'POST', body, ...operator })) as { key?: string };
  if (key !== '') {
    await ask('/v1/accounts/me', bearer(key));
    await ask('/v1/tags', { method: 'POST', body: '{', ...bearer(key) });
  }
  return answers;
}

const addressIn = (line: string): string => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';

test('where all goes well, nothing that API and worker say or answer holds a secret', async () => {
  const api = start('api', settings.api());
  const worker = start('worker', settings.worker());
  const address = addressIn(await api.says('Server listening'));
  await until(async () => (await fetch(`${address}/readyz`)).status === 200);
  const answers = await everyAnswer(address);
  const { port } = JSON.parse(await worker.says('worker starts')) as { port: number };
  await worker.says('worker runs');
  for (const path of ['/livez', '/readyz', '/metrics']) {
    answers.push(await (await fetch(`http://127.0.0.1:${port}${path}`)).text());
  }
  for (const one of [api, worker]) {
    one.child.kill('SIGTERM');
    expect(await one.ended).toEqual([0, null]);
  }
  expectSilent(...answers, ...api.lines, ...worker.lines);
  expect(answers.length).toBeGreaterThan(15);
});

test('where Postgres and Temporal refuse, neither', async () => {
  const wrong = `${canary}wrong`;
  const api = start('api', {
    ...settings.api(),
    BATON_DATABASE_URL: databaseUrl('api', wrong),
    BATON_COURIER_DATABASE_URL: databaseUrl('courier', wrong),
    ...refusedTemporal,
  });
  const worker = start('worker', {
    ...settings.worker(),
    BATON_DATABASE_URL: databaseUrl('worker', wrong),
    ...refusedTemporal,
  });
  const answers = await everyAnswer(addressIn(await api.says('Server listening')));
  const { port } = JSON.parse(await worker.says('worker starts')) as { port: number };
  for (const path of ['/readyz', '/metrics']) {
    answers.push(await (await fetch(`http://127.0.0.1:${port}${path}`)).text());
  }
  for (const one of [api, worker]) {
    one.child.kill('SIGTERM');
    await one.ended;
  }
  expectSilent(...answers, ...api.lines, ...worker.lines);
});

test.each(['api', 'worker'] as const)(
  'where no setting of the %s is usable, they are named and not shown',
  async (part) => {
    const names = Object.keys(settings[part]());
    const unusable = Object.fromEntries(names.map((name) => [name, `${canary}:@`]));
    const one = start(part, unusable);
    const [code] = await one.ended;
    expect(code).not.toBe(0);
    expect(one.lines.join('\n')).toContain('BATON_DATABASE_URL');
    expectSilent(...one.lines);
  },
);

test('of files, too: what can’t be used in them is named by the setting', async () => {
  const file = join(dir, 'secret');
  await writeFile(file, `${canary} short`);
  const one = start('api', {
    ...settings.api(),
    BATON_OPERATOR_KEY: '',
    BATON_OPERATOR_KEY_FILE: file,
    BATON_JWT_KEYS_FILE: file,
  });
  const [code] = await one.ended;
  expect(code).not.toBe(0);
  expect(one.lines.join('\n')).toContain('BATON_OPERATOR_KEY');
  expectSilent(...one.lines);
});

test('no command of baton says one, whatever goes wrong', async () => {
  const quiet = { out: () => undefined, err: () => undefined, env: {}, colours: false };
  const commands = createProgram({ io: quiet, done: () => undefined }).commands.map((command) => command.name());
  expect(commands.length).toBeGreaterThan(3);
  const away = new URL(database.adminUrl);
  [away.password, away.port] = [password, '1'];
  const urls = [
    databaseUrl('worker', `${canary}wrong`),
    databaseUrl('worker'),
    away.href,
    `postgres://u:${canary}@[`,
    canary,
  ];
  const id = '00000000-0000-7000-8000-000000000000';
  const said: string[] = [];
  for (const command of commands) {
    if (command === 'bundle') continue;
    for (const url of urls) {
      const env = {
        BATON_DATABASE_URL: url,
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        BATON_TEMPORAL_ADDRESS: '127.0.0.1:1',
        ...refusedTemporal,
      };
      const { out, err } = await baton([command, ...(command === 'migrate' ? [] : [id])], env);
      said.push(out, err);
    }
  }
  expectSilent(...said);
});
