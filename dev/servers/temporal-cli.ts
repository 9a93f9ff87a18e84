import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCacheEntry } from './cache-entry.ts';
import { type Archive, downloadAndUnpack, releaseForUs, type Releases } from './download.ts';
import { everyHundredth } from './every-hundredth.ts';
import { fromCache, fromPath, needOnPath } from './executables.ts';
import { type Route, resolveExecutable } from './resolve.ts';
import { runCommand } from './run-command.ts';
import { type Surroundings, thisProject } from './surroundings.ts';

const VERSION = '1.8.2';
const OLDEST_SERVER_MINOR = 31;
const MODULE_DIR = fileURLToPath(new URL('./temporal-cli', import.meta.url));
const RELEASES = `https://github.com/temporalio/cli/releases/download/v${VERSION}`;

/** Checksums are those of checksums.txt of the release. */
const OFFICIAL: Releases = {
  'linux-x64': archive('linux_amd64', 'd8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94'),
  'linux-arm64': archive('linux_arm64', '83600a8fac6e3da54093e5da6918d399f501532b9f1172235603f9606f4ac6e4'),
  'darwin-x64': archive('darwin_amd64', '489d7f5420cae02b559774ac23df035141954c33a51dba96f5759a0ddccdf1b6'),
  'darwin-arm64': archive('darwin_arm64', 'dacdc3587682c04cf27e67c8878ca2d755230b6ad63c0c6ebddd7348ae90ed94'),
};

/** The Temporal CLI, which holds the dev server. The first call on a machine may download it or build it. */
export async function temporalCliPath(
  around: Surroundings = thisProject(),
  releases: Releases = OFFICIAL,
): Promise<string> {
  const cached = join(around.cacheDir, `temporal-${VERSION}`);
  return resolveExecutable(
    {
      what: `Temporal CLI ${VERSION}`,
      variable: 'TEMPORAL_CLI_PATH',
      defect: (path) => defectOf(path, around.env),
      routes: [
        fromCache(cached),
        fromPath('temporal', around.env),
        fromRelease(releases, cached, around),
        fromGo(cached, around),
      ],
      waysOut: [
        'TEMPORAL_ADDRESS=host:port: use a Temporal server that runs already',
        'TEMPORAL_CLI_PATH=/path/to/temporal: use this CLI (https://docs.temporal.io/cli)',
        'install Go (https://go.dev/dl), and the CLI is built from the module proxy in about five minutes',
      ],
    },
    around.env,
    around.log,
  );
}

async function defectOf(path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  let version: string;
  try {
    version = await runCommand(path, ['--version'], { env });
  } catch (error) {
    return `it does not run (${error instanceof Error ? error.message : String(error)})`;
  }
  const minor = /Server 1\.(\d+)\./.exec(version)?.[1];
  if (minor === undefined) return `it does not look like the Temporal CLI (--version says "${version}")`;
  return Number(minor) < OLDEST_SERVER_MINOR
    ? `its server 1.${minor} is older than 1.${OLDEST_SERVER_MINOR}`
    : undefined;
}

const fromRelease = (releases: Releases, cached: string, { log }: Surroundings): Route => ({
  name: 'official download',
  look: async () => {
    const official = releaseForUs(releases);
    if (!official) return { because: `no release for ${process.platform} on ${process.arch}` };
    await makeCacheEntry(cached, async (workDir) => {
      await downloadAndUnpack(official, workDir, log);
      return join(workDir, 'temporal');
    });
    return { path: cached };
  },
});

/** `go install` refuses the CLI because its go.mod has a replace, hence a module of our own that requires it. */
const fromGo = (cached: string, { env, log }: Surroundings): Route => ({
  name: 'go build',
  look: async () => {
    const go = await needOnPath('go', env);
    log(`building Temporal CLI ${VERSION} with ${go}; this takes about five minutes, once`);
    await makeCacheEntry(cached, async (workDir) => {
      const made = join(workDir, 'temporal');
      const flags = ['-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-v', '-o', made];
      await runCommand(go, ['build', ...flags, 'github.com/temporalio/cli/cmd/temporal'], {
        cwd: MODULE_DIR,
        env: { ...env, CGO_ENABLED: '0' },
        onLine: everyHundredth((count) => log(`building Temporal CLI: ${count} packages and modules done`)),
      });
      return made;
    });
    return { path: cached };
  },
});

function archive(platform: string, sha256: string): Archive {
  return { url: `${RELEASES}/temporal_cli_${VERSION}_${platform}.tar.gz`, sha256 };
}
