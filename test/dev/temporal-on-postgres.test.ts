/** What can be shown without building the server, which takes minutes; that it starts is what `npm run bench -- --server postgres` shows. */
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dynamicConfigText, serverConfig } from '../../dev/servers/temporal-config.ts';
import { databasesOf, schemaToolSettings } from '../../dev/servers/temporal-databases.ts';
import { freePortsOf } from '../../dev/servers/ports.ts';
import { adminUrl } from '../support/servers.ts';
import { createSandbox } from './sandbox.ts';

const postgresUrl = 'postgres://me:p%40ss%22:%20word@127.0.0.1:5433/postgres';
const part = (n: number) => ({ grpc: n, membership: n + 1 });

test('the settings name both databases, every port, and the password as it is', () => {
  const config = JSON.parse(
    serverConfig({
      postgresUrl,
      names: { cluster: 'baton-1', database: 'temporal_1', visibility: 'temporal_visibility_1' },
      ports: { frontend: part(1), history: part(3), matching: part(5), worker: part(7) },
      dynamicConfigFile: '/somewhere/dynamic.yaml',
    }),
  ) as Record<string, unknown>;
  const access = { connectAddr: '127.0.0.1:5433', user: 'me', password: 'p@ss": word', pluginName: 'postgres12_pgx' };
  expect(config).toMatchObject({
    persistence: {
      datastores: {
        default: { sql: { ...access, databaseName: 'temporal_1' } },
        visibility: { sql: { ...access, databaseName: 'temporal_visibility_1' } },
      },
    },
    services: {
      frontend: { rpc: { grpcPort: 1, membershipPort: 2, bindOnIP: '127.0.0.1' } },
      history: { rpc: { grpcPort: 3, membershipPort: 4, bindOnIP: '127.0.0.1' } },
      matching: { rpc: { grpcPort: 5, membershipPort: 6, bindOnIP: '127.0.0.1' } },
      worker: { rpc: { grpcPort: 7, membershipPort: 8, bindOnIP: '127.0.0.1' } },
    },
    clusterMetadata: {
      currentClusterName: 'baton-1',
      clusterInformation: { 'baton-1': { rpcAddress: '127.0.0.1:1' } },
    },
    dynamicConfigClient: { filepath: '/somewhere/dynamic.yaml' },
  });
});

test('the server on Postgres is tuned as the dev server is', () => {
  expect(JSON.parse(dynamicConfigText())).toEqual({
    'system.enableActivityEagerExecution': [{ value: true }],
    'matching.numTaskqueueReadPartitions': [{ value: 1 }],
    'matching.numTaskqueueWritePartitions': [{ value: 1 }],
  });
});

test('the tool for the tables is told the password by a variable, and the port that a URL leaves out', () => {
  expect(schemaToolSettings(postgresUrl, 'temporal_1')).toMatchObject({
    SQL_HOST: '127.0.0.1',
    SQL_PORT: '5433',
    SQL_USER: 'me',
    SQL_PASSWORD: 'p@ss": word',
    SQL_DATABASE: 'temporal_1',
  });
  expect(schemaToolSettings('postgres://me@db/postgres', 'x')).toMatchObject({ SQL_HOST: 'db', SQL_PORT: '5432' });
});

test('databases whose tables could not be made are not written down', async () => {
  const { dir, script, log } = await createSandbox();
  const tool = await script('temporal-sql-tool', 'echo "no tables today"; exit 1');
  await expect(databasesOf(dir, adminUrl(), tool, log)).rejects.toThrow('no tables today');
  expect(await readdir(dir)).toEqual(['bin']);
});

test('no two of the ports are the same', async () => {
  expect(new Set(await freePortsOf(8)).size).toBe(8);
});
