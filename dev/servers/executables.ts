import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Route } from './resolve.ts';

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // absent, or not for us: for a search that is an answer
  }
}

/** The first executable of that name in the PATH of `env`. */
export async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const dir of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, name);
    if (dir !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

/** A command that a route needs; throws in words that fit into the list of what was tried. */
export async function needOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const path = await onPath(name, env);
  if (path === undefined) throw new Error(`no ${name} on the PATH`);
  return path;
}

export const fromCache = (path: string): Route => ({
  name: 'cache',
  look: async () => ((await isExecutable(path)) ? { path } : { because: `${path} does not exist` }),
});

export const fromPath = (name: string, env: NodeJS.ProcessEnv): Route => ({
  name: 'PATH',
  look: async () => {
    const path = await onPath(name, env);
    return path === undefined ? { because: `no ${name} in it` } : { path };
  },
});
