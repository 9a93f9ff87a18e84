import { readdir, rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearLeftover } from './servers/leftovers.ts';
import type { Log } from './servers/log.ts';
import { removeDataDir } from './servers/postgres-home.ts';

/** The folder in which all of `npm run dev` lies: data, logs, keys, ports. Git ignores it; `--reset` removes it. */
export interface Home {
  dir: string;
  postgres: string;
  temporal: string;
  api: string;
  worker: string;
  /** Who runs here, and for `npm run demo` what runs. */
  running: string;
  keys: string;
  ports: string;
  migrations: string;
  /** What was made in the demo account. */
  account: string;
  /** For shells: `source` it, and the commands of the README work. */
  shell: string;
}

export const projectDir = fileURLToPath(new URL('..', import.meta.url));

/** `BATON_DEV_DIR` is for whoever wants several at once, as the tests do. */
export function homeOf(env: NodeJS.ProcessEnv): Home {
  const dir = resolve(env['BATON_DEV_DIR'] ?? join(projectDir, '.baton', 'dev'));
  return {
    dir,
    postgres: join(dir, 'postgres'),
    temporal: join(dir, 'temporal'),
    api: join(dir, 'api'),
    worker: join(dir, 'worker'),
    running: join(dir, 'running.json'),
    keys: join(dir, 'keys.json'),
    ports: join(dir, 'ports.json'),
    migrations: join(dir, 'migrations.json'),
    account: join(dir, 'account.json'),
    shell: join(dir, 'shell.sh'),
  };
}

/** As a reader types it, standing in the project. */
export function shown(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside.startsWith('..') ? path : inside;
}

/** Stops what a killed run left behind, before its ports are looked at: so this run can have them again. */
export async function clearHome(home: Home, log: Log): Promise<void> {
  for (const dir of [home.api, home.worker, home.temporal, home.postgres]) await clearLeftover(dir, log);
}

/** Starts anew: everything goes but the claim on the folder, which is the caller's. */
export async function emptyHome(home: Home, log: Log): Promise<void> {
  await clearHome(home, log);
  await removeDataDir(home.postgres);
  const contents = (await readdir(home.dir)).filter((name) => name !== basename(home.running));
  await Promise.all(contents.map((name) => rm(join(home.dir, name), { recursive: true, force: true })));
  log(`removed what was in ${shown(home.dir)}`);
}
