import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeCacheEntry } from './cache-entry.ts';
import { everyHundredth } from './every-hundredth.ts';
import { fromCache, fromPath, needOnPath } from './executables.ts';
import { type Route, resolveExecutable } from './resolve.ts';
import { runCommand } from './run-command.ts';
import { type Surroundings, thisProject } from './surroundings.ts';

/** The server that the Temporal CLI of temporal-cli.ts holds. */
const VERSION = '1.31.2';

/** As Temporal's own releases call them. */
const SERVER = 'temporal-server';
const SCHEMA_TOOL = 'temporal-sql-tool';
/** What `go install` calls them, by their package in go.temporal.io/server. */
const PACKAGES = { 'cmd/server': SERVER, 'cmd/tools/sql': SCHEMA_TOOL };

export type TemporalServerPrograms = { server: string; schemaTool: string };

/**
 * Temporal's server as it runs on a database, and beside it the tool that makes its tables. The first call on a machine
 * may build them. For benches and faults: a laptop gets the dev server of the CLI.
 */
export async function temporalServerPrograms(around: Surroundings = thisProject()): Promise<TemporalServerPrograms> {
  const entry = join(around.cacheDir, `temporal-server-${VERSION}`);
  const cached = join(entry, SERVER);
  const server = await resolveExecutable(
    {
      what: `Temporal server ${VERSION}`,
      variable: 'TEMPORAL_SERVER_PATH',
      defect: (path) => defectOf(path, around.env),
      routes: [fromCache(cached), fromPath(SERVER, around.env), fromGo(entry, around)],
      waysOut: [
        'TEMPORAL_ADDRESS=host:port: use a Temporal server that runs already',
        `TEMPORAL_SERVER_PATH=/path/to/${SERVER}, with ${SCHEMA_TOOL} beside it: use these (https://github.com/temporalio/temporal/releases)`,
        'install Go (https://go.dev/dl), and both are built from the module proxy in about five minutes',
      ],
    },
    around.env,
    around.log,
  );
  return { server, schemaTool: schemaToolOf(server) };
}

const schemaToolOf = (server: string): string => join(dirname(server), SCHEMA_TOOL);

async function defectOf(server: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const program of [server, schemaToolOf(server)]) {
    try {
      const said = await runCommand(program, ['--version'], { env });
      // Tables and server fit together only when they are of one version.
      if (!said.includes(`version ${VERSION}`)) return `it is not ${VERSION} (${program} --version says "${said}")`;
    } catch (error) {
      return `${program} does not run (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  return undefined;
}

const fromGo = (entry: string, { env, log }: Surroundings): Route => ({
  name: 'go install',
  look: async () => {
    const go = await needOnPath('go', env);
    log(`building Temporal server ${VERSION} with ${go}; this takes about five minutes, once`);
    await makeCacheEntry(entry, async (workDir) => {
      const made = join(workDir, 'made');
      await mkdir(made);
      const packages = Object.keys(PACKAGES).map((path) => `go.temporal.io/server/${path}@v${VERSION}`);
      await runCommand(go, ['install', '-trimpath', '-ldflags', '-s -w', '-v', ...packages], {
        cwd: workDir,
        env: { ...env, CGO_ENABLED: '0', GOBIN: made },
        onLine: everyHundredth((count) => log(`building Temporal server: ${count} packages and modules done`)),
      });
      for (const [path, name] of Object.entries(PACKAGES)) {
        await rename(join(made, path.slice(path.lastIndexOf('/') + 1)), join(made, name));
      }
      return made;
    });
    return { path: join(entry, SERVER) };
  },
});
