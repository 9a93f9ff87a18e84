import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Log, logToStderr } from './log.ts';

const projectDir = fileURLToPath(new URL('../../', import.meta.url));

/** What the search for a server depends on; tests hand in made-up ones. */
export type Surroundings = { env: NodeJS.ProcessEnv; cacheDir: string; log: Log };

export const thisProject = (log: Log = logToStderr): Surroundings => ({
  env: process.env,
  cacheDir: join(projectDir, '.baton', 'cache'),
  log,
});

/** Where servers without data of their own keep their record and log while they run. */
export const runsDir = join(projectDir, '.baton', 'run');
