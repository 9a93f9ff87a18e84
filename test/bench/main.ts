/**
 * `npm run bench -- [--server dev|postgres] [--only P1b,P3] [--short] [--seed N] [--json]`: how fast it is on this machine, as a table or
 * as JSON; a copy of the JSON lies in `.baton/bench`. Ratios and counts are what to compare: absolute figures of a
 * small, noisy machine are not stable.
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import clientPackage from '@temporalio/client/package.json' with { type: 'json' };
import { runsDir } from '../../dev/servers/surroundings.ts';
import { round, table } from './figures.ts';
import { measures, run, type Measured } from './measures.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(measures).join(',') },
    server: { type: 'string', default: 'dev' },
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    json: { type: 'boolean', default: false },
  },
});
const chosen = values.only.split(',').map((name) => {
  const measure = measures[name];
  if (measure) return measure;
  console.error(`There is no measure ${name}; there are ${Object.keys(measures).join(', ')}.`);
  process.exit(2);
});
const server = (['dev', 'postgres'] as const).find((kind) => kind === values.server);
if (!server) {
  console.error(
    `There is no server ${values.server}: dev is Temporal's dev server, postgres its server on a Postgres.`,
  );
  process.exit(2);
}
const params = { seconds: values.short ? 5 : 30, seed: Number(values.seed), server };

const [cpu] = cpus();
const machine = {
  cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  loadBefore: round(loadavg()[0] ?? NaN),
  node: process.version,
  temporalSdk: clientPackage.version,
};
const listed = (facts: object): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

// On exit every server gets its stop signal; without this Ctrl-C would leave them running until the next run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
Runtime.install({
  shutdownSignals: [],
  // The native part would print to stdout, which is for the figures.
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  logger: new DefaultLogger('ERROR'),
});
say(listed(machine));
const results: Measured[] = [];
for (const measure of chosen) {
  const result = await run(measure, params, (line) => console.error(line));
  results.push(result);
  say(`\n${table(result.title, result.figures)}\n${listed(result.params)} · ${listed(result.versions)}`);
}

const json = JSON.stringify({ machine, results }, null, 2);
const path = join(dirname(runsDir), 'bench', 'latest.json');
await mkdir(dirname(path), { recursive: true });
await writeFile(path, json);
console.log(values.json ? json : `\n${path}`);
process.exitCode = results.some(({ figures }) => figures.some(({ met }) => met === false)) ? 1 : 0;
