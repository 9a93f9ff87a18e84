import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Surroundings } from '../../dev/servers/surroundings.ts';

/** A machine for one test: an empty cache, a PATH with nothing but what the test puts there, and what was logged. */
export type Sandbox = Surroundings & {
  dir: string;
  logged: string[];
  /** Puts a shell script into a folder (the one on the PATH, if none is given) and returns its path. */
  script: (name: string, lines: string, folder?: string) => Promise<string>;
};

export async function createSandbox(env: NodeJS.ProcessEnv = {}): Promise<Sandbox> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-sandbox-'));
  onTestFinished(async () => rm(dir, { recursive: true }));
  const bin = join(dir, 'bin');
  const logged: string[] = [];
  return {
    dir,
    env: { PATH: bin, ...env },
    cacheDir: join(dir, 'cache'),
    log: (line) => logged.push(line),
    logged,
    script: async (name, lines, folder = bin) => {
      const path = join(folder, name);
      await mkdir(folder, { recursive: true });
      await writeFile(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
      return path;
    },
  };
}
