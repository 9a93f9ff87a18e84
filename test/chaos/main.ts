/**
 * `npm run chaos -- [--only R1,R5] [--seed N] [--messages N] [--server dev|postgres] [--short] [--json]`: faults from
 * outside on an installation of its own, and what the books say afterwards; as a table or as JSON, of which a copy lies in
 * `.baton/chaos`. Exit code 1 where an oracle objects.
 * `--defect NAME,NAME`: what these do to it instead, so the exit code is 1. `--defects`: all of them, and 1 where one is
 * not seen by its oracle.
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { machine } from './arena.ts';
import { defects } from './defects.ts';
import { playAll } from './defects/played.ts';
import { listed, told } from './report.ts';
import { runAll, type Ran } from './run.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: [...scenarios.keys()].join(',') },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    messages: { type: 'string' },
    server: { type: 'string', default: 'dev' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    defect: { type: 'string' },
    defects: { type: 'boolean', default: false },
  },
});
const fail = (words: string): never => {
  console.error(words);
  process.exit(2);
};
const chosen = values.only.split(',').map((id) => {
  return scenarios.get(id) ?? fail(`There is no scenario ${id}; there are ${[...scenarios.keys()].join(', ')}.`);
});
if (values.server !== 'dev' && values.server !== 'postgres') fail('--server is dev or postgres.');
const named = values.defects ? [...defects.keys()] : (values.defect?.split(',') ?? []);
const planted = named.map((name) => {
  return defects.get(name) ?? fail(`There is no defect ${name}; there are ${[...defects.keys()].join(', ')}.`);
});
const isShort = values.short || planted.length > 0;
const scale = { seed: Number(values.seed), messages: Number(values.messages ?? (isShort ? 200 : 10_000)), isShort };

// On exit every server gets its stop signal; without this Ctrl-C would leave them running until the next run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

say(`${listed(machine())} · seed ${scale.seed}`);
const how = { server: values.server as 'dev' | 'postgres', scale };
const results: Ran[] = [];
for await (const ran of planted.length > 0 ? playAll(planted, how) : runAll(chosen, how)) {
  results.push(ran);
  say(`\n${told(ran)}`);
}

const json = JSON.stringify({ machine: machine(), scale, results }, null, 2);
const path = join(dirname(runsDir), 'chaos', 'latest.json');
await mkdir(dirname(path), { recursive: true });
await writeFile(path, json);
console.log(values.json ? json : `\n${path}`);
// A scenario that broke off may have left something open.
const isBad = ({ planted, findings }: Ran): boolean =>
  values.defects ? planted?.isSeen === false : findings.length > 0;
process.exit(results.some(isBad) ? 1 : 0);
