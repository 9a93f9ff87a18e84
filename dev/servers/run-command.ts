import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { OsUser } from './os-user.ts';

export type CommandOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  user?: OsUser | undefined;
  /** Called for every line of stdout and stderr while the command runs. */
  onLine?: (line: string) => void;
};

const LINES_IN_ERROR = 20;

/** Runs a command to its end and returns stdout and stderr. Throws, with the last lines, if it can't start or fails. */
export async function runCommand(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      options.onLine?.(line);
    });
  }
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code === 0) return lines.join('\n');
  throw new Error([`${command} ended with ${code}`, ...lines.slice(-LINES_IN_ERROR)].join('\n'));
}
