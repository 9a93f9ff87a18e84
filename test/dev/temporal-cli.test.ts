import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporalCliPath } from '../../dev/servers/temporal-cli.ts';
import { onlyRelease, publish } from './release-server.ts';
import { createSandbox } from './sandbox.ts';

const CLI = 'echo "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)"';
const OLD_CLI = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.40.0)"';
/** Writes the CLI to where `go build … -o FILE …` is told to. */
const GO = `while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n%s\\n' '${CLI}' > "$2"
/bin/chmod +x "$2"`;
const UNREACHABLE = onlyRelease({ url: 'http://127.0.0.1:1/nothing.tar.gz', sha256: '' });

test('the variable goes before everything else', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal', CLI);
  const named = await sandbox.script('mine', CLI, sandbox.dir);
  sandbox.env['TEMPORAL_CLI_PATH'] = named;
  expect(await temporalCliPath(sandbox, UNREACHABLE)).toBe(named);
});

test.each([
  ['does not exist', '/nowhere/temporal', /TEMPORAL_CLI_PATH names \/nowhere\/temporal, but it does not run .*ENOENT/s],
  ['is something else', '/bin/echo', /TEMPORAL_CLI_PATH names \/bin\/echo, but it does not look like the Temporal CLI/],
])('a variable whose file %s is an error, and nothing else is tried', async (_case, named, message) => {
  const sandbox = await createSandbox({ TEMPORAL_CLI_PATH: named });
  await sandbox.script('temporal', CLI);
  await expect(temporalCliPath(sandbox, UNREACHABLE)).rejects.toThrow(message);
});

test('the cache goes before the PATH', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal', CLI);
  const cached = await sandbox.script('temporal-1.8.2', CLI, sandbox.cacheDir);
  expect(await temporalCliPath(sandbox, UNREACHABLE)).toBe(cached);
});

test('the PATH goes before the download', async () => {
  const sandbox = await createSandbox();
  const installed = await sandbox.script('temporal', CLI);
  expect(await temporalCliPath(sandbox, UNREACHABLE)).toBe(installed);
});

test('a CLI on the PATH with a server that is too old is passed over', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal', OLD_CLI);
  await sandbox.script('go', GO);
  expect(await temporalCliPath(sandbox, UNREACHABLE)).toBe(join(sandbox.cacheDir, 'temporal-1.8.2'));
  expect(sandbox.logged).toContainEqual(expect.stringContaining('its server 1.29 is older than 1.31'));
});

test('a cached file that does not run is replaced', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal-1.8.2', 'exit 1', sandbox.cacheDir);
  await sandbox.script('go', GO);
  expect(await temporalCliPath(sandbox, UNREACHABLE)).toBe(join(sandbox.cacheDir, 'temporal-1.8.2'));
});

test('a download is checked, unpacked into the cache, and found there the next time', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal', CLI, sandbox.dir);
  const release = await publish(sandbox, 'temporal');
  const cached = join(sandbox.cacheDir, 'temporal-1.8.2');
  expect(await temporalCliPath(sandbox, onlyRelease(release))).toBe(cached);
  expect(sandbox.logged).toContain('downloading: 100 %');
  expect(await temporalCliPath(sandbox, UNREACHABLE)).toBe(cached);
  expect(await readdir(sandbox.cacheDir)).toEqual(['temporal-1.8.2']);
});

test('a download with another checksum is thrown away, and Go is tried', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal', 'echo "Server 1.31. but not the right one"', sandbox.dir);
  const release = await publish(sandbox, 'temporal');
  await expect(temporalCliPath(sandbox, onlyRelease({ ...release, sha256: 'f00d' }))).rejects.toThrow(
    /official download: .* has the checksum [0-9a-f]{64}, expected was f00d/,
  );
  expect(await readdir(sandbox.cacheDir)).toEqual([]);
});

test('a download that is not there is reported with its status', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('temporal', CLI, sandbox.dir);
  const release = await publish(sandbox, 'temporal');
  await expect(temporalCliPath(sandbox, onlyRelease({ ...release, url: `${release.url}x` }))).rejects.toThrow(
    /answered 404/,
  );
});

test('Go builds the CLI into the cache', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('go', GO);
  const built = await temporalCliPath(sandbox, UNREACHABLE);
  expect(built).toBe(join(sandbox.cacheDir, 'temporal-1.8.2'));
  await access(built);
});

test('if everything fails, the error lists what was tried and the ways out', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('go', 'echo "go: no module proxy" >&2; exit 1');
  await expect(temporalCliPath(sandbox, UNREACHABLE)).rejects.toThrow(
    new RegExp(
      [
        'Temporal CLI 1.8.2 was not found. Tried:',
        '  - TEMPORAL_CLI_PATH: not set',
        '  - cache: .*temporal-1.8.2 does not exist',
        '  - PATH: no temporal in it',
        '  - official download: .*',
        '  - go build: .* ended with 1\n    go: no module proxy',
        'Ways out:',
        '  - TEMPORAL_ADDRESS=.*',
        '  - TEMPORAL_CLI_PATH=.*',
        '  - install Go .*',
      ].join('\n'),
    ),
  );
});

test('a platform without a release goes on to Go, and without Go says so', async () => {
  const sandbox = await createSandbox();
  await expect(temporalCliPath(sandbox, {})).rejects.toThrow(/go build: no go on the PATH/);
});
