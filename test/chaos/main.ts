/**
 * `npm run chaos -- [--only R1,R5] [--seed N] [--messages N] [--server dev|postgres] [--short] [--json]`: faults from
 * outside on an installation of its own, and what the books say afterwards; as a table or as JSON, of which a copy lies in
 * `.baton/chaos`. Exit code 1 where an oracle objects.
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { machine } from './arena.ts';
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
const scale = {
  seed: Number(values.seed),
  messages: Number(values.messages ?? (values.short ? 200 : 10_000)),
  isShort: values.short,
};

// On exit every server gets its stop signal; without this Ctrl-C would leave them running until the next run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

say(`${listed(machine())} · seed ${scale.seed}`);
const results: Ran[] = [];
for await (const ran of runAll(chosen, { server: values.server as 'dev' | 'postgres', scale })) {
  results.push(ran);
  say(`\n${told(ran)}`);
}

const json = JSON.stringify({ machine: machine(), scale, results }, null, 2);
const path = join(dirname(runsDir), 'chaos', 'latest.json');
await mkdir(dirname(path), { recursive: true });
await writeFile(path, json);
console.log(values.json ? json : `\n${path}`);
// A scenario that broke off may have left something open.
process.exit(results.some(({ findings }) => findings.length > 0) ? 1 : 0);
