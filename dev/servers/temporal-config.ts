/** How Temporal's server is set up on a Postgres: one process, four shards, no authentication, this machine only. */

/**
 * Of the dev server, too. Updates and update-with-start need nothing: server 1.31 has them on. One partition per task
 * queue, because the server is one process, and several would only delay tasks that wait in one while the poller waits
 * at another.
 */
export const DYNAMIC_CONFIG = {
  'system.enableActivityEagerExecution': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

export type ServerSetting = {
  /** As superuser, to any database of the server. */
  postgresUrl: string;
  names: DatabaseNames;
  ports: ServerPorts;
  dynamicConfigFile: string;
};

/** What belongs to one installation and stays when it starts again. */
export type DatabaseNames = { cluster: string; database: string; visibility: string };

/** Of the frontend, and one for each other part of the server, beside those at which the parts find each other. */
export type ServerPorts = Record<'frontend' | 'history' | 'matching' | 'worker', { grpc: number; membership: number }>;

/** The server reads YAML, of which JSON is a part: no word in it needs any escaping of YAML's. */
export function serverConfig({ postgresUrl, names, ports, dynamicConfigFile }: ServerSetting): string {
  const { cluster, database, visibility } = names;
  return JSON.stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: {
        default: { sql: store(postgresUrl, database, 20) },
        visibility: { sql: store(postgresUrl, visibility, 5) },
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(
      Object.entries(ports).map(([name, { grpc, membership }]) => [
        name,
        { rpc: { grpcPort: grpc, membershipPort: membership, bindOnIP: '127.0.0.1' } },
      ]),
    ),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: cluster,
      currentClusterName: cluster,
      clusterInformation: {
        [cluster]: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '60s' },
  });
}

function store(postgresUrl: string, databaseName: string, connections: number): object {
  const { username, password, host } = new URL(postgresUrl);
  return {
    pluginName: 'postgres12_pgx',
    databaseName,
    connectAddr: host,
    connectProtocol: 'tcp',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    maxConns: connections,
    maxIdleConns: connections,
    maxConnLifetime: '1h',
  };
}

export const dynamicConfigText = (): string =>
  JSON.stringify(Object.fromEntries(Object.entries(DYNAMIC_CONFIG).map(([name, value]) => [name, [{ value }]])));
