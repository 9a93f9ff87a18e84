/**
 * `npm run dev` from start to end, in one folder and in this order: each start costs what a start costs, so every test
 * goes on from where the one before left off.
 */
import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../dev/running.ts';
import { readRecord } from '../../dev/servers/process-record.ts';
import { createDevFolder, type DevFolder, type DevRun } from './dev-run.ts';

const START_MS = 300_000;

describe('npm run dev', { timeout: START_MS }, () => {
  let folder: DevFolder;
  let run: DevRun;
  let first: Running;

  beforeAll(async () => {
    folder = await createDevFolder();
    run = folder.start();
    first = await run.up();
  }, START_MS);

  afterAll(() => folder.remove(), START_MS);

  test('says where everything is, and each answers there', async () => {
    const { api, docs, webchat, temporalUi, desk, backend } = first.urls;
    for (const url of [docs, webchat, temporalUi ?? '', `${desk}/`, `${backend}/`]) {
      expect((await fetch(url)).status).toBe(200);
      expect(run.output()).toContain(url);
    }
    const mine = await fetch(`${api}/v1/accounts/me`, { headers: { authorization: `Bearer ${first.account.key}` } });
    expect(await mine.json()).toMatchObject({ id: first.account.accountId });
    expect(run.output()).toContain(first.account.key);
  });

  test('keeps what is secret from other users of the machine', async () => {
    const { running, keys, account, shell } = folder.home;
    for (const file of [running, keys, account, shell]) expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test('a second one says what runs already, and leaves it alone', async () => {
    const { code, output } = await folder.run('dev');
    expect(code).toBe(0);
    expect(output).toContain('runs already');
    expect(output).toContain(first.urls.webchat);
    // Nothing of what is true of the first alone: it has started nothing, and a Ctrl-C here stops nothing.
    expect(output).not.toMatch(/Baton is up|what this started/);
    expect(await folder.alive()).toHaveLength(4);
  });

  test('--reset does nothing to one that runs', async () => {
    const reset = folder.start('--reset');
    expect(await reset.ended()).toBe(1);
    expect(reset.output()).toContain('Stop it first');
    expect(await folder.alive()).toHaveLength(4);
  });

  test('an option that it hasn’t got is answered with those that it has', async () => {
    const mistyped = folder.start('--rest');
    expect(await mistyped.ended()).toBe(1);
    expect(mistyped.output()).toContain('--rest');
    expect(mistyped.output()).toContain('npm run dev -- --reset');
  });

  test('killed, it leaves nothing that blocks the next, which finds data, keys and ports again', async () => {
    const claim = JSON.parse(await readFile(folder.home.running, 'utf8')) as { owner: { pid: number } };
    process.kill(claim.owner.pid, 'SIGKILL');
    await run.ended();
    expect(await folder.alive()).toHaveLength(4);

    run = folder.start();
    const again = await run.up();
    expect(run.output()).toContain('left over by a run that was killed');
    expect(again.urls).toEqual(first.urls);
    expect(again.account).toEqual(first.account);
  });

  test('when one of its processes ends by itself, all stop, and it says whose log to read', async () => {
    const worker = await readRecord(folder.home.worker);
    process.kill(worker?.server.pid ?? 0, 'SIGKILL');
    expect(await run.ended()).toBe(1);
    expect(run.output()).toMatch(/worker has ended by itself.*server\.log/);
    expect(await folder.alive()).toEqual([]);
  });

  test('--reset starts with no data', async () => {
    run = folder.start('--reset');
    expect((await run.up()).account.accountId).not.toBe(first.account.accountId);
  });

  test('Ctrl-C stops all that it started, last what the others stand on', async () => {
    run.kill('SIGINT');
    expect(await run.ended()).toBe(0);
    const stopped = run.output().match(/(?<=stopping )[\w ,]+/g);
    expect(stopped).toEqual(['API', 'worker', 'demo bot, its log, demo desk, demo backend', 'Temporal', 'Postgres']);
    expect(await folder.alive()).toEqual([]);
  });
});
