import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Connection } from '@temporalio/client';
import { clearLeftover, sweep } from './leftovers.ts';
import { type Log, logToStderr } from './log.ts';
import { freePortsOf } from './ports.ts';
import { startProcess } from './process.ts';
import { startServer } from './start-server.ts';
import { runsDir, thisProject } from './surroundings.ts';
import { dynamicConfigText, serverConfig, type DatabaseNames, type ServerPorts } from './temporal-config.ts';
import { databasesOf, dropDatabases, forgetMembers } from './temporal-databases.ts';
import { complaintAbout, ensureNamespace, isComplete, isOfCluster } from './temporal-health.ts';
import { temporalServerPrograms } from './temporal-server.ts';
import { STOP_SIGNAL, STOP_WITHIN_MS, type Temporal, useGiven } from './temporal.ts';

export type TemporalOnPostgresOptions = {
  /** Of what is no data: names of its databases, settings, record and log. */
  dataDir: string;
  /** A superuser's. Its databases are made there, with names of their own. */
  postgresUrl: string;
  /** That of a predecessor whose clients are still there; chosen by the system, if there is none. */
  port?: number;
  log?: Log;
};

/** It also says so where a part of the server finds its port taken after another part was up. */
const PORT_TAKEN = /address already in use/;

/**
 * A Temporal server with the namespace `default` on a Postgres, as in production but for its size: started again with
 * the same folder and Postgres it goes on, whether it was stopped or killed. With `TEMPORAL_ADDRESS` set, that server is
 * used, none is started, and stop, kill and drop do nothing. Throws `AlreadyRunning` if somebody else's works there.
 */
export async function startTemporalOnPostgres(
  options: TemporalOnPostgresOptions,
): Promise<Temporal & { drop: () => Promise<void> }> {
  const { postgresUrl, log = logToStderr } = options;
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given) return { ...(await useGiven(given, log)), drop: async () => {} };

  const programs = await temporalServerPrograms(thisProject(log));
  const dir = resolve(options.dataDir);
  await sweep(runsDir, log);
  await mkdir(dir, { recursive: true });
  await clearLeftover(dir, log);
  const names = await databasesOf(dir, postgresUrl, programs.schemaTool, log);
  await forgetMembers(postgresUrl, names);

  let port = 0;
  const server = await startServer(async () => {
    const ports = await choosePorts(options.port);
    port = ports.frontend.grpc;
    return launch(programs.server, dir, await writeConfig(dir, { postgresUrl, names, ports }), names, port);
  }, PORT_TAKEN);
  const address = `127.0.0.1:${port}`;
  log(`Temporal on Postgres is up at ${address}`);
  return {
    address,
    uiUrl: undefined,
    pid: server.pid,
    kill: server.kill,
    stop: server.stop,
    drop: async () => {
      await server.stop();
      await dropDatabases(postgresUrl, names);
    },
  };
}

async function choosePorts(wanted?: number): Promise<ServerPorts> {
  const free = await freePortsOf(8);
  const next = () => ({ grpc: free.pop() ?? 0, membership: free.pop() ?? 0 });
  const ports = { frontend: next(), history: next(), matching: next(), worker: next() };
  if (wanted !== undefined) ports.frontend.grpc = wanted;
  return ports;
}

async function writeConfig(
  dir: string,
  setting: { postgresUrl: string; names: DatabaseNames; ports: ServerPorts },
): Promise<string> {
  const [configFile, dynamicConfigFile] = [join(dir, 'config.yaml'), join(dir, 'dynamic-config.yaml')];
  await writeFile(dynamicConfigFile, dynamicConfigText());
  await writeFile(configFile, serverConfig({ ...setting, dynamicConfigFile }), { mode: 0o600 });
  return configFile;
}

async function launch(program: string, dir: string, configFile: string, { cluster }: DatabaseNames, port: number) {
  const server = await startProcess({
    name: 'Temporal on Postgres',
    command: program,
    args: ['--config-file', configFile, '--allow-no-auth', 'start'],
    dir,
    stopSignal: STOP_SIGNAL,
    stopWithinMs: STOP_WITHIN_MS,
  });
  const check = async (connection: Connection): Promise<void> => {
    await isOfCluster(connection, cluster);
    await isComplete(connection);
    await ensureNamespace(connection);
  };
  const isReady = async () => (await complaintAbout(`127.0.0.1:${port}`, check)) === undefined;
  return { name: 'Temporal on Postgres', server, isReady };
}
