/** What README.md lets a reader do, done: `npm run demo`, and its commands one after another. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectDir } from '../../dev/home.ts';
import { createDevFolder, type DevFolder } from './dev-run.ts';
import { readmeScript } from './readme.ts';

const MOST_MS = 300_000;

describe('what the README says', { timeout: MOST_MS }, () => {
  let folder: DevFolder;
  beforeAll(async () => {
    folder = await createDevFolder();
  }, MOST_MS);
  afterAll(() => folder.remove(), MOST_MS);

  test('npm run demo with nothing running says how to start it', async () => {
    const { code, output } = await folder.run('demo');
    expect(code).toBe(1);
    expect(output).toContain('npm run dev');
  });

  describe('with npm run dev running', () => {
    beforeAll(() => folder.start().up(), MOST_MS);

    test.each(['first', 'second'])('npm run demo carries a conversation through all of it, the %s time', async () => {
      const { code, output } = await folder.run('demo');
      expect(output).toContain('Everything went as it should.');
      expect(code).toBe(0);
    });

    test('the commands of the README, each after the one before, do what it says', async () => {
      const script = (await readmeScript()).replaceAll('.baton/dev', folder.home.dir);
      const bash = spawn('bash', ['-c', script], { cwd: projectDir, stdio: ['ignore', 'pipe', 'pipe'] });
      const code = new Promise((resolve) => bash.once('close', resolve));
      const [said, complaints] = await Promise.all([text(bash.stdout), text(bash.stderr)]);
      expect(complaints.replaceAll(/^npm warn .*\n/gm, '')).toBe('');
      expect(said).toContain('resolved');
      expect(await code).toBe(0);
    });
  });
});
