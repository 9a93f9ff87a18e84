/** An outside Temporal by mutual TLS and an outside Postgres by TLS: API, worker and the command, as they are run. */
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { TransportError } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { connect } from '../../courier/connection.ts';
import { temporalServer } from '../../process/temporal.ts';
import { connectTo } from '../../worker/connection.ts';
import { readConfig } from '../../worker/config.ts';
import { baton } from '../audit/command.ts';
import { type Certificates, createCertificates } from '../support/certificates.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type OwnProcess, startOwnProcess } from '../support/own-process.ts';
import { temporalAddress } from '../support/servers.ts';
import { mutualTlsFront, postgresTlsFront, type TlsFront } from '../support/tls-front.ts';
import { until } from '../support/until.ts';

const secret = 's'.repeat(40);
const started: OwnProcess[] = [];
let certificates: Certificates;
let database: TestDatabase;
let temporal: TlsFront;
let postgres: TlsFront;
beforeAll(async () => {
  certificates = await createCertificates();
  database = await createTestDatabase();
  const [host = '', port] = temporalAddress().split(':');
  temporal = await mutualTlsFront({ host, port: Number(port) }, certificates);
  const { hostname, port: postgresPort } = new URL(database.apiUrl);
  postgres = await postgresTlsFront({ host: hostname, port: Number(postgresPort) }, certificates);
});
afterAll(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGKILL');
    await ended;
  }
  await Promise.all([temporal.close(), postgres.close()]);
  await database.drop();
  await rm(certificates.dir, { recursive: true });
});

const start = (main: 'api/main.ts' | 'worker/main.ts', env: NodeJS.ProcessEnv): OwnProcess => {
  const one = startOwnProcess(main, env);
  started.push(one);
  return one;
};

/** By the front, and only to whom this authority has signed. */
function byTls(plainUrl: string, ca = certificates.ca): string {
  const url = new URL(plainUrl);
  url.port = String(postgres.port);
  url.searchParams.set('sslmode', 'verify-full');
  url.searchParams.set('sslrootcert', ca);
  return url.href;
}

const temporalByTls = (): Record<string, string> => ({
  TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca,
  TEMPORAL_TLS_CLIENT_CERT_PATH: certificates.client.cert,
  TEMPORAL_TLS_CLIENT_KEY_PATH: certificates.client.key,
  TEMPORAL_TLS_SERVER_NAME: 'localhost',
});

const shared = (): Record<string, string> => ({
  ...temporalByTls(),
  BATON_TASK_QUEUE: `tls-${uuid()}`,
  BATON_TOKEN_KEY: secret,
  PORT: '0',
});

test('API and worker are ready by TLS alone, with nothing degraded', async () => {
  const api = start('api/main.ts', {
    ...shared(),
    BATON_DATABASE_URL: byTls(database.apiUrl),
    BATON_COURIER_DATABASE_URL: byTls(database.courierUrl),
    BATON_PUBLIC_URL: 'http://127.0.0.1',
    BATON_JWT_KEYS: secret,
    BATON_OPERATOR_KEY: secret,
  });
  const worker = start('worker/main.ts', { ...shared(), BATON_DATABASE_URL: byTls(database.workerUrl) });
  const [, url = ''] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(await api.says('Server listening')) ?? [];
  await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, reasons: {}, degraded: {} });
  await worker.says('worker runs');
  const { port } = JSON.parse(await worker.says('worker starts')) as { port: number };
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
}, 120_000);

test('migrations run by TLS', async () => {
  const said = await baton(['migrate'], { BATON_DATABASE_URL: byTls(database.adminUrl) });
  expect(said).toMatchObject({ code: 0, out: 'nothing to apply' });
});

test('a server that another authority has signed for is refused, by either store', async () => {
  const said = await baton(['migrate'], { BATON_DATABASE_URL: byTls(database.adminUrl, certificates.otherCa) });
  expect(said.code).toBe(2);
  const env = { ...temporalByTls(), TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.otherCa };
  const asked = await baton(['verify', uuid(), '--account', uuid()], {
    BATON_DATABASE_URL: database.workerUrl,
    ...env,
  });
  expect(asked.code).toBe(2);
  expect(asked.err).toContain('Temporal');
});

test('who has no certificate is not let in', async () => {
  const address = `127.0.0.1:${temporal.port}`;
  await expect(
    connectTo({ address, tls: { serverRootCACertificate: await readFile(certificates.ca) } }),
  ).rejects.toThrow(TransportError);
});

test('the API key of a Temporal Cloud goes with every call, of client and worker', async () => {
  const [cert, key] = await Promise.all(
    [certificates.server.cert, certificates.server.key].map((path) => readFile(path)),
  );
  const seen: (string | undefined)[] = [];
  const cloud: Http2SecureServer = createSecureServer({ cert, key });
  cloud.on('stream', (stream, headers) => {
    seen.push(headers.authorization);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7' }, { endStream: true });
  });
  cloud.listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  const server = temporalServer(`127.0.0.1:${(cloud.address() as AddressInfo).port}`, {
    TEMPORAL_NAMESPACE: 'ours.a1b2c',
    TEMPORAL_API_KEY: 'a-key-of-the-cloud',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca,
  });
  const client = connect({ ...server, reachWithinMs: 5_000 });
  await client.trouble();
  await connectTo(server).catch(() => undefined);
  await client.close();
  cloud.close();
  expect(seen.length).toBeGreaterThan(1);
  expect(new Set(seen)).toEqual(new Set(['Bearer a-key-of-the-cloud']));
});

test('settings of TLS that contradict each other end it at once, with their names', () => {
  const env = { BATON_DATABASE_URL: database.workerUrl, BATON_TOKEN_KEY: secret };
  const reading = (more: Record<string, string>) => () => readConfig({ ...env, ...more });
  expect(reading({ TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'k' })).toThrow('TEMPORAL_TLS is false');
  expect(reading({ TEMPORAL_TLS_CLIENT_CERT_PATH: certificates.client.cert })).toThrow('go together');
  expect(reading({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere' })).toThrow(
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH names a file that can't be read.",
  );
  expect(reading({})().temporal).toEqual({ address: '127.0.0.1:7233', namespace: 'default' });
});
