import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OsUser } from './os-user.ts';
import { identify, thisProcess } from './process-identity.ts';
import { removeRecord, writeRecord } from './process-record.ts';
import { signalGroup, terminate } from './terminate.ts';

export type ServerCommand = {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  user?: OsUser | undefined;
  /** Where the record and the log of the server lie. */
  dir: string;
  stopSignal: NodeJS.Signals;
  stopWithinMs: number;
};

export type ServerProcess = {
  pid: number;
  hasExited: () => boolean;
  /** What the server has written so far. */
  output: () => Promise<string>;
  /** Signals and returns at once; `stop` then waits until it is gone. */
  kill: (signal: NodeJS.Signals) => void;
  /** Returns when the server is gone and its record too. Called again, it does nothing: a successor may run there. */
  stop: () => Promise<void>;
};

/**
 * Starts a server in a process group of its own, so that Ctrl-C in the terminal reaches us and not the server, and a
 * wrapper dies with what it wraps. Output goes to a file: a server must not die of a broken pipe when we do.
 */
export async function startProcess(server: ServerCommand): Promise<ServerProcess> {
  await mkdir(server.dir, { recursive: true });
  const logFile = join(server.dir, 'server.log');
  const child = await spawnWithLog(server, logFile);
  const { pid } = child;
  const id = await identify(pid);
  const { name, stopSignal } = server;
  if (id) await writeRecord(server.dir, { name, stopSignal, server: id, owner: await thisProcess() });

  const lastResort = () => signalGroup(pid, stopSignal);
  process.once('exit', lastResort);
  child.once('exit', () => process.off('exit', lastResort));

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    if (id) await terminate(id, stopSignal, server.stopWithinMs);
    await removeRecord(server.dir);
  };

  return {
    pid,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    output: async () => readFile(logFile, 'utf8'),
    kill: (signal) => {
      signalGroup(pid, signal);
    },
    stop: async () => (stopped ??= stop()),
  };
}

async function spawnWithLog(server: ServerCommand, logFile: string): Promise<ChildProcess & { pid: number }> {
  const log = await open(logFile, 'w');
  try {
    const child = spawn(server.command, server.args, {
      cwd: '/', // the folder we are in may be closed to the user who runs the server
      detached: true,
      env: server.env ?? process.env,
      stdio: ['ignore', log.fd, log.fd],
      ...(server.user && { uid: server.user.uid, gid: server.user.gid }),
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child as ChildProcess & { pid: number };
  } finally {
    await log.close();
  }
}
