import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { v7 as uuid } from 'uuid';
import { inject } from 'vitest';
import { connect, type Temporal } from '../../courier/connection.ts';
import type {} from '../support/servers.ts';

export interface TestWorker {
  taskQueue: string;
  temporal: Temporal;
  stop(): Promise<void>;
}

/** The bundler's progress is of no use to anybody. */
const quiet = new DefaultLogger('ERROR');

/** A worker of one of the workflows beside this file, on a task queue of its own. */
export async function startTestWorker(workflow: string, activities: object): Promise<TestWorker> {
  const address = inject('temporalAddress');
  const taskQueue = `test-${uuid()}`;
  const workflowsPath = fileURLToPath(new URL(`workflows/${workflow}.ts`, import.meta.url));
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: quiet }),
    activities,
    stickyQueueScheduleToStartTimeout: '1 s',
  });
  const running = worker.run();
  const temporal = connect({ address, namespace: 'default' });
  return {
    taskQueue,
    temporal,
    async stop() {
      worker.shutdown();
      await running;
      await Promise.all([connection.close(), temporal.close()]);
    },
  };
}
