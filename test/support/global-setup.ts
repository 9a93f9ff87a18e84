import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type {} from './servers.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporalOnPostgres } from '../../dev/servers/temporal-on-postgres.ts';
import { startTemporal, type Temporal } from '../../dev/servers/temporal.ts';
import { timeSkippingServerPath } from '../../dev/servers/test-server.ts';

/** One Postgres and one Temporal for all test files; vitest calls it only if a test of this project is to run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = join(runsDir, `postgres-${process.pid}`);
  const postgres = await startPostgres({ dataDir, fsync: false });
  const temporal = await startWanted(postgres.adminUrl);
  await fetchTestServer();
  project.provide('adminUrl', postgres.adminUrl);
  project.provide('temporalAddress', temporal.address);
  return async () => {
    await temporal.stop();
    await postgres.stop();
    await removeDataDir(dataDir);
  };
}

/** `BATON_TEST_TEMPORAL=postgres`: the server as in production, on the tests' Postgres; else the dev server. */
async function startWanted(postgresUrl: string): Promise<Pick<Temporal, 'address' | 'stop'>> {
  if (process.env['BATON_TEST_TEMPORAL'] !== 'postgres') return startTemporal();
  const dataDir = join(runsDir, `temporal-on-postgres-${process.pid}`);
  const { address, drop } = await startTemporalOnPostgres({ dataDir, postgresUrl });
  return {
    address,
    async stop() {
      await drop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/**
 * Test files run side by side, so the first to need the time-skipping server must not be the one that fetches it. If
 * it can't be had, the tests that need it fail with the same message, and the others can run.
 */
async function fetchTestServer(): Promise<void> {
  try {
    await timeSkippingServerPath();
  } catch (error) {
    console.error(error);
  }
}
