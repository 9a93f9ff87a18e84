/** What production runs, as `npm run build` makes it: programs that need no sources, and say and serve what those would. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { widgetFiles } from '../../adapters/channels/webchat/widget/files.ts';
import { buildPrograms, type programs } from '../../dev/build/programs.ts';
import { openapiDocument } from '../../dev/build/document.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { buildBundle } from '../../worker/bundle.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type OwnProcess, startOwnProcess } from '../support/own-process.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const secret = 's'.repeat(40);
const started: OwnProcess[] = [];
let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  await mkdir(runsDir, { recursive: true });
  folder = await mkdtemp(join(runsDir, 'built-'));
  [database] = await Promise.all([createTestDatabase(), buildPrograms(folder)]);
}, 120_000);
afterAll(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGKILL');
    await ended;
  }
  await database.drop();
  await rm(folder, { recursive: true });
});

function start(name: keyof typeof programs, environment: NodeJS.ProcessEnv): OwnProcess {
  const one = startOwnProcess(join(folder, `${name}.js`), environment);
  started.push(one);
  return one;
}

const shared = (): Record<string, string> => ({
  TEMPORAL_ADDRESS: temporalAddress(),
  BATON_TASK_QUEUE: `built-${uuid()}`,
  BATON_PUBLIC_URL: 'https://chat.example',
  BATON_TOKEN_KEY: secret,
  PORT: '0',
});

const startApi = (): OwnProcess =>
  start('api', {
    ...shared(),
    BATON_DATABASE_URL: database.apiUrl,
    BATON_COURIER_DATABASE_URL: database.courierUrl,
    BATON_JWT_KEYS: secret,
    BATON_OPERATOR_KEY: secret,
  });

test('the API comes up, and serves the document and the web chat that its sources would', async () => {
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(await startApi().says('Server listening')) ?? [];
  await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  const read = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
  const expected = { ...(await openapiDocument()), servers: [{ url: 'https://chat.example' }] };
  expect(JSON.parse(await read('/v1/openapi.json'))).toEqual(JSON.parse(JSON.stringify(expected)));
  expect(await read('/docs/yaml')).toContain('https://chat.example');
  expect(await read('/docs/')).toContain('swagger-ui');
  for (const [path, file] of [
    ['/widget.js', widgetFiles['widget.js']],
    ['/demo', widgetFiles['demo.html']],
    ['/demo.js', widgetFiles['demo.js']],
  ] as const) {
    expect(await read(path)).toBe((await file.read()).toString());
  }
});

test('a worker comes up with the workflows that were built with it, byte for byte those of the sources', async () => {
  const worker = start('worker', { ...shared(), BATON_DATABASE_URL: database.workerUrl });
  await worker.says('worker runs');
  const { port } = JSON.parse(await worker.says('worker starts')) as { port: number };
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
  expect(await readFile(join(folder, 'workflow-bundle.js'), 'utf8')).toBe((await buildBundle()).code);
});

test('the command finds the migrations, and gives out the workflows that were built with it', async () => {
  const baton = (args: string[], env: NodeJS.ProcessEnv) =>
    run(process.execPath, [join(folder, 'baton.js'), ...args], { env: { PATH: process.env['PATH'], ...env } });
  const { stdout } = await baton(['migrate'], { BATON_DATABASE_URL: database.adminUrl });
  expect(stdout.trim()).toBe('nothing to apply');
  const copy = join(folder, 'copy.js');
  await baton(['bundle', copy], {});
  expect(await readFile(copy, 'utf8')).toBe(await readFile(join(folder, 'workflow-bundle.js'), 'utf8'));
});

test('a failure is told with the files and lines of the sources', async () => {
  const api = start('api', {});
  expect(await api.ended).toEqual([1, null]);
  expect(api.lines.join('\n')).toMatch(/process\/settings\.ts:\d+/);
});
