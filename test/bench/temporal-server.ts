/** The Temporal that is measured against: the dev server with a file, or the server on a Postgres, as in production. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../dev/servers/log.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { startTemporalOnPostgres } from '../../dev/servers/temporal-on-postgres.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { createPool } from '../../store/connection.ts';

export type TemporalKind = 'dev' | 'postgres';

export interface MeasuredTemporal {
  address: string;
  pids: Record<string, number | undefined>;
  /** Bytes that it takes on disk. */
  size(): Promise<number>;
}

export interface Surroundings {
  /** A new folder of that name, removed in the end. */
  folder(name: string): Promise<string>;
  /** What is to be closed in the end, the last one first. */
  closing: (() => Promise<unknown>)[];
  log: Log;
}

export function startTemporalOf(kind: TemporalKind, around: Surroundings): Promise<MeasuredTemporal> {
  return kind === 'dev' ? startDev(around) : startOnPostgres(around);
}

async function startDev({ folder, closing, log }: Surroundings): Promise<MeasuredTemporal> {
  const dataDir = await folder('temporal');
  const temporal = await startTemporal({ dataDir, log });
  closing.push(() => temporal.stop());
  return {
    address: temporal.address,
    pids: { Temporal: temporal.pid },
    async size() {
      const files = (await readdir(dataDir)).filter((name) => name.startsWith('temporal.db'));
      const sizes = await Promise.all(files.map(async (name) => (await stat(join(dataDir, name))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
}

/** It has a Postgres of its own: what that costs is then told apart from what ours costs. */
async function startOnPostgres({ folder, closing, log }: Surroundings): Promise<MeasuredTemporal> {
  const postgres = await startPostgres({ dataDir: await folder('temporal-postgres'), log });
  closing.push(() => postgres.stop());
  const dataDir = await folder('temporal');
  const temporal = await startTemporalOnPostgres({ dataDir, postgresUrl: postgres.adminUrl, log });
  closing.push(() => temporal.drop());
  const admin = createPool({ url: postgres.adminUrl, max: 1, name: 'baton-bench' });
  closing.push(() => admin.end());
  return {
    address: temporal.address,
    pids: { Temporal: temporal.pid, 'Temporal’s Postgres': postgres.pid },
    async size() {
      const query = `SELECT sum(pg_database_size(datname))::float8 AS bytes FROM pg_database WHERE datname LIKE 'temporal%'`;
      const { rows } = await admin.query<{ bytes: number }>(query);
      return rows[0]?.bytes ?? NaN;
    },
  };
}
