/**
 * A worker's process that kills itself (SIGKILL), such as the moment a record has committed: before its activity answers, so
 * Temporal hears nothing of it. Started by tests; settings come as one JSON argument.
 */
import pino from 'pino';
import { Agent } from 'undici';
import { bots } from '../../adapters/bots/registry.ts';
import { channels } from '../../adapters/channels/registry.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { connect } from '../../courier/connection.ts';
import { createFetchHistory } from '../../courier/history.ts';
import { createPool } from '../../store/connection.ts';
import { createActivities } from '../../worker/activities.ts';
import { buildBundle } from '../../worker/bundle.ts';
import { createWorker } from '../../worker/create.ts';
import { createMetrics } from '../../worker/metrics.ts';

export interface DyingWorkerSettings {
  databaseUrl: string;
  address: string;
  taskQueue: string;
  /** At its first commit, at the first that is a command's, as the first run past its cap has held the courier, or as it asks a bot. */
  dies: 'never' | 'at-once' | 'at-a-command' | 'at-the-hold' | 'at-a-turn';
}

const settings = JSON.parse(process.argv[2] ?? '') as DyingWorkerSettings;
const temporal = connect({ address: settings.address, namespace: 'default' });
const activities = createActivities({
  pool: createPool({ url: settings.databaseUrl, max: 5, name: 'dying-worker' }),
  http: new Agent(),
  channels,
  bots,
  desks,
  publicUrl: 'http://127.0.0.1',
  tokenKey: 'k'.repeat(32),
  clock: Date.now,
  onAdapterBug: () => undefined,
  build: 'dying',
  fetchHistory: createFetchHistory(temporal.client),
});
const { dies } = settings;
const { worker } = await createWorker({
  address: settings.address,
  namespace: 'default',
  taskQueue: settings.taskQueue,
  activities: {
    ...activities,
    async holdCourier(actor) {
      await activities.holdCourier(actor);
      if (dies === 'at-the-hold') process.kill(process.pid, 'SIGKILL');
    },
    askBot(actor, work) {
      if (dies === 'at-a-turn') process.kill(process.pid, 'SIGKILL');
      return activities.askBot(actor, work);
    },
    async record(actor, recording) {
      const answer = await activities.record(actor, recording);
      const deadly = dies === 'at-once' || (dies === 'at-a-command' && recording.command !== null);
      // What an earlier try had recorded already is no commit of this process.
      if (deadly && answer.kind === 'recorded') process.kill(process.pid, 'SIGKILL');
      return answer;
    },
  },
  bundle: await buildBundle(),
  build: 'dying',
  cachedWorkflows: 100,
  logger: pino({ level: 'silent' }),
  metrics: createMetrics(),
});
process.stdout.write('runs\n');
await worker.run();
