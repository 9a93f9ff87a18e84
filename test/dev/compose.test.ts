/**
 * The compose file and the image, as far as they can be held to the code without Docker: settings that the processes know,
 * secrets that the script makes, folders that the code imports, and probes that end as the process says.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig as readApiConfig } from '../../api/config.ts';
import { programs } from '../../dev/build/programs.ts';
import { projectDir } from '../../dev/home.ts';
import { readConfig as readWorkerConfig } from '../../worker/config.ts';
import { baton } from '../audit/command.ts';
import { required } from '../support/required.ts';

interface Service {
  image?: string;
  build?: { args: Record<string, string> };
  profiles?: string[];
  entrypoint?: string[];
  command?: string[];
  /** null: the shell's. */
  environment?: Record<string, string | null>;
  secrets?: string[];
  healthcheck?: { test: string[] };
}

const run = promisify(execFile);
let dir: string;
let services: Record<string, Service>;
let secrets: Record<string, { file: string }>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'baton-compose-'));
  await run('sh', [join(projectDir, 'docker/make-secrets.sh')], { cwd: dir });
  const text = await readFile(join(projectDir, 'docker-compose.yml'), 'utf8');
  ({ services, secrets } = parse(text, { merge: true }) as { services: typeof services; secrets: typeof secrets });
});
afterAll(() => rm(dir, { recursive: true }));

const serviceOf = (name: string): Service => required(services[name]);

/** As the container sees it, but for where the secrets lie. `shell`: what it puts in. */
function environmentOf(name: string, shell: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(serviceOf(name).environment ?? {}).flatMap(([variable, given]) => {
    const value = given ?? shell[variable];
    if (value === undefined) return [];
    const here = value
      .replace('/run/secrets', join(dir, 'secrets'))
      .replace(/\$\{BATON_PUBLIC_URL.*\}/, 'https://x.example');
    return [[variable, here.replaceAll(/\$\{\w+:-(.*?)\}/g, '$1')]];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

test('API and worker can be started with what the file gives them', () => {
  const api = readApiConfig(environmentOf('api'));
  expect(new URL(api.databaseUrl)).toMatchObject({ hostname: 'postgres', username: 'baton_api' });
  expect(new URL(api.courierDatabaseUrl).username).toBe('baton_courier');
  const worker = readWorkerConfig(environmentOf('worker'));
  expect(new URL(worker.BATON_DATABASE_URL).username).toBe('baton_worker');
  expect(worker.BATON_TOKEN_KEY).toEqual([api.api.tokenKey]);
  expect(worker.temporal).toEqual({ address: 'temporal:7233', namespace: 'default' });
});

test('B-19: the shell’s BATON_DEPLOYMENT reaches workers and the command; without one there are no builds', async () => {
  const shell = { BATON_DEPLOYMENT: 'baton' };
  const image = { BATON_BUILD: '2026-12' };
  for (const name of ['worker', 'next-worker']) {
    expect(readWorkerConfig({ ...environmentOf(name, shell), ...image })).toMatchObject({ ...shell, ...image });
    expect(readWorkerConfig({ ...environmentOf(name), ...image }).BATON_DEPLOYMENT).toBeUndefined();
  }
  expect((await baton(['versions'], environmentOf('baton'))).err).toMatch(/^Which deployment\?/);
  expect(environmentOf('baton', shell)).toMatchObject({ ...shell, TEMPORAL_ADDRESS: 'temporal:7233' });
});

test('B-19: the next build’s workers are those of the one that runs, in another image, and only where they are asked for', async () => {
  const { image, build, profiles, ...next } = serviceOf('next-worker');
  expect(profiles).toEqual(['upgrade']);
  expect(image).toBe('baton:${BATON_NEXT_BUILD:-next}');
  expect(required(build).args).toEqual({ BATON_BUILD: '${BATON_NEXT_BUILD:-next}' });
  const { image: running, ...worker } = serviceOf('worker');
  expect(running).toBe('baton:${BATON_BUILD:-dev}');
  expect(next).toEqual(worker);
  const dockerfile = await readFile(join(projectDir, 'Dockerfile'), 'utf8');
  const entrypoint = JSON.parse(required(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1])) as string[];
  expect(serviceOf('baton').entrypoint).toEqual([...entrypoint, 'dist/baton.js']);
});

test('every secret is made by the script, given to whoever names it, and made only once', async () => {
  const made = await readdir(join(dir, 'secrets'));
  expect(
    Object.values(secrets)
      .map(({ file }) => file.replace('./secrets/', ''))
      .toSorted(),
  ).toEqual(made.toSorted());
  for (const [name, service] of Object.entries(services)) {
    const values = Object.values(service.environment ?? {}).map((value) => value ?? '');
    const named = values.filter((value) => value.startsWith('/run/secrets/'));
    expect([name, named.map((path) => path.replace('/run/secrets/', '')).toSorted()]).toEqual([
      name,
      (service.secrets ?? []).toSorted(),
    ]);
  }
  expect((await stat(join(dir, 'secrets'))).mode & 0o777).toBe(0o700);
  const before = await readFile(join(dir, 'secrets/token-key'), 'utf8');
  await run('sh', [join(projectDir, 'docker/make-secrets.sh')], { cwd: dir });
  expect(await readFile(join(dir, 'secrets/token-key'), 'utf8')).toBe(before);
});

test('every service runs a program that the build makes, and the image holds nothing but those and their packages', async () => {
  const dockerfile = await readFile(join(projectDir, 'Dockerfile'), 'utf8');
  const built = Object.keys(programs).map((name) => `dist/${name}.js`);
  const [byDefault] = JSON.parse(required(/^CMD (.*)$/m.exec(dockerfile)?.[1])) as string[];
  const run = Object.values(services).flatMap(({ entrypoint = [], command = [] }) => [...entrypoint, ...command]);
  const started = [byDefault, ...run].flatMap((word = '') => (word.endsWith('.js') ? [word] : []));
  expect([...new Set(started)].toSorted()).toEqual(built.toSorted());
  const shipped = [...dockerfile.matchAll(/^COPY --from=build \/app\/(\S+) /gm)].map(([, what]) => what);
  expect(shipped).toEqual(['package.json', 'node_modules', 'dist']);
});

test('the build has every folder that its programs import from, and nothing else', async () => {
  const dockerfile = await readFile(join(projectDir, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (\w+) \1$/gm)].map(([, folder]) => folder ?? '');
  const ignore = await readFile(join(projectDir, '.dockerignore'), 'utf8');
  for (const folder of copied) expect(ignore).toContain(`!${folder}\n`);
  const imported = new Set<string>();
  for (const folder of copied) {
    for (const file of await readdir(join(projectDir, folder), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const source = await readFile(join(projectDir, folder, file), 'utf8');
      for (const [, path = ''] of source.matchAll(/from '(?:\.\.\/)+([a-z]+)\//g)) imported.add(path);
    }
  }
  const folders = (await readdir(projectDir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const ours = [...imported].filter((name) => folders.some((folder) => folder.name === name));
  expect(copied).toEqual(expect.arrayContaining(ours));
  expect(copied).not.toContain('dev');
});

test.each(['api', 'worker'])('the probe of %s ends as its process says that it is', async (name) => {
  const [kind, command = '', ...args] = required(serviceOf(name).healthcheck).test;
  expect([kind, command]).toEqual(['CMD', 'node']);
  let status = 200;
  const server = createServer((_request, response) => response.writeHead(status).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const probe = async (): Promise<number> => {
    const here = args.map((one) => one.replace(`127.0.0.1:${environmentOf(name)['PORT']}`, `127.0.0.1:${port}`));
    expect(here).not.toEqual(args);
    return run(process.execPath, here).then(
      () => 0,
      (error: unknown) => (error as { code: number }).code,
    );
  };
  expect(await probe()).toBe(0);
  status = 503;
  expect(await probe()).toBe(1);
  server.close();
  await once(server, 'close');
  expect(await probe()).toBe(1);
});
