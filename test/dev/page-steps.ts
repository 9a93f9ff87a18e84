/**
 * A page's shell blocks, done as a reader does them: in one bash, each after the one before. What a `text` block shows is
 * what the block before it has to print; there, a line of `…` stands for any lines, and `<id>` for any value.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { projectDir } from '../../dev/home.ts';

export interface Step {
  commands: string;
  /** null: the page doesn't say what is printed. */
  shows: string | null;
}

export interface Done {
  code: unknown;
  /** What each step printed, of those that were begun. */
  printed: string[];
  complaints: string;
}

export async function stepsOf(page: string): Promise<Step[]> {
  const words = await readFile(join(projectDir, page), 'utf8');
  const blocks = [...words.matchAll(/^```(sh|text)\n([^]*?)^```$/gm)].map(([, kind, body = '']) => ({ kind, body }));
  return blocks.flatMap(({ kind, body }, index) => {
    const next = blocks[index + 1];
    return kind === 'sh' ? [{ commands: body, shows: next?.kind === 'text' ? next.body : null }] : [];
  });
}

const END = '--- end of a step ---';

/** The first that fails is the last. `devDir`: instead of the folder in which \`npm run dev\` lies for a reader. */
export async function doSteps(steps: Step[], devDir: string): Promise<Done> {
  const script = ['set -euo pipefail', ...steps.map(({ commands }) => `${commands}echo '${END}'`)].join('\n');
  const bash = spawn('bash', ['-c', script.replaceAll('.baton/dev', devDir)], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const code = new Promise((resolve) => {
    bash.once('exit', (exit, signal) => {
      // What the page started in the background, where it came to no end.
      endGroup(bash.pid);
      resolve(exit ?? signal);
    });
  });
  const [printed, complaints] = await Promise.all([text(bash.stdout), text(bash.stderr)]);
  return { code: await code, printed: printed.split(`${END}\n`), complaints };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // Nobody is left.
  }
}

/** Is this what the page shows? */
export function fits(shows: string, printed: string): boolean {
  const pattern = shows
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${escaped(line).replaceAll(/<[a-z]+>/g, '.+?')}\n`))
    .join('');
  return new RegExp(`^${pattern.replace(/\n$/, '')}$`).test(printed);
}

const escaped = (line: string): string => line.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
