import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCacheEntry } from './cache-entry.ts';
import { downloadAndUnpack, releaseForUs, type Releases } from './download.ts';
import { fromCache, fromPath, needOnPath } from './executables.ts';
import { type Route, resolveExecutable } from './resolve.ts';
import { runCommand } from './run-command.ts';
import { type Surroundings, thisProject } from './surroundings.ts';

/** Also in test-server/pom.xml. */
const VERSION = '1.38.0';
const POM = fileURLToPath(new URL('./test-server/pom.xml', import.meta.url));
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Releases carry no file of checksums; platforms that are not listed go by Maven, which has its own. */
const OFFICIAL: Releases = {
  'linux-x64': {
    url: `https://github.com/temporalio/sdk-java/releases/download/v${VERSION}/temporal-test-server_${VERSION}_linux_amd64.tar.gz`,
    sha256: '41df834fe8e1ac59619e13908f41b63e4d1054f37634a2f89033d8cf6af71b96',
  },
};

/** `exec`, because the SDK stops the server with SIGKILL, which must hit Java and not a shell around it. */
const WRAPPER = `#!/bin/sh
here=$(cd "\${0%/*}" && pwd)
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
`;

/**
 * Temporal's time-skipping test server, as an executable for
 * `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`.
 * Never pass it `--enable-time-skipping`: time would run away between two calls.
 */
export async function timeSkippingServerPath(
  around: Surroundings = thisProject(),
  releases: Releases = OFFICIAL,
): Promise<string> {
  const entry = join(around.cacheDir, `temporal-test-server-${VERSION}`);
  const cached = join(entry, 'temporal-test-server');
  return resolveExecutable(
    {
      what: `Temporal test server ${VERSION}`,
      variable: 'TEMPORAL_TEST_SERVER_PATH',
      defect: (path) => defectOf(path, around.env),
      routes: [
        fromCache(cached),
        fromPath('temporal-test-server', around.env),
        fromRelease(releases, entry, around),
        fromMaven(entry, around),
      ],
      waysOut: [
        'TEMPORAL_TEST_SERVER_PATH=/path/to/temporal-test-server: use this one (https://github.com/temporalio/sdk-java/releases)',
        'install Java 11 or newer and Maven, and the server is fetched from Maven Central (38 MB)',
      ],
    },
    around.env,
    around.log,
  );
}

/** Called without a port, the server prints its usage and ends. */
async function defectOf(path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const usage = await runCommand(path, [], { env });
    return usage.includes('--enable-time-skipping') ? undefined : `it does not look like the test server ("${usage}")`;
  } catch (error) {
    return `it does not run (${error instanceof Error ? error.message : String(error)})`;
  }
}

const fromRelease = (releases: Releases, entry: string, { log }: Surroundings): Route => ({
  name: 'official download',
  look: async () => {
    const official = releaseForUs(releases);
    if (!official) return { because: `no pinned release for ${process.platform} on ${process.arch}` };
    await makeCacheEntry(entry, async (workDir) => {
      await downloadAndUnpack(official, workDir, log);
      return join(workDir, `temporal-test-server_${VERSION}_linux_amd64`);
    });
    return { path: join(entry, 'temporal-test-server') };
  },
});

const fromMaven = (entry: string, { env, log }: Surroundings): Route => ({
  name: 'Maven',
  look: async () => {
    const mvn = await needOnPath('mvn', env);
    await needOnPath('java', env);
    log(`fetching the Temporal test server ${VERSION} with ${mvn} (38 MB, once)`);
    await makeCacheEntry(entry, async (workDir) => {
      const made = join(workDir, 'made');
      await mkdir(made);
      const target = [`-DoutputDirectory=${join(made, 'lib')}`, '-DincludeScope=runtime'];
      await runCommand(mvn, ['--batch-mode', '--strict-checksums', '-f', POM, COPY_DEPENDENCIES, ...target], {
        env,
        onLine: (line) => {
          if (line.includes('Copying ')) log(line.replace('[INFO] ', 'test server: '));
        },
      });
      await writeFile(join(made, 'temporal-test-server'), WRAPPER, { mode: 0o755 });
      return made;
    });
    return { path: join(entry, 'temporal-test-server') };
  },
});
