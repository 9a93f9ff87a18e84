/** Every rule about who may import whom is broken once, in a small tree made like ours, and says so. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, expect, test } from 'vitest';

const config = new URL('../../.dependency-cruiser.mjs', import.meta.url).href;
const { default: rules } = (await import(config)) as { default: IConfiguration };
const forbidden = rules.forbidden ?? [];

/** Rule → imports that break it, each from a file of its own. */
const broken: Record<string, [from: string, to: string][]> = {
  'no-cycles': [['store/around.ts', 'store/back.ts']],
  'nothing-unresolvable': [['store/lost.ts', './nowhere.ts']],
  'core-imports-nothing': [
    ['workflows/conversation/with-a-package.ts', 'zod'],
    ['workflows/conversation/with-node.ts', 'node:fs'],
    ['workflows/conversation/with-the-shell.ts', 'workflows/actor/actor.ts'],
    ['workflows/conversation/with-sql.ts', 'store/connection.ts'],
  ],
  'actor-shell-knows-no-chats': [['workflows/actor/of-chats.ts', 'workflows/conversation/state.ts']],
  'workflow-code-is-deterministic': [
    ['workflows/actor/with-node.ts', 'node:fs'],
    ['workflows/actor/with-an-activity.ts', 'activities/record.ts'],
  ],
  'activities-use-core-adapters-store': [
    ['activities/with-a-route.ts', 'api/routes/health.ts'],
    ['activities/with-the-courier.ts', 'courier/commands.ts'],
    ['activities/with-the-shell.ts', 'workflows/actor/actor.ts'],
  ],
  'api-never-reaches-activities-or-worker': [
    ['api/routes/with-an-activity.ts', 'activities/record.ts'],
    ['api/routes/with-the-worker.ts', 'worker/create.ts'],
  ],
  'api-sees-only-the-core-of-workflows': [['api/routes/with-the-shell.ts', 'workflows/actor/actor.ts']],
  'api-uses-the-pure-parts-of-adapters': [['api/routes/calls.ts', 'adapters/channels/one/send.ts']],
  'adapters-stand-alone': [
    ['adapters/channels/one/with-sql.ts', 'store/connection.ts'],
    ['adapters/channels/one/with-the-core.ts', 'workflows/conversation/state.ts'],
    ['adapters/channels/one/with-settings.ts', 'process/settings.ts'],
    ['adapters/channels/one/with-temporal.ts', '@temporalio/activity'],
  ],
  'networks-do-not-know-each-other': [
    ['adapters/channels/one/of-another.ts', 'adapters/channels/two/settings.ts'],
    ['adapters/desks/one/of-a-channel.ts', 'adapters/channels/one/settings.ts'],
  ],
  'adapters-call-by-one-door': [
    ['adapters/channels/one/calls-by-itself.ts', 'undici'],
    ['adapters/channels/one/calls-with-node.ts', 'node:https'],
  ],
  'store-stands-alone': [
    ['store/with-an-adapter.ts', 'adapters/channels/one/settings.ts'],
    ['store/with-settings.ts', 'process/settings.ts'],
    ['store/with-temporal.ts', '@temporalio/activity'],
  ],
  'process-stands-alone': [
    ['process/with-sql.ts', 'store/connection.ts'],
    ['process/with-temporal.ts', '@temporalio/activity'],
  ],
  'courier-uses-core-and-store': [
    ['courier/with-an-adapter.ts', 'adapters/channels/one/settings.ts'],
    ['courier/with-the-shell.ts', 'workflows/actor/actor.ts'],
  ],
  'worker-is-not-the-api': [['worker/with-a-route.ts', 'api/routes/health.ts']],
  'worker-reaches-workflows-by-path': [['worker/with-the-workflow.ts', 'workflows/conversation/workflow.ts']],
  'worker-hands-adapters-on': [['worker/sends.ts', 'adapters/channels/one/settings.ts']],
  'only-the-courier-has-a-temporal-client': [['worker/with-a-client.ts', '@temporalio/client']],
  'only-the-store-has-sql': [['api/routes/with-sql.ts', 'pg']],
  'production-imports-no-dev-or-test': [
    ['worker/with-a-demo.ts', 'dev/demo.ts'],
    ['worker/with-a-test.ts', 'test/given.ts'],
  ],
  'dev-imports-no-test': [['dev/with-a-test.ts', 'test/given.ts']],
  'only-the-api-serves-with-fastify': [['worker/serves.ts', 'fastify']],
  'production-imports-no-dev-dependency': [['worker/with-a-tool.ts', 'vitest']],
};

/** What our folders may do, and what the broken imports lead to. */
const allowed: Record<string, string[]> = {
  'store/connection.ts': ['pg', 'workflows/conversation/state.ts'],
  'store/back.ts': ['store/around.ts'],
  'workflows/conversation/state.ts': [],
  'workflows/actor/record.ts': [],
  'workflows/actor/actor.ts': ['@temporalio/workflow'],
  'workflows/conversation/workflow.ts': ['workflows/actor/actor.ts', 'activities/contract.ts'],
  'activities/contract.ts': ['workflows/conversation/state.ts'],
  'activities/record.ts': ['store/connection.ts', 'workflows/actor/record.ts', 'adapters/channels/registry.ts'],
  'adapters/contract/call.ts': ['undici'],
  'adapters/exchange.ts': ['undici'],
  'adapters/channels/registry.ts': ['adapters/channels/one/send.ts'],
  'adapters/channels/one/send.ts': ['adapters/exchange.ts', 'adapters/channels/one/settings.ts'],
  'adapters/channels/one/settings.ts': ['zod', 'adapters/contract/call.ts'],
  'adapters/channels/two/settings.ts': ['zod'],
  'process/settings.ts': ['zod'],
  'courier/commands.ts': [
    '@temporalio/client',
    'store/connection.ts',
    'process/settings.ts',
    'workflows/conversation/state.ts',
  ],
  'api/main.ts': ['adapters/channels/registry.ts', 'api/routes/health.ts'],
  'api/routes/health.ts': [
    'fastify',
    'store/connection.ts',
    'courier/commands.ts',
    'workflows/conversation/state.ts',
    'adapters/channels/one/settings.ts',
  ],
  'worker/create.ts': ['activities/record.ts', 'adapters/channels/registry.ts', 'courier/commands.ts'],
  'dev/demo.ts': ['worker/create.ts'],
  'test/given.ts': ['dev/demo.ts', 'vitest'],
};

const packages = [
  '@temporalio/activity',
  '@temporalio/client',
  '@temporalio/workflow',
  'fastify',
  'pg',
  'undici',
  'zod',
];
const tools = ['vitest'];

let root: string;
let violations: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-imports-'));
  const tree = { ...allowed };
  for (const [from, to] of Object.values(broken).flat()) tree[from] = [to];
  for (const [path, imports] of Object.entries(tree))
    await write(path, imports.map((to) => lineOf(path, to)).join('\n'));
  for (const name of [...packages, ...tools]) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    await write(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
  const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  await write('package.json', JSON.stringify({ dependencies: versions(packages), devDependencies: versions(tools) }));

  const { options, ...ruleSet } = rules;
  const folders = [...new Set(Object.keys(tree).map((path) => path.split('/')[0] ?? ''))];
  const { output } = await cruise(folders, { ...options, ruleSet, validate: true, baseDir: root });
  const { summary } = output as ICruiseResult;
  violations = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
});
afterAll(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${text}\n`);
}

/** A path from the tree's root, or whatever else stands behind `from`. */
function lineOf(path: string, to: string): string {
  const isOurs = /^(workflows|activities|api|worker|adapters|courier|process|store|dev|test)\//.test(to);
  const up = '../'.repeat(path.split('/').length - 1);
  return `import * as it from '${isOurs ? `${up}${to}` : to}';\nexport const its = it;`.replaceAll(
    /\b(it|its)\b/g,
    (name) => `${name}${to.replaceAll(/\W/g, '_')}`,
  );
}

test.each(Object.entries(broken))('%s', (rule, imports) => {
  for (const [from] of imports) {
    expect(violations.filter((line) => line.startsWith(`${rule}: ${from} → `))).not.toEqual([]);
  }
});

test('each rule is broken here, and tells whoever breaks it what to do', () => {
  expect(new Set(forbidden.map(({ name }) => name))).toEqual(new Set(Object.keys(broken)));
  for (const { comment } of forbidden) expect(comment).toMatch(/\w{3,}.*\./);
});

test('what the table of ARCHITECTURE.md allows breaks none', () => {
  const innocent = Object.keys(allowed).filter((path) => path !== 'store/back.ts');
  expect(violations.filter((line) => innocent.some((path) => line.includes(`: ${path} → `)))).toEqual([]);
});
