import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporalServerPrograms } from '../../dev/servers/temporal-server.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const SERVER = 'echo "temporal version 1.31.2"';
const TOOL = 'echo "temporal-sql-tool version 1.31.2"';
/** Writes both to where `GOBIN` says, under the names of their packages. */
const GO = `echo "go.temporal.io/server/service"
printf '#!/bin/sh\\n%s\\n' '${SERVER}' > "$GOBIN/server"
printf '#!/bin/sh\\n%s\\n' '${TOOL}' > "$GOBIN/sql"
/bin/chmod +x "$GOBIN/server" "$GOBIN/sql"`;

async function install(sandbox: Sandbox, folder?: string, server = SERVER) {
  const schemaTool = await sandbox.script('temporal-sql-tool', TOOL, folder);
  return { server: await sandbox.script('temporal-server', server, folder), schemaTool };
}

const cacheOf = ({ cacheDir }: Sandbox) => join(cacheDir, 'temporal-server-1.31.2');

test('the variable goes before everything else, and the tool for the tables lies beside what it names', async () => {
  const sandbox = await createSandbox();
  await install(sandbox);
  const named = await install(sandbox, sandbox.dir);
  sandbox.env['TEMPORAL_SERVER_PATH'] = named.server;
  expect(await temporalServerPrograms(sandbox)).toEqual(named);
});

test('a variable that names a server without its tool is an error, and nothing else is tried', async () => {
  const sandbox = await createSandbox();
  await install(sandbox);
  sandbox.env['TEMPORAL_SERVER_PATH'] = await sandbox.script('temporal-server', SERVER, sandbox.dir);
  await expect(temporalServerPrograms(sandbox)).rejects.toThrow(
    /TEMPORAL_SERVER_PATH names .*, but .*temporal-sql-tool does not run .*ENOENT/s,
  );
});

test('the cache goes before the PATH, and the PATH before a build', async () => {
  const sandbox = await createSandbox();
  const installed = await install(sandbox);
  expect(await temporalServerPrograms(sandbox)).toEqual(installed);
  const cached = await install(sandbox, cacheOf(sandbox));
  expect(await temporalServerPrograms(sandbox)).toEqual(cached);
});

test('a server of another version is passed over, and Go builds both into the cache', async () => {
  const sandbox = await createSandbox();
  await install(sandbox, undefined, 'echo "temporal version 1.29.1"');
  await sandbox.script('go', GO);
  const cached = cacheOf(sandbox);
  expect(await temporalServerPrograms(sandbox)).toEqual({
    server: join(cached, 'temporal-server'),
    schemaTool: join(cached, 'temporal-sql-tool'),
  });
  expect(sandbox.logged).toContainEqual(expect.stringContaining('it is not 1.31.2'));
  expect(await readdir(sandbox.cacheDir)).toEqual(['temporal-server-1.31.2']);
});

test('if everything fails, the error lists what was tried and the ways out', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('go', 'echo "go: no module proxy" >&2; exit 1');
  await expect(temporalServerPrograms(sandbox)).rejects.toThrow(
    new RegExp(
      [
        'Temporal server 1.31.2 was not found. Tried:',
        '  - TEMPORAL_SERVER_PATH: not set',
        '  - cache: .*temporal-server does not exist',
        '  - PATH: no temporal-server in it',
        '  - go install: .* ended with 1\n    go: no module proxy',
        'Ways out:',
        '  - TEMPORAL_ADDRESS=.*',
        '  - TEMPORAL_SERVER_PATH=.*',
        '  - install Go .*',
      ].join('\n'),
    ),
  );
});
