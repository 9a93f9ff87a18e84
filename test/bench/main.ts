/**
 * `npm run bench -- [--only P1b,P3] [--short] [--json FILE]`: measures of QUALITY.md on this machine, as a table and as
 * JSON. Ratios and counts are what to compare; absolute figures of a small, noisy machine are not stable.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import clientPackage from '@temporalio/client/package.json' with { type: 'json' };
import { runsDir } from '../../dev/servers/surroundings.ts';
import { table } from './figures.ts';
import { measures, run } from './measures.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, short: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const names = values.only?.split(',') ?? Object.keys(measures);
const unknown = names.filter((name) => !(name in measures));
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}; there are ${Object.keys(measures).join(', ')}.`);
  process.exit(2);
}
const seconds = values.short ? 5 : 30;

const [cpu] = cpus();
const machine = {
  node: process.version,
  temporalSdk: clientPackage.version,
  cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
};

Runtime.install({ logger: new DefaultLogger('ERROR') });
const results = await run(names, seconds, (line) => console.error(line));
console.log(
  Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · '),
);
for (const { title, figures } of results) console.log(`\n${table(title, figures)}`);

const path = values.json ?? join(dirname(runsDir), 'bench', 'latest.json');
await mkdir(dirname(path), { recursive: true });
await writeFile(path, JSON.stringify({ machine, seconds, results }, null, 2));
console.log(`\n${path}`);
process.exitCode = results.some(({ figures }) => figures.some(({ met }) => met === false)) ? 1 : 0;
