import { join } from 'node:path';
import { goneMs } from '../workflows/conversation/attempt-limits.ts';
import { projectDir } from './home.ts';
import type { Log } from './servers/log.ts';
import { type ServerProcess, startProcess } from './servers/process.ts';
import { startServer } from './servers/start-server.ts';

/**
 * API and worker run as processes of their own, from the sources or as production runs them, each with its log and its
 * memory: a worker that is killed takes nothing with it, and nothing here has to imitate how they start and drain.
 */
export interface ProcessOptions {
  name: string;
  /** Its main file: of the sources, from the project's folder; or built (`dev/build/`), with its whole path. */
  main: string;
  /** Of its record and its log. */
  dir: string;
  env: Record<string, string>;
  /** Asked again at every try: the one before may have been taken meanwhile. */
  port: () => Promise<number>;
  log: Log;
}

const STOP_SIGNAL = 'SIGTERM';
/** A worker finishes what is out. */
const STOP_WITHIN_MS = goneMs + 5_000;
const PORT_TAKEN = /EADDRINUSE/;

export async function startNode(options: ProcessOptions): Promise<ServerProcess & { port: number }> {
  const { name, main, dir, env, log } = options;
  let port = 0;
  const server = await startServer(async () => {
    port = await options.port();
    const started = await startProcess({
      name,
      command: process.execPath,
      args: argsOf(main),
      env: { ...inherited(process.env), ...env, HOST: '127.0.0.1', PORT: String(port) },
      dir,
      stopSignal: STOP_SIGNAL,
      stopWithinMs: STOP_WITHIN_MS,
    });
    return { name, server: started, isReady: () => isReady(port) };
  }, PORT_TAKEN);
  log(`${name} is up at 127.0.0.1:${port}`);
  return { ...server, port };
}

function argsOf(main: string): string[] {
  if (main.endsWith('.js')) return ['--enable-source-maps', main];
  // A server runs in /, where a package's name leads nowhere.
  return ['--import', import.meta.resolve('tsx'), join(projectDir, main)];
}

/** Settings that were meant for another installation must not reach this one; how much is logged is the reader's. */
function inherited(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = ([name]: [string, unknown]) => !/^(BATON_|TEMPORAL_)/.test(name) || name === 'BATON_LOG_LEVEL';
  return Object.fromEntries(Object.entries(env).filter(ours));
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false; // not listening yet
  }
}

/** For messages: where to look when it ends. */
export const logOf = (dir: string): string => join(dir, 'server.log');
