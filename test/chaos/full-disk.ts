/**
 * A disk without room. As root: the run's database is moved to a file system of its own (tmpfs), which is filled up to the last
 * byte; so Postgres itself finds that it can't extend its files. The log of transactions stays where it was: without room for
 * that Postgres stops, which is R3. Where nothing may be mounted a trigger says what Postgres would say (SQLSTATE 53100)
 * whenever something comes in, is decided or goes out.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chmod, chown, mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from '../../dev/servers/error-codes.ts';
import { unprivilegedUser } from '../../dev/servers/os-user.ts';
import { createPool } from '../../store/connection.ts';
import type { Arena } from './arena.ts';

export interface Disk {
  /** By which a run tells which of the two it was. */
  name: string;
  /** Answers how there is room again. */
  fill(): Promise<() => Promise<void>>;
}

const run = promisify(execFile);
const tablespace = 'small_disk';

export async function withFullDisk<T>(arena: Arena, work: (disk: Disk) => Promise<T>): Promise<T> {
  const mounted = await mount();
  if (mounted === null) return work({ name: 'disk full (by a trigger)', fill: () => refuseToExtend(arena) });
  try {
    await moveDatabase(arena, tablespace, [`CREATE TABLESPACE ${tablespace} LOCATION '${mounted.dir}'`]);
    return await work({ name: 'disk full', fill: await layBallast(mounted.dir) });
  } finally {
    await moveDatabase(arena, 'pg_default', [], [`DROP TABLESPACE IF EXISTS ${tablespace}`]);
    await mounted.unmount();
  }
}

interface Mounted {
  dir: string;
  unmount(): Promise<void>;
}

/** Null: not allowed here. */
async function mount(): Promise<Mounted | null> {
  const user = await unprivilegedUser();
  if (user === undefined) return null;
  const dir = await mkdtemp(join(tmpdir(), 'baton-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', dir]);
  } catch {
    await rm(dir, { recursive: true });
    return null; // root of a container, without the right to
  }
  // Also where the run is broken off: whoever still uses it keeps it until then.
  const leave = (): unknown => execFileSync('umount', ['--lazy', dir]);
  process.once('exit', leave);
  await chown(dir, user.uid, user.gid);
  await chmod(dir, 0o700);
  return {
    dir,
    async unmount() {
      await run('umount', [dir]);
      process.off('exit', leave);
      await rm(dir, { recursive: true });
    },
  };
}

/** While nobody is connected to it, which Postgres asks for. */
async function moveDatabase(
  { installation: { database, apis, workers } }: Arena,
  to: string,
  before: string[],
  after: string[] = [],
): Promise<void> {
  const processes = [...apis, ...workers];
  await Promise.all(processes.map((one) => one.end('SIGKILL')));
  const url = new URL(database.adminUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const server = createPool({ url: url.href, max: 1, name: 'baton-chaos' });
  try {
    for (const statement of before) await server.query(statement);
    await server.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [name]);
    await server.query(`ALTER DATABASE ${name} SET TABLESPACE ${to}`);
    for (const statement of after) await server.query(statement);
  } finally {
    await server.end();
  }
  await Promise.all(processes.map((one) => one.start()));
}

/** How much room there is while there is some, bytes. Little enough that it is taken at once. */
const room = 16 << 20;

/** What takes the room of the others. Answers how it takes all there is. */
async function layBallast(dir: string): Promise<Disk['fill']> {
  const path = join(dir, 'ballast');
  const makeRoom = async (): Promise<void> => {
    await fillUp(path);
    await truncate(path, (await stat(path)).size - room);
  };
  await makeRoom();
  return async () => {
    await fillUp(path);
    return makeRoom;
  };
}

async function fillUp(path: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    // The last bytes, too.
    for (const size of [1 << 20, 4_096]) await writeUntilFull(() => file.write(Buffer.alloc(size)));
  } finally {
    await file.close();
  }
}

async function writeUntilFull(write: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) await write();
  } catch (error) {
    if (!hasCode(error, 'ENOSPC')) throw error;
  }
}

async function refuseToExtend({ admin }: Arena): Promise<() => Promise<void>> {
  const tables = ['inbox', 'domain_events', 'outbound', 'messages'];
  await admin.query(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$`);
  for (const table of tables) {
    await admin.query(`CREATE TRIGGER no_room BEFORE INSERT ON ${table} EXECUTE FUNCTION no_room()`);
  }
  return async () => {
    await admin.query('DROP FUNCTION no_room CASCADE');
  };
}
