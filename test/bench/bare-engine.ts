/** T0, run beside ours against the same server: signal → workflow → local activity, a signal per message. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { WorkflowClient } from '@temporalio/client';
import { v7 as uuid } from 'uuid';
import { closedLoop, openLoop, type LoadResult } from './load.ts';
import type { BareActivities } from './workflows/bare.ts';

export interface BareEngine {
  /** Messages per second with so many in flight, over this many workflows. */
  throughput(inFlight: number, seconds: number): Promise<{ perSecond: number; latencies: number[] }>;
  /** Signal-with-start acknowledged, arriving at this rate. */
  acknowledge(perSecond: number, seconds: number): Promise<LoadResult>;
  stop(): Promise<void>;
}

const workflows = 64;

export async function startBareEngine(address: string, client: WorkflowClient): Promise<BareEngine> {
  const taskQueue = `bench-bare-${uuid()}`;
  const done = new Map<number, () => void>();
  const activities: BareActivities = {
    note: (id) => {
      done.get(id)?.();
      done.delete(id);
      return Promise.resolve();
    },
  };
  const connection = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } });
  const worker = await Worker.create({
    connection,
    taskQueue,
    activities,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('workflows/bare.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    }),
    maxCachedWorkflows: 1_000,
    maxConcurrentWorkflowTaskExecutions: 40,
  });
  const running = worker.run();

  const started = new Set<string>();
  const signal = async (index: number): Promise<void> => {
    const workflowId = `${taskQueue}-${index % workflows}`;
    started.add(workflowId);
    await client.signalWithStart('bare', { workflowId, taskQueue, signal: 'message', signalArgs: [index] });
  };
  let offset = 0;

  return {
    throughput(inFlight, seconds) {
      offset += 1_000_000;
      return closedLoop(inFlight, seconds, async (index) => {
        const taken = new Promise<void>((resolve) => done.set(offset + index, resolve));
        await signal(offset + index);
        await taken;
      });
    },
    acknowledge(perSecond, seconds) {
      offset += 1_000_000;
      return openLoop({ perSecond, seconds, call: (index) => signal(offset + index) });
    },
    async stop() {
      await Promise.all([...started].map((id) => client.getHandle(id).terminate('bench')));
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
