/** The worker as a process of its own, from the file that production runs, with what it logs and what it answers. */
import { type OwnProcess, startOwnProcess } from '../support/own-process.ts';
import { until } from '../support/until.ts';

const readyWithinMs = 60_000;

export interface WorkerProcess extends OwnProcess {
  get(path: string): Promise<{ status: number; type: string; text: string }>;
  /** As soon as its readiness is this. */
  readiness(expected: object): Promise<void>;
}

export function startWorkerProcess(environment: NodeJS.ProcessEnv): WorkerProcess {
  const worker: WorkerProcess = {
    ...startOwnProcess('worker/main.ts', environment),
    async get(path) {
      const { port } = JSON.parse(await worker.says('worker starts')) as { port: number };
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        text: await response.text(),
      };
    },
    async readiness(expected) {
      const wanted = JSON.stringify(expected);
      await until(async () => (await worker.get('/readyz')).text === wanted, readyWithinMs);
    },
  };
  return worker;
}
