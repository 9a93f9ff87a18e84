import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type {} from './servers.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { timeSkippingServerPath } from '../../dev/servers/test-server.ts';

/** One Postgres and one Temporal for all test files; vitest calls it only if a test of this project is to run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = join(runsDir, `postgres-${process.pid}`);
  const postgres = await startPostgres({ dataDir, fsync: false });
  const temporal = await startTemporal();
  await fetchTestServer();
  project.provide('adminUrl', postgres.adminUrl);
  project.provide('temporalAddress', temporal.address);
  return async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
    await removeDataDir(dataDir);
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
