/**
 * `npm run bench -- [--server dev|postgres] [--only P1b,P3] [--short] [--seed N] [--json]`: how fast it is on this machine,
 * as a table or as JSON; a copy of the JSON lies in `.baton/bench`. Ratios and counts are what to compare: absolute
 * figures of a small, noisy machine are not stable.
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { openArena, type Arena } from './arena.ts';
import { table, type Figure } from './figures.ts';
import { describeMachine } from './machine.ts';
import { measures } from './measures.ts';
import type { TemporalKind } from './temporal-server.ts';

const failed = 'failed';

interface Result {
  id: string;
  title: string;
  seconds: number;
  versions: Arena['versions'];
  figures: Figure[];
}

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'dev' },
    only: { type: 'string', default: Object.keys(measures).join(',') },
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    json: { type: 'boolean', default: false },
  },
});
const chosen = chooseMeasures(values.only);
const params = { server: chooseServer(values.server), seed: Number(values.seed), short: values.short };
const machine = describeMachine();
const say = (line: string): void => {
  if (!values.json) console.log(line);
};
const log = (line: string): void => console.error(line);

// On exit every server gets its stop signal; without this Ctrl-C would leave them running until the next run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
Runtime.install({
  shutdownSignals: [],
  // The native part would print to stdout, which is for the figures.
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  logger: new DefaultLogger('ERROR'),
});
say(`${listed(machine)}\n${listed(params)}`);
const results: Result[] = [];
const path = join(dirname(runsDir), 'bench', 'latest.json');
let arena: Arena | null = null;
for (const id of chosen) {
  arena ??= await openArena(params.server, log);
  const result = await measureOf(id, arena);
  results.push(result);
  await write();
  say(`\n${table(result.title, result.figures)}\n${listed(result.versions)} · ${result.seconds} s`);
  if (result.figures.some(({ name }) => name === failed)) {
    // It may have left a process dead, or a backlog.
    await arena.close();
    arena = null;
  }
}
await arena?.close();

console.log(values.json ? json() : `\n${path}`);
// The SDK's native part, which only some measures use, would keep the process.
process.exit(results.some(({ figures }) => figures.some(({ met }) => met === false)) ? 1 : 0);

/** After each measure: a run that is stopped has measured something. */
async function write(): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, json());
}

function json(): string {
  return JSON.stringify({ machine, params, results }, null, 2);
}

async function measureOf(id: string, stage: Arena): Promise<Result> {
  const { title, run } = measures[id] ?? { title: id, run: () => Promise.resolve([]) };
  const startedAt = performance.now();
  const figures = await run({ arena: stage, seed: params.seed, short: params.short }).catch((error: unknown) => {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return [{ name: failed, value: error instanceof Error ? error.message : String(error), unit: '', met: false }];
  });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  return { id, title, seconds, versions: stage.versions, figures };
}

function chooseMeasures(only: string): string[] {
  const ids = only.split(',');
  const unknown = ids.find((id) => !(id in measures));
  if (unknown === undefined) return ids;
  return wrong(`There is no measure ${unknown}; there are ${Object.keys(measures).join(', ')}.`);
}

function chooseServer(server: string): TemporalKind {
  if (server === 'dev' || server === 'postgres') return server;
  return wrong(`There is no server ${server}: dev is Temporal's dev server, postgres its server on a Postgres.`);
}

function wrong(message: string): never {
  console.error(message);
  process.exit(2);
}

function listed(facts: object): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
}
