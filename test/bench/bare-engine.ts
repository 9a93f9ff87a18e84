/** T0, run beside ours against the same server: the bare engine doing the like of what is measured. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { Pool as HttpPool } from 'undici';
import { v7 as uuid } from 'uuid';
import type { Arena } from './arena.ts';
import { within } from './load.ts';
import { patienceMs } from './measure.ts';
import type { BareActivities } from './workflows/bare.ts';

export type BareMessage = 'message' | 'turn' | 'silence';
export type BareAction = 'action' | 'actionThatSends';

export interface BareEngine {
  /** A signal to one of the workflows; resolves when what it makes happen has happened. `id`: never used before. */
  send(kind: BareMessage, workflow: number, id: number): Promise<void>;
  /** A signal, and nobody waits for what comes of it. */
  signal(kind: BareMessage, workflow: number, id: number): Promise<void>;
  /** An update of one of the workflows, answered. */
  update(kind: BareAction, workflow: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startBareEngine({ temporalAddress, temporal: { client } }: Arena): Promise<BareEngine> {
  const taskQueue = `bench-bare-${uuid()}`;
  const done = new Map<number, () => void>();
  const outside = await startOutside();
  const finish = (id: number): void => {
    done.get(id)?.();
    done.delete(id);
  };
  const worker = await startWorker(temporalAddress, taskQueue, {
    note: (id) => Promise.resolve(finish(id)),
    ask: () => outside.call(),
    tell: async (id) => {
      await outside.call();
      finish(id);
    },
  });
  const started = new Set<string>();
  const signal: BareEngine['signal'] = async (kind, workflow, id) => {
    const workflowId = `${taskQueue}-${kind}-${workflow}`;
    started.add(workflowId);
    await client.signalWithStart(kind, { workflowId, taskQueue, signal: 'message', signalArgs: [id] });
  };
  return {
    signal,
    send: (kind, workflow, id) =>
      within(patienceMs, `the bare engine has not done ${kind} ${id}`, (resolve, reject) => {
        done.set(id, resolve);
        signal(kind, workflow, id).catch(reject);
      }),
    async update(kind, workflow) {
      const workflowId = `${taskQueue}-${kind}-${workflow}`;
      if (!started.has(workflowId)) {
        started.add(workflowId);
        await client.start('action', { workflowId, taskQueue });
      }
      await client.getHandle(workflowId).executeUpdate(kind, { args: [0] });
    },
    async stop() {
      await Promise.all([...started].map((id) => client.getHandle(id).terminate('bench')));
      await worker.stop();
      await outside.stop();
    },
  };
}

async function startWorker(
  address: string,
  taskQueue: string,
  activities: BareActivities,
): Promise<{ stop(): Promise<void> }> {
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
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Takes whatever is posted, at once: a bot and a channel without anything that ours check. */
async function startOutside(): Promise<{ call(): Promise<void>; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const http = new HttpPool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 64 });
  return {
    async call() {
      const { body } = await http.request({ method: 'POST', path: '/', body: '{"text":"hello"}' });
      await body.dump();
    },
    async stop() {
      await http.close();
      server.close();
    },
  };
}
