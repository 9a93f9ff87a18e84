/** The folder of `npm run dev`: whose it is, and the ports that it keeps. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keptPortsIn } from '../../dev/kept-ports.ts';
import { claim, findClaim, release } from '../../dev/running.ts';

let dir: string;
beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'baton-folder-'))));
afterAll(() => rm(dir, { recursive: true }));

describe('a claim', () => {
  test('is had once, and by whoever lives', async () => {
    const file = join(dir, 'running.json');
    expect(await claim(file)).toBeUndefined();
    expect((await claim(file))?.owner.pid).toBe(process.pid);
    await writeFile(file, JSON.stringify({ owner: { pid: 1, startedAt: 'never' } }));
    expect(await claim(file)).toBeUndefined();
    release(file);
    expect(await findClaim(file)).toBeUndefined();
  });

  test('on a folder that can’t be written in says what to do', async () => {
    const file = join(dir, 'a-file');
    await writeFile(file, '');
    await expect(claim(join(file, 'dev', 'running.json'))).rejects.toThrow(
      /can’t be written in.*ENOTDIR.*BATON_DEV_DIR/s,
    );
  });

  // The real file system of which `mkdir` says that the folder above isn't there, though it is.
  test.runIf(existsSync('/proc/self'))('in /proc, where nothing can be made, says so at once', async () => {
    await expect(claim('/proc/baton/dev/running.json')).rejects.toThrow(/can’t be written in.*BATON_DEV_DIR/s);
  });

  test('makes the folders above it', async () => {
    const file = join(dir, 'deep', 'down', 'running.json');
    expect(await claim(file)).toBeUndefined();
    release(file);
  });
});

test('a port is kept while it is free; where it is taken, it says which takes its place', async () => {
  const logged: string[] = [];
  const pick = async () => (await keptPortsIn(join(dir, 'ports.json'), (line) => logged.push(line))).pick('api');
  const port = await pick();
  expect(await pick()).toBe(port);
  expect(logged).toEqual([]);

  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const next = await pick();
  other.close();
  expect(next).not.toBe(port);
  expect(logged).toEqual([`port ${port} (api of the last run) is taken by somebody else; ${next} takes its place`]);
  expect(await pick()).toBe(next);
});
