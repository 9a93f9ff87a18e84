/** What README.md lets a reader do, done: `npm run demo`, its commands one after another, and the demo servers. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSignedServer } from '../../dev/demo/signed-server.ts';
import { homeOf, projectDir } from '../../dev/home.ts';
import { findClaim, type Urls } from '../../dev/running.ts';
import { until } from '../../dev/servers/until.ts';
import { required } from '../support/required.ts';
import { createDevFolder, type DevFolder } from './dev-run.ts';
import { doSteps, fits, stepsOf } from './page-steps.ts';

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
    let urls: Urls;
    beforeAll(async () => {
      ({ urls } = await folder.start().up());
    }, MOST_MS);

    test.each(['first', 'second'])('npm run demo carries a conversation through all of it, the %s time', async () => {
      const { code, output } = await folder.run('demo');
      expect(output).toContain('Everything went as it should.');
      expect(code).toBe(0);
      // What it names can be typed as it stands, in a shell that knows nothing yet.
      const [, audit = ''] = /(source \S+; npx baton audit \S+)/.exec(output) ?? [];
      const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BATON_')));
      const typed = spawn('bash', ['-c', audit], { cwd: projectDir, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const exit = new Promise((resolve) => typed.once('close', resolve));
      const said = await text(typed.stdout);
      expect(said).toContain('resolve');
      expect(await exit).toBe(0);
    });

    test('npm run demo that differs from what it says ends with 1, and says in which step', async () => {
      const found = required(await findClaim(folder.home.running));
      const running = required(found.running);
      const bot = await startSignedServer({
        secret: running.account.bot.secret,
        onCall: () => ({ status: 200, body: { messages: [{ text: 'Hello!' }, { text: 'Something else' }] } }),
      });
      const home = await mkdtemp(join(tmpdir(), 'baton-differs-'));
      const differs = { ...found, running: { ...running, urls: { ...running.urls, bot: bot.url } } };
      await writeFile(homeOf({ BATON_DEV_DIR: home }).running, JSON.stringify(differs));
      const { code, output } = await folder.run('demo', { BATON_DEV_DIR: home });
      await bot.stop();
      await rm(home, { recursive: true });
      expect(output).toMatch(/✗ Step 1 differs/);
      expect(output).toContain('Something else');
      expect(output).not.toContain('Everything went as it should.');
      expect(code).toBe(1);
    });

    test('the shell that the README sources names no server to what is started in it later', async () => {
      const words = await readFile(folder.home.shell, 'utf8');
      expect(words).not.toMatch(/export (TEMPORAL_ADDRESS|DATABASE_URL)=/);
    });

    describe('each block of commands prints what its page shows', () => {
      test.each([
        ['README.md', 'first'],
        ['README.md', 'second'],
        ['docs/own-bot-and-channel.md', 'first'],
        ['docs/web-chat.md', 'first'],
      ])('%s, the %s time', async (page) => {
        const steps = await stepsOf(page);
        const { code, printed, complaints } = await doSteps(steps, folder.home.dir);
        expect(complaints.replaceAll(/^npm warn .*\n/gm, '')).toBe('');
        const differs = steps.flatMap(({ commands, shows }, index) =>
          shows === null || fits(shows, printed[index] ?? '') ? [] : [{ commands, shows, printed: printed[index] }],
        );
        expect(differs).toEqual([]);
        expect(code).toBe(0);
      });
    });

    test('a customer of the demo backend is served at the demo desk, and each hears the other', async () => {
      const { backend, desk } = urls;
      const say = (words: string) => post(`${backend}/say`, { thread: 'order-7', text: words });
      await say('livechat');
      await shows(backend, 'May I have your name?');
      await say('Vera');
      await shows(backend, 'in a few words');
      await say('New shoes');
      await shows(desk, '"state":"accepted"');
      const [, handoverId] = /"handoverId":"([^"]+)"/.exec(await read(desk)) ?? [];
      await post(`${desk}/answer`, { handoverId, text: 'Which size?' });
      await shows(backend, 'Which size?');
      await say('forty-two');
      await shows(desk, 'forty-two');
      await post(`${desk}/close`, { handoverId });
      await shows(backend, 'Resolved');
      expect(await read(backend)).toContain('{"from":"desk","text":"Which size?"}');
    });
  });
});

const read = async (url: string): Promise<string> => (await fetch(url)).text();

async function post(url: string, body: object): Promise<void> {
  expect((await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status).toBe(200);
}

async function shows(url: string, words: string): Promise<void> {
  const shown = await until(async () => (await read(url)).includes(words), 60_000);
  if (!shown) throw new Error(`${url} never showed “${words}”, but: ${await read(url)}`);
}
