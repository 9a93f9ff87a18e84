/** `npm run dev`: everything on one machine, until Ctrl-C. `npm run dev -- --reset` starts with empty data. */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { announcement, places } from './announcement.ts';
import { emptyHome, type Home, homeOf, shown } from './home.ts';
import { createParts, type Part, type Parts } from './parts.ts';
import { announce, type Claim, claim, findClaim, release } from './running.ts';
import type { Log } from './servers/log.ts';
import { shellFile } from './shell/shell-file.ts';
import { writePrivate } from './private-file.ts';
import { startStack } from './stack.ts';

const log: Log = (line) => void process.stdout.write(`${line}\n`);
// Whoever read this may have gone; what runs has to be stopped all the same.
process.stdout.on('error', () => undefined);

async function main(): Promise<number> {
  const reset = wantsReset();
  const home = homeOf(process.env);
  const other = await claim(home.running);
  if (other) return tellOf(other, home, reset);

  process.once('exit', () => release(home.running));
  const stopping = stopSignal();
  const parts = createParts(log);
  try {
    if (reset) await emptyHome(home, log);
    return await run(home, parts, stopping);
  } finally {
    await parts.stop();
    log('stopped');
  }
}

function wantsReset(): boolean {
  try {
    return parseArgs({ options: { reset: { type: 'boolean', default: false } } }).values.reset;
  } catch (error) {
    throw new Error(`${(error as Error).message}\nThere are: npm run dev, npm run dev -- --reset`, { cause: error });
  }
}

/** The exit code: 0 where somebody asked for the end. */
async function run(home: Home, parts: Parts, stopping: AbortSignal): Promise<number> {
  const asked = new Promise<'asked'>((resolve) => stopping.addEventListener('abort', () => resolve('asked')));
  const starting = startStack(home, parts, log);
  // When it is asked to stop while it starts, what still fails on the way is nobody's concern.
  starting.catch(() => undefined);
  const running = await Promise.race([starting, asked]);
  if (running === 'asked') return 0;

  await writePrivate(home.shell, shellFile(running));
  await announce(home.running, running);
  log(announcement(running, home));
  const ended = await parts.firstToEnd(stopping);
  return ended ? tellOfEnd(ended) : 0;
}

/**
 * Ctrl-C, a closed terminal, or the end of the npm that started us. npm and the terminal both pass Ctrl-C on, so the same
 * one may come twice; a later one means: at once.
 */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  let askedAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) {
        askedAt = performance.now();
        log('');
        stopping.abort();
      } else if (performance.now() - askedAt > 1_000) process.exit(130);
    });
  }
  const npm = process.env['npm_lifecycle_event'] === undefined ? undefined : process.ppid;
  // Killed, npm passes nothing on: then this would go on with nobody to stop it.
  if (npm !== undefined) setInterval(() => process.ppid === npm || stopping.abort(), 1_000).unref();
  return stopping.signal;
}

/** Somebody else's run, in this folder: where it is, once it is up. */
async function tellOf(found: Claim, home: Home, reset: boolean): Promise<number> {
  const { pid } = found.owner;
  if (reset) {
    log(`npm run dev runs already (process ${pid}). Stop it first: Ctrl-C there, or: kill ${pid}`);
    return 1;
  }
  log(`npm run dev runs already: process ${pid}. Ctrl-C there, or kill ${pid}, stops it.`);
  let now: Claim | undefined = found;
  if (!now.running) log('It is still starting.');
  while (now && !now.running) {
    await wait(250);
    now = await findClaim(home.running);
  }
  if (!now?.running) {
    log(`It has ended before it was up. ${shown(home.dir)} is free now: npm run dev`);
    return 1;
  }
  log(`\n${places(now.running, home)}`);
  return 0;
}

function tellOfEnd({ name, logFile }: Part): number {
  log(`${name} has ended by itself, so everything stops. Its log: ${shown(logFile ?? '')}`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// What was still starting when it was to stop holds the process; its servers get their signal on exit.
process.exit();
