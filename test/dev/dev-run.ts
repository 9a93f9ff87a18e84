import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { homeOf, projectDir, type Home } from '../../dev/home.ts';
import { findClaim, type Running } from '../../dev/running.ts';
import { clearLeftover } from '../../dev/servers/leftovers.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import type { ProcessRecord } from '../../dev/servers/process-record.ts';
import { isAlive } from '../../dev/servers/process-identity.ts';
import { until } from '../../dev/servers/until.ts';

/** `npm run dev` in a folder of its own, as a reader runs it. */
export interface DevRun {
  output(): string;
  /** Waits until it is up. */
  up(): Promise<Running>;
  kill(signal: NodeJS.Signals): void;
  /** Waits for its end; the exit code, or the signal. */
  ended(): Promise<number | NodeJS.Signals>;
}

export interface DevFolder {
  home: Home;
  start(...args: string[]): DevRun;
  /** A script of package.json to its end; `more` is added to its surroundings. */
  run(script: string, more?: NodeJS.ProcessEnv): Promise<{ code: number | NodeJS.Signals; output: string }>;
  /** Names of servers and processes that are still there. */
  alive(): Promise<string[]>;
  remove(): Promise<void>;
}

const UP_WITHIN_MS = 240_000;
const END_WITHIN_MS = 90_000;

export async function createDevFolder(): Promise<DevFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-dev-'));
  // Servers of its own, whatever this test run uses: it sets passwords of roles that all databases of a server share.
  const surroundings = { ...process.env, BATON_DEV_DIR: dir, DATABASE_URL: '', TEMPORAL_ADDRESS: '' };
  const home = homeOf(surroundings);
  const parts = [home.api, home.worker, home.temporal, home.postgres];

  const started: ChildProcess[] = [];
  const npm = (args: string[], more: NodeJS.ProcessEnv = {}): { child: ChildProcess; output: () => string } => {
    const child = spawn('npm', ['run', '--silent', ...args], {
      cwd: projectDir,
      env: { ...surroundings, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    return { child, output: () => text };
  };

  return {
    home,
    start(...args) {
      const { child, output } = npm(['dev', '--', ...args]);
      const closed = endOf(child);
      return {
        output,
        kill: (signal) => void child.kill(signal),
        async up() {
          let running: Running | undefined;
          await until(async () => {
            running = (await findClaim(home.running))?.running;
            return running !== undefined || !isRunning(child);
          }, UP_WITHIN_MS);
          if (!running) throw new Error(`npm run dev did not come up:\n${output()}`);
          return running;
        },
        async ended() {
          expect(await until(() => !isRunning(child), END_WITHIN_MS)).toBe(true);
          return closed;
        },
      };
    },
    async run(script, more) {
      const { child, output } = npm([script], more);
      return { code: await endOf(child), output: output() };
    },
    async alive() {
      const records = await Promise.all(parts.map(readServer));
      const alive = await Promise.all(records.map(async (record) => record && (await isAlive(record.server))));
      return records.flatMap((record, index) => (record && alive[index] ? [record.name] : []));
    },
    async remove() {
      const running = started.filter(isRunning);
      running.forEach((child) => child.kill('SIGTERM'));
      await Promise.all(running.map(endOf));
      for (const part of parts) await clearLeftover(part, () => undefined);
      await removeDataDir(home.postgres);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')));
}

const readServer = (dir: string): Promise<ProcessRecord | undefined> => readJson(join(dir, 'server.json'));

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined; // not there, or being replaced
  }
}
