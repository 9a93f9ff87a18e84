import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { AlreadyRunning } from '../../dev/servers/leftovers.ts';
import { identify } from '../../dev/servers/process-identity.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporal, type Temporal, type TemporalOptions } from '../../dev/servers/temporal.ts';
import { temporalCliPath } from '../../dev/servers/temporal-cli.ts';
import { temporalAddress } from '../support/servers.ts';
import { killRunOf } from './killed-run.ts';
import { createSandbox } from './sandbox.ts';

const log = () => {};

beforeEach(() => {
  vi.stubEnv('TEMPORAL_ADDRESS', undefined);
  return () => vi.unstubAllEnvs();
});

/** Among the runs, so that the next run clears up after an interrupted one. */
async function createDataDir(among = runsDir): Promise<string> {
  await mkdir(among, { recursive: true });
  const dir = await mkdtemp(join(among, 'temporal-'));
  onTestFinished(async () => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(options: TemporalOptions = {}): Promise<Temporal> {
  const temporal = await startTemporal({ ...options, log });
  onTestFinished(temporal.stop);
  return temporal;
}

async function clientOf(temporal: Temporal): Promise<Client> {
  const connection = await Connection.connect({ address: temporal.address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

/** Nobody works on it: it is there to be found again. */
const startWorkflow = async (client: Client) =>
  client.workflow.start('nothing', { taskQueue: 'nobody', workflowId: 'kept' });

test('in memory: it starts with a web UI, and leaves nothing', async () => {
  const temporal = await start();
  await startWorkflow(await clientOf(temporal));
  expect((await fetch(temporal.uiUrl ?? '')).status).toBe(200);
  await temporal.stop();
  expect(await identify(temporal.pid ?? 0)).toBeUndefined();
});

test('with a folder: what ran goes on after a restart, and after SIGKILL at the same address', async () => {
  const dataDir = await createDataDir();
  const first = await start({ dataDir });
  await startWorkflow(await clientOf(first));
  await first.stop();

  const second = await start({ dataDir });
  const running = { status: { name: 'RUNNING' } };
  expect(await (await clientOf(second)).workflow.getHandle('kept').describe()).toMatchObject(running);
  second.kill('SIGKILL');
  await second.stop();

  const third = await start({ dataDir, port: Number(second.address.split(':')[1]) });
  expect(third.address).toBe(second.address);
  expect(await (await clientOf(third)).workflow.getHandle('kept').describe()).toMatchObject(running);
});

test('a second start on the same data says that it runs already', async () => {
  const dataDir = await createDataDir();
  const first = await start({ dataDir });
  await expect(startTemporal({ dataDir, log })).rejects.toThrow(AlreadyRunning);
  await startWorkflow(await clientOf(first));
});

test('what a killed run left over is stopped', async () => {
  const dataDir = await createDataDir(tmpdir()); // where no start in another test file sweeps
  const leftOver = await killRunOf('temporal', dataDir);
  expect(await identify(leftOver)).toBeDefined();
  await start({ dataDir });
  expect(await identify(leftOver)).toBeUndefined();
});

test('a server that panics because one of its inner ports was taken is started again', async () => {
  const { dir, script } = await createSandbox();
  const panicsOnce = `case "$*" in *start-dev*)
  if [ ! -e ${dir}/panicked ]; then
    echo > ${dir}/panicked
    echo 'google.golang.org/grpc.(*Server).Serve(0x3d954b0de6c8, {0x0, 0x0})'
    exit 2
  fi
esac
exec ${await temporalCliPath()} "$@"`;
  vi.stubEnv('TEMPORAL_CLI_PATH', await script('temporal', panicsOnce));
  const temporal = await start();
  expect(await readdir(dir)).toContain('panicked');
  await startWorkflow(await clientOf(temporal));
});

test('TEMPORAL_ADDRESS is used, and nothing is started or stopped', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', temporalAddress());
  const temporal = await startTemporal({ log });
  expect(temporal).toMatchObject({ address: temporalAddress(), uiUrl: undefined, pid: undefined });
  temporal.kill('SIGKILL');
  await temporal.stop();
  await (await clientOf(temporal)).connection.ensureConnected();
});

test('a wrong TEMPORAL_ADDRESS is an error, and nothing is started', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  await expect(startTemporal({ log })).rejects.toThrow(
    /TEMPORAL_ADDRESS is 127\.0\.0\.1:1, but .*Correct the variable/,
  );
});
