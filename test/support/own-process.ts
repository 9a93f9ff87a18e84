/** One of Baton's processes, from its sources or as production runs it, with what it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createConditions } from './conditions.ts';

export interface OwnProcess {
  readonly child: ChildProcess;
  /** What it has said so far, on either stream. */
  readonly lines: string[];
  /** The first line with these words, as soon as it is there. */
  says(words: string): Promise<string>;
  /** Exit code and signal, once it has said all. */
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** Only ends what hangs: on a machine that is busy enough a start has taken 37 s, all of it for want of CPU. */
const startsWithinMs = 180_000;

/** Whoever started them and ends without having ended them takes them along. */
const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** `main`: `api/main.ts` or `worker/main.ts`; or the whole path of a built program (`dev/build/`). */
export function startOwnProcess(main: string, environment: NodeJS.ProcessEnv): OwnProcess {
  const { check, until } = createConditions();
  const lines: string[] = [];
  const env = { PATH: process.env['PATH'], ...environment };
  const child = spawn(process.execPath, argsOf(main), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
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
  return {
    child,
    lines,
    async says(words) {
      await until(
        () => find(words) !== undefined,
        () => lines,
        startsWithinMs,
      );
      return find(words) ?? '';
    },
    ended: once(child, 'close') as OwnProcess['ended'],
  };
}

function argsOf(main: string): string[] {
  if (main.endsWith('.js')) return ['--enable-source-maps', main];
  return ['--import', 'tsx', fileURLToPath(new URL(`../../${main}`, import.meta.url))];
}
