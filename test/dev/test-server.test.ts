import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { timeSkippingServerPath } from '../../dev/servers/test-server.ts';
import { onlyRelease, publish } from './release-server.ts';
import { createSandbox } from './sandbox.ts';

const SERVER = 'echo "Flags: --enable-time-skipping"';
const MAVEN = `for argument; do
  case $argument in -DoutputDirectory=*) /bin/mkdir -p "\${argument#*=}" ;; esac
done
echo "[INFO] Copying some.jar"`;
const UNREACHABLE = onlyRelease({ url: 'http://127.0.0.1:1/nothing.tar.gz', sha256: '' });
const inCache = (cacheDir: string) => join(cacheDir, 'temporal-test-server-1.38.0', 'temporal-test-server');

test('the variable goes before everything else', async () => {
  const sandbox = await createSandbox();
  const named = await sandbox.script('mine', SERVER, sandbox.dir);
  sandbox.env['TEMPORAL_TEST_SERVER_PATH'] = named;
  expect(await timeSkippingServerPath(sandbox, UNREACHABLE)).toBe(named);
});

test('a wrong variable is an error, and nothing else is tried', async () => {
  const sandbox = await createSandbox({ TEMPORAL_TEST_SERVER_PATH: '/bin/echo' });
  await sandbox.script('temporal-test-server', SERVER);
  await expect(timeSkippingServerPath(sandbox, UNREACHABLE)).rejects.toThrow(
    /TEMPORAL_TEST_SERVER_PATH names \/bin\/echo, but it does not look like the test server/,
  );
});

test('the PATH goes before the download', async () => {
  const sandbox = await createSandbox();
  const installed = await sandbox.script('temporal-test-server', SERVER);
  expect(await timeSkippingServerPath(sandbox, UNREACHABLE)).toBe(installed);
});

test('a release is unpacked into the cache, and found there the next time', async () => {
  const sandbox = await createSandbox();
  const folder = 'temporal-test-server_1.38.0_linux_amd64';
  await sandbox.script('temporal-test-server', SERVER, join(sandbox.dir, folder));
  const release = await publish(sandbox, folder);
  expect(await timeSkippingServerPath(sandbox, onlyRelease(release))).toBe(inCache(sandbox.cacheDir));
  expect(await timeSkippingServerPath(sandbox, UNREACHABLE)).toBe(inCache(sandbox.cacheDir));
});

test('Maven fetches the jars, and a wrapper becomes Java', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('mvn', MAVEN);
  await sandbox.script('java', SERVER);
  const path = await timeSkippingServerPath(sandbox, UNREACHABLE);
  expect(path).toBe(inCache(sandbox.cacheDir));
  expect(sandbox.logged).toContain('test server: Copying some.jar');
  expect(await readFile(path, 'utf8')).toMatch(
    /^exec java .*"\$here\/lib\/\*" io.temporal.testserver.TestServer "\$@"$/m,
  );
});

test('if everything fails, the error lists what was tried and the ways out', async () => {
  const sandbox = await createSandbox();
  await sandbox.script('mvn', MAVEN);
  await expect(timeSkippingServerPath(sandbox, {})).rejects.toThrow(
    new RegExp(
      [
        'Temporal test server 1.38.0 was not found. Tried:',
        '  - TEMPORAL_TEST_SERVER_PATH: not set',
        '  - cache: .* does not exist',
        '  - PATH: no temporal-test-server in it',
        '  - official download: no pinned release for .*',
        '  - Maven: no java on the PATH',
        'Ways out:',
        '  - TEMPORAL_TEST_SERVER_PATH=.*',
        '  - install Java 11 or newer and Maven.*',
      ].join('\n'),
    ),
  );
});

test('the server of this machine starts, and its time passes when it is told to', async () => {
  const path = await timeSkippingServerPath();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('47 hours');
    expect(await environment.currentTimeMs()).toBeGreaterThanOrEqual(before + 47 * 3_600_000);
  } finally {
    await environment.teardown();
  }
});
