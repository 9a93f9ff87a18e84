import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { clearLeftover, sweep } from './leftovers.ts';
import { type Log, logToStderr } from './log.ts';
import { freePorts } from './ports.ts';
import { startProcess } from './process.ts';
import { startServer } from './start-server.ts';
import { runsDir, thisProject } from './surroundings.ts';
import { temporalCliPath } from './temporal-cli.ts';
import { DYNAMIC_CONFIG } from './temporal-config.ts';
import { complaintAbout, isComplete } from './temporal-health.ts';

export type Temporal = {
  address: string;
  /** Undefined for a server that we did not start. */
  uiUrl: string | undefined;
  pid: number | undefined;
  stop: () => Promise<void>;
  /** Signals and returns at once; `stop` then waits until it is gone. */
  kill: (signal: NodeJS.Signals) => void;
};

/**
 * The server chooses further ports by itself, a moment before it listens on them. If one is taken by then, it says so at
 * a log level that ends other servers, goes on without a listener, and panics.
 */
const PORT_TAKEN = /address already in use|grpc\.\(\*Server\)\.Serve\(/;

export const STOP_SIGNAL = 'SIGTERM';
export const STOP_WITHIN_MS = 10_000;

export type TemporalOptions = {
  /** In memory, if there is none. */
  dataDir?: string;
  /** That of a predecessor whose clients are still there; chosen by the system, if there is none. */
  port?: number;
  /** Of its pages for people; chosen by the system, if there is none. */
  uiPort?: number;
  log?: Log;
};

/**
 * A Temporal dev server with the namespace `default`, its data in `dataDir` or in memory. With `TEMPORAL_ADDRESS` set,
 * that server is used, none is started, and stop and kill do nothing. Throws `AlreadyRunning` if somebody else's
 * server works on `dataDir`.
 */
export async function startTemporal(options: TemporalOptions = {}): Promise<Temporal> {
  const { dataDir, log = logToStderr } = options;
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given) return useGiven(given, log);

  const cli = await temporalCliPath(thisProject(log));
  await mkdir(runsDir, { recursive: true });
  await sweep(runsDir, log);
  const dir = dataDir ? resolve(dataDir) : await mkdtemp(join(runsDir, 'temporal-'));
  await clearLeftover(dir, log);

  let ports: [number, number] = [0, 0];
  const server = await startServer(async () => {
    const [port, uiPort] = await freePorts();
    ports = [options.port ?? port, options.uiPort ?? uiPort];
    return launch(cli, dir, dataDir !== undefined, ports);
  }, PORT_TAKEN);
  const address = `127.0.0.1:${ports[0]}`;
  log(`Temporal is up at ${address}`);
  return {
    address,
    uiUrl: `http://127.0.0.1:${ports[1]}`,
    pid: server.pid,
    kill: server.kill,
    stop: async () => {
      await server.stop();
      if (dataDir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(cli: string, dir: string, keep: boolean, [port, uiPort]: [number, number]) {
  const listen = ['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)];
  const asConfiguredHere = ['--disable-config-file', '--disable-config-env', '--ui-disable-news-fetch'];
  const persistence = keep ? ['--db-filename', join(dir, 'temporal.db')] : [];
  const dynamicConfig = Object.entries(DYNAMIC_CONFIG).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${value}`,
  ]);
  const server = await startProcess({
    name: 'Temporal',
    command: cli,
    args: ['server', 'start-dev', ...listen, ...asConfiguredHere, ...persistence, ...dynamicConfig],
    dir,
    stopSignal: STOP_SIGNAL,
    stopWithinMs: STOP_WITHIN_MS,
  });
  // The server says its port once it holds it; before that, an answer at the port could come from somebody else.
  const holdsPort = async () => new RegExp(`^Temporal Server: .*:${port}$`, 'm').test(await server.output());
  return {
    name: 'Temporal',
    server,
    isReady: async () => (await holdsPort()) && (await complaintAbout(`127.0.0.1:${port}`, isComplete)) === undefined,
  };
}

export async function useGiven(address: string, log: Log): Promise<Temporal> {
  const complaint = await complaintAbout(address);
  if (complaint !== undefined) {
    throw new Error(`TEMPORAL_ADDRESS is ${address}, but ${complaint}. Correct the variable, or unset it.`);
  }
  log(`using Temporal at ${address} (TEMPORAL_ADDRESS)`);
  return { address, uiUrl: undefined, pid: undefined, stop: async () => {}, kill: () => {} };
}
