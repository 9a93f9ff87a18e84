/** API (with its courier) and worker as in production: a process each, built before. */
import { join } from 'node:path';
import { buildPrograms } from '../../dev/build/programs.ts';
import { startNode } from '../../dev/processes.ts';
import { freePorts } from '../../dev/servers/ports.ts';
import type { ServerProcess } from '../../dev/servers/process.ts';
import type { TestDatabase } from '../support/database-server.ts';
import type { Surroundings } from './temporal-server.ts';

export interface RestartableProcess {
  pid(): number | undefined;
  /** Resolves when it is ready, with the ms that this took. */
  start(): Promise<number>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export const longKey = 'a-key-for-the-bench-of-no-use-anywhere-else';

interface Settings {
  address: string;
  taskQueue: string;
  database: TestDatabase;
  /** Where the programs are that were built. */
  programs: string;
}

const common = ({ address, taskQueue }: Settings): Record<string, string> => ({
  TEMPORAL_ADDRESS: address,
  BATON_TASK_QUEUE: taskQueue,
  BATON_TOKEN_KEY: longKey,
  BATON_LOG_LEVEL: 'warn',
  BATON_PUBLIC_URL: 'http://127.0.0.1',
});

/** Answers the folder that they are in. */
export async function preparePrograms(around: Surroundings): Promise<string> {
  const folder = await around.folder('programs');
  await buildPrograms(folder);
  return folder;
}

export async function prepareWorker(settings: Settings, around: Surroundings): Promise<RestartableProcess> {
  const env = { ...common(settings), BATON_DATABASE_URL: settings.database.workerUrl };
  return prepare('worker', join(settings.programs, 'worker.js'), env, await freePort(), around);
}

export async function prepareApi(settings: Settings, port: number, around: Surroundings): Promise<RestartableProcess> {
  const env = {
    ...common(settings),
    BATON_DATABASE_URL: settings.database.apiUrl,
    BATON_COURIER_DATABASE_URL: settings.database.courierUrl,
    BATON_DATABASE_CONNECTIONS: '20',
    BATON_JWT_KEYS: longKey,
    BATON_OPERATOR_KEY: longKey,
    // One account and one address make all of the load: limits that protect others would be all that is measured.
    BATON_RATE_PER_ADDRESS: '10000000',
    BATON_RATE_PER_KEY: '10000000',
    BATON_BACKLOG_LIMIT: '1000000',
    BATON_MAX_EVENT_LOOP_DELAY_MS: '0',
  };
  return prepare('API', join(settings.programs, 'api.js'), env, port, around);
}

export const freePort = async (): Promise<number> => (await freePorts())[0];

/** It has its port for good: clients are still there when it comes back. */
async function prepare(
  name: string,
  main: string,
  env: Record<string, string>,
  port: number,
  { folder, closing, log }: Surroundings,
): Promise<RestartableProcess> {
  const dir = await folder(name);
  let running: ServerProcess | null = null;
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = null;
  };
  closing.push(stop);
  return {
    pid: () => running?.pid,
    async start() {
      const startedAt = performance.now();
      running = await startNode({ name, main, dir, port: () => Promise.resolve(port), env, log });
      return performance.now() - startedAt;
    },
    stop,
    async kill() {
      running?.kill('SIGKILL');
      await stop();
    },
  };
}
