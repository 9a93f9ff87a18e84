/**
 * Processes whose machine's clock is set while they run: with libfaketime (Debian: `faketime`) where it is found, which is what
 * a process as a whole asks for the time, its native parts too; else by another `Date` for what is JavaScript in it. Clocks that
 * nobody can set (Node's `performance.now`, timers) go on as they do. What stands for the true time is the harness's.
 */
import { access, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptProcess } from '../support/kept-process.ts';
import type { Arena } from './arena.ts';

export interface SteppedClocks {
  /** By what. */
  how: string;
  /** Sets this one's clock wrong by so many seconds; 0: right. It lasts over restarts. */
  set(process: KeptProcess, seconds: number): Promise<void>;
  /** Starts it with its own clock. */
  start(process: KeptProcess): Promise<void>;
  /** All go by the true time again, restarted without any of this. */
  putBack(): Promise<void>;
}

const folders = [
  '/usr/lib/x86_64-linux-gnu/faketime',
  '/usr/lib/aarch64-linux-gnu/faketime',
  '/usr/lib/faketime',
  '/usr/local/lib/faketime',
];

export async function stepClocks({ installation: { apis, workers } }: Arena): Promise<SteppedClocks> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-clocks-'));
  const processes = [...apis, ...workers];
  const library = await findLibrary();
  const fileOf = (process: KeptProcess): string => join(dir, `off-by-${processes.indexOf(process)}`);
  /** At once: a file that is half there is no number. */
  const set = async (process: KeptProcess, seconds: number): Promise<void> => {
    const file = fileOf(process);
    await writeFile(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${file}.new`, file);
  };
  await Promise.all(processes.map((one) => set(one, 0)));
  return {
    how: library === null ? 'Date alone' : 'libfaketime',
    set,
    start: (process) => process.start(settingsOf(library, fileOf(process))),
    async putBack() {
      await Promise.all(processes.map((one) => one.killed()));
      await rm(dir, { recursive: true });
    },
  };
}

async function findLibrary(): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, 'libfaketimeMT.so.1');
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

function settingsOf(library: string | null, file: string): Record<string, string> {
  if (library === null)
    return {
      NODE_OPTIONS: `--import=${new URL('../support/stepped-date.js', import.meta.url).href}`,
      STEPPED_DATE_FILE: file,
    };
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}
