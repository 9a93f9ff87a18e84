/** The worker as a process of its own, from the file that production runs, with what it logs and what it answers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConditions } from '../support/conditions.ts';
import { until } from '../support/until.ts';

const main = new URL('../../worker/main.ts', import.meta.url).pathname;
const startsWithinMs = 60_000;

export interface WorkerProcess {
  readonly child: ChildProcess;
  /** What it has said so far, on either stream. */
  readonly lines: string[];
  says(words: string): Promise<string>;
  get(path: string): Promise<{ status: number; type: string; text: string }>;
  /** As soon as its readiness is this. */
  readiness(expected: object): Promise<void>;
  /** Exit code and signal, once it has said all. */
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

export function startWorkerProcess(environment: NodeJS.ProcessEnv): WorkerProcess {
  const { check, until: condition } = createConditions();
  const lines: string[] = [];
  const env = { PATH: process.env['PATH'], ...environment };
  const child = spawn(process.execPath, ['--import', 'tsx', main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const whole = (rest + text).split('\n');
      rest = whole.pop() ?? '';
      lines.push(...whole);
      check();
    });
  }
  const find = (words: string): string | undefined => lines.find((line) => line.includes(words));
  const worker: WorkerProcess = {
    child,
    lines,
    async says(words) {
      await condition(
        () => find(words) !== undefined,
        () => lines,
        startsWithinMs,
      );
      return find(words) ?? '';
    },
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
      await until(async () => (await worker.get('/readyz')).text === wanted, startsWithinMs);
    },
    ended: once(child, 'close') as WorkerProcess['ended'],
  };
  return worker;
}
