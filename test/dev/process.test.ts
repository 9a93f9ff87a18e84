import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AlreadyRunning, clearLeftover, sweep } from '../../dev/servers/leftovers.ts';
import { freePorts } from '../../dev/servers/ports.ts';
import { type ServerProcess, startProcess } from '../../dev/servers/process.ts';
import { identify, isAlive, thisProcess } from '../../dev/servers/process-identity.ts';
import { readRecord, writeRecord } from '../../dev/servers/process-record.ts';
import { startServer } from '../../dev/servers/start-server.ts';
import { createSandbox } from './sandbox.ts';

const COMMAND = { name: 'Shell', command: '/bin/sh', stopSignal: 'SIGTERM', stopWithinMs: 300 } as const;
const NOBODY = { pid: 2 ** 22 + 1, startedAt: 'never' };

/** Says that it is up when its traps are set. */
async function startShell(dir: string, script: string): Promise<ServerProcess> {
  const args = ['-c', `${script}\necho up\nwhile :; do sleep 0.05; done`];
  const server = await startProcess({ ...COMMAND, args, dir });
  onTestFinished(server.stop);
  await expect.poll(server.output).toContain('up');
  return server;
}

test('a stopped server is gone, with its record', async () => {
  const { dir } = await createSandbox();
  const server = await startShell(dir, '');
  const record = await readRecord(dir);
  expect(record).toMatchObject({ name: 'Shell', server: { pid: server.pid }, owner: await thisProcess() });
  await server.stop();
  expect(await identify(server.pid)).toBeUndefined();
  expect(await readRecord(dir)).toBeUndefined();
});

test('stopping a server again leaves its successor in the same folder alone', async () => {
  const { dir } = await createSandbox();
  const first = await startShell(dir, '');
  await first.stop();
  const second = await startShell(dir, '');
  await first.stop();
  expect(await readRecord(dir)).toMatchObject({ server: { pid: second.pid } });
});

test('a server that does not heed its stop signal is killed', async () => {
  const { dir } = await createSandbox();
  const server = await startShell(dir, `trap 'echo no' TERM`);
  await server.stop();
  expect(await identify(server.pid)).toBeUndefined();
});

test('a signal reaches what a wrapper runs', async () => {
  const { dir } = await createSandbox();
  const server = await startShell(dir, 'sleep 1000 &\necho child $!');
  const child = Number(/child (\d+)/.exec(await server.output())?.[1]);
  expect(await identify(child)).toBeDefined();
  server.kill('SIGKILL');
  await server.stop();
  await expect.poll(() => identify(child)).toBeUndefined();
});

test('a command that does not exist is an error at once', async () => {
  const { dir } = await createSandbox();
  const missing = startProcess({ ...COMMAND, command: join(dir, 'nothing'), args: [], dir });
  await expect(missing).rejects.toThrow('ENOENT');
});

test('the record of a process that has ended is removed', async () => {
  const { dir, log } = await createSandbox();
  await writeRecord(dir, { name: 'Shell', stopSignal: 'SIGTERM', server: NOBODY, owner: NOBODY });
  await clearLeftover(dir, log);
  expect(await readRecord(dir)).toBeUndefined();
});

test('a stranger that got the pid of a dead server is left alone', async () => {
  const { dir, log } = await createSandbox();
  const stranger = await startShell(join(dir, 'stranger'), '');
  const server = { pid: stranger.pid, startedAt: 'long ago' };
  await writeRecord(dir, { name: 'Shell', stopSignal: 'SIGTERM', server, owner: NOBODY });
  await clearLeftover(dir, log);
  expect(stranger.hasExited()).toBe(false);
  expect(await readRecord(dir)).toBeUndefined();
});

test('a server whose starter has died is stopped', async () => {
  const { dir, log, logged } = await createSandbox();
  const server = await startShell(dir, '');
  const record = await readRecord(dir);
  if (!record) throw new Error('no record');
  await writeRecord(dir, { ...record, owner: NOBODY });
  await clearLeftover(dir, log);
  expect(await isAlive(record.server)).toBe(false);
  expect(logged).toEqual([`Shell in ${dir} was left over by a run that was killed; stopping process ${server.pid}`]);
});

test('a server whose starter is alive is not ours to stop', async () => {
  const { dir, log } = await createSandbox();
  const server = await startShell(dir, '');
  const clearing = clearLeftover(dir, log);
  await expect(clearing).rejects.toThrow(AlreadyRunning);
  await expect(clearing).rejects.toThrow(`process ${server.pid}, started by process ${process.pid}`);
  expect(server.hasExited()).toBe(false);
});

test('a sweep removes the folders of dead runs only', async () => {
  const { dir, log } = await createSandbox();
  await startShell(join(dir, 'alive'), '');
  await writeRecord(join(dir, 'dead'), { name: 'Shell', stopSignal: 'SIGTERM', server: NOBODY, owner: NOBODY });
  await mkdir(join(dir, 'starting'));
  await sweep(dir, log);
  expect(await readdir(dir)).toEqual(['alive', 'starting']);
  await sweep(join(dir, 'never made'), log);
});

test('a server is started again while the reason of its end passes', async () => {
  const { dir } = await createSandbox();
  let starts = 0;
  const server = await startServer(async () => {
    starts += 1;
    const script = starts < 3 ? 'echo port is taken; exit 1' : 'echo up; exec sleep 1000';
    const started = await startProcess({ ...COMMAND, args: ['-c', script], dir });
    return { name: 'Shell', server: started, isReady: async () => (await started.output()).includes('up') };
  }, /port is taken/);
  onTestFinished(server.stop);
  expect(starts).toBe(3);
});

test('a server that ends for another reason is an error with its last words', async () => {
  const { dir } = await createSandbox();
  const failing = startServer(async () => {
    const server = await startProcess({ ...COMMAND, args: ['-c', 'echo the disk is full; exit 1'], dir });
    return { name: 'Shell', server, isReady: async () => false };
  }, /port is taken/);
  await expect(failing).rejects.toThrow('Shell ended at its start. Its last words:\nthe disk is full');
  await expect(stat(join(dir, 'server.json'))).rejects.toThrow('ENOENT');
});

test('the system chooses the ports, and they differ', async () => {
  const [a, b] = await freePorts();
  expect(a).not.toBe(b);
});
