/** B-10: a conversation in a file is audited, verified and replayed as one in the database is, with neither server nor database. */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ConversationFile } from '../../worker/audit/export/schema.ts';
import { bundleWithChanged } from '../replay/changed/bundle.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { required } from '../support/required.ts';
import { temporalAddress } from '../support/servers.ts';
import { cutAfter, rewriteFrom, underAttack, type Attack } from './attacks.ts';
import { baton, type Said } from './command.ts';
import { haveConversation, noIntake } from './whole-conversation.ts';

let stack: ActorStack;
let admin: Pool;
let id: ActorId;
let folder: string;
let file: string;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  admin = createPool({ url: stack.database.adminUrl, max: 2, name: 'test' });
  id = await haveConversation(stack, await stack.account(noIntake));
  await stack.stopWorker();
  folder = await mkdtemp(join(tmpdir(), 'baton-files-'));
  const { out } = await online(['export', id.conversationId, '--to', join(folder, 'made')]);
  file = required(/^wrote (.+)$/m.exec(out)?.[1]);
}, 240_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await admin.end();
  await stack.close();
});

const online = (args: string[], env: Record<string, string> = {}): Promise<Said> =>
  baton(args, {
    BATON_DATABASE_URL: stack.database.workerUrl,
    BATON_ACCOUNT: id.accountId,
    TEMPORAL_ADDRESS: temporalAddress(),
    BATON_BUILD: 'stack',
    ...env,
  });

const offline = (args: string[]): Promise<Said> => baton(args, { BATON_BUILD: 'stack' });

const content = async (): Promise<ConversationFile> => JSON.parse(await readFile(file, 'utf8')) as ConversationFile;

/** Everything that the story says, whatever is said of where it was read. */
const story = ({ out }: Said): string => out.slice(0, out.indexOf('\nChain '));

describe('baton export', () => {
  test('writes a file for its owner alone, under a name with the conversation and the time', async () => {
    const { mode } = await stat(file);
    expect(mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'made'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'made'))).toEqual([
      expect.stringMatching(new RegExp(`^${id.conversationId}-\\d{8}T\\d{9}Z\\.json$`)),
    ]);
  });

  test('notes each file, and nothing of what is in it', async () => {
    const { rows } = await inAccount(admin, id.accountId, (tx) =>
      tx.query<Record<string, unknown>>('SELECT * FROM exports WHERE account_id = $1', [id.accountId]),
    );
    const text = await readFile(file);
    expect(rows).toEqual([
      {
        account_id: id.accountId,
        id: expect.any(String) as string,
        conversation_id: id.conversationId,
        contact_id: (await content()).card.contactId,
        without: [],
        made_at: new Date((await content()).exportedAt),
        made_by: expect.stringMatching(/.@./) as string,
        file,
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    ]);
  });

  test('holds events, words with their key, histories and heads', async () => {
    const { events, messages, digestKey, runs, actor } = await content();
    expect(events.map(({ type }) => type)).toContain('ConversationResolved');
    expect(messages.map((message) => message.content)).toContain('{"text": "hello"}');
    expect(digestKey).toMatch(/^[0-9a-f]{64}$/);
    expect(runs).toMatchObject([{ build: 'stack', history: expect.any(String) as string }]);
    expect(actor?.head).toBe(events.at(-1)?.link);
  });

  test('writes all in which something was recorded since, and no other', async () => {
    const other = await stack.account(noIntake);
    const to = join(folder, 'since');
    const since = async (time: string, account = id.accountId): Promise<string> =>
      (await online(['export', '--since', time, '--to', to, '--account', account])).out;
    expect(await since('2026-01-01T00:00:00Z')).toMatch(/^wrote .*\n1 conversations$/);
    expect(await since('2100-01-01T00:00:00+02:00')).toBe('0 conversations');
    expect(await since('2026-01-01T00:00:00Z', other.accountId)).toBe('0 conversations');
    expect(await readdir(to)).toHaveLength(1);
  });

  test('says which histories could not be had, and so does a replay of the file', async () => {
    const { out } = await online(['export', id.conversationId, '--to', join(folder, 'without')], {
      TEMPORAL_ADDRESS: '',
    });
    expect(out).toMatch(/\n {2}without the history of run \S+: not exported yet, and Temporal was not asked$/);
    const replayed = await offline(['replay', required(/^wrote (.+)$/m.exec(out)?.[1])]);
    expect(replayed.out).toMatch(/: not replayed, not exported yet, and Temporal was not asked\n0 the same/);
  });

  test('leaves nothing half written, and no file that is not noted', async () => {
    const to = join(folder, 'read-only');
    await writeFile(to, '');
    await chmod(to, 0o400);
    const { code, err } = await online(['export', id.conversationId, '--to', to]);
    expect(err).toContain('EEXIST');
    expect(code).toBe(2);
  });

  test.each<[string, string[], string]>([
    ['nothing', [], 'Export what?'],
    ['a time without its zone', ['--since', '2026-01-01T00:00:00'], 'is no time with its zone'],
    ['a day that there isn’t', ['--since', '2026-02-30T00:00:00Z'], 'is no time with its zone'],
  ])('of %s says what it wants', async (_what, args, says) => {
    const { code, err } = await online(['export', ...args]);
    expect(err).toContain(says);
    expect(code).toBe(2);
  });
});

describe('B-10: with the file alone', () => {
  test('audit tells the same story, and replays it', async () => {
    const [stored, filed] = [await online(['audit', id.conversationId]), await offline(['audit', file])];
    expect(story(filed)).toBe(story(stored));
    expect(filed.out).toContain('“a person, please”');
    expect(filed.out).toMatch(/Replay +run \S+ \(build stack\): same, \d+ decisions$/m);
    expect(filed.code).toBe(0);
  });

  test('verify checks chain, words and state, and says that all of it stands in one file', async () => {
    const { code, out } = await offline(['verify', file]);
    expect(out).toMatch(/Chain +\d+ events, and every link is right/);
    expect(out).toMatch(/Words +[1-9]\d* messages are as they were written$/m);
    expect(out).toContain('State     the row that the actor goes on from');
    expect(out).toMatch(/heads in the histories of 1 runs: which stand in the same file, up to \d+/);
    expect(out).toContain('no signed checkpoint in the file holds a head of it');
    expect(code).toBe(0);
  });

  test('replay compares its decisions', async () => {
    const { code, out } = await offline(['replay', file]);
    expect(out).toMatch(/: same, \d+ decisions\n1 the same, 0 differ/);
    expect(code).toBe(0);
  });

  test('R14: a changed workflow is caught, and the decision named', async () => {
    const bundle = join(folder, 'changed.js');
    await writeFile(bundle, await bundleWithChanged('decide.ts'));
    const { code, out } = await offline(['replay', file, '--bundle', bundle]);
    expect(out).toMatch(/failed, at decision \d+ \(events: .*ConversationAssigned.*\): this code decides/);
    expect(code).toBe(1);
  });

  test('R18: a changed word is found', async () => {
    const changed = join(folder, 'changed.json');
    await writeFile(
      changed,
      (await readFile(file, 'utf8')).replace('{\\"text\\": \\"hello\\"}', '{\\"text\\": \\"hallo\\"}'),
    );
    const { code, out } = await offline(['verify', changed]);
    expect(out).toMatch(/WRONG +event \d+: the words of message \S+ were changed/);
    expect(out).toContain('the file is not as it was written: its SHA-256 is another');
    expect(code).toBe(1);
  });

  test('what is no such file is not looked at', async () => {
    const none = join(folder, 'none.json');
    await writeFile(none, '{"format": "baton-conversation/2"}');
    const { code, err } = await offline(['audit', none]);
    expect(err).toContain(`${none} holds no conversation as baton export writes it (sha256: `);
    expect(code).toBe(2);
  });
});

describe('B-10: baton audit --at', () => {
  const at = async (time: number, args: string[] = []): Promise<Said> =>
    offline(['audit', file, '--at', new Date(time).toISOString(), ...args]);
  const timeOf = async (type: string): Promise<number> =>
    required((await content()).events.find((event) => event.type === type)).at;

  test('tells state and owner at that instant, and what had happened by then', async () => {
    const { code, out } = await at(await timeOf('ConversationAssigned'));
    expect(out).toMatch(/^State +assigned$/m);
    expect(out).toMatch(/^Held by +agent Agent 1, epoch 3$/m);
    expect(out).toContain('has the chat now');
    expect(out).not.toContain(': resolved');
    expect(out).not.toContain('Replay');
    expect(code).toBe(0);
  });

  test('a millisecond earlier it was another', async () => {
    const { out } = await at((await timeOf('ConversationQueued')) - 1);
    expect(out).toMatch(/^State +(bot|prechat)$/m);
  });

  test('before the first event, says that there was nothing yet', async () => {
    const { code, out } = await at((await timeOf('SessionStarted')) - 1);
    expect(out).toMatch(/^At \d{4}-.* UTC, after no event$/m);
    expect(out).toContain('Nothing had been decided yet: the first event is of ');
    expect(code).toBe(0);
  });

  test('gives machines the state itself', async () => {
    const said = JSON.parse((await at(await timeOf('ConversationAssigned'), ['--json'])).out) as {
      good: boolean;
      moment: { state: { phase: object; baton: object }; deadlines: { kind: string }[] };
    };
    expect(said.moment.state.phase).toMatchObject({ name: 'assigned', owner: { kind: 'agent' } });
    expect(said.moment.deadlines.map(({ kind }) => kind)).toContain('session');
    expect(said.good).toBe(true);
  });

  test('wants a time with its zone', async () => {
    const { code, err } = await offline(['audit', file, '--at', 'yesterday']);
    expect(err).toContain('“yesterday” is no time with its zone');
    expect(code).toBe(2);
  });
});

describe('R18: a file that was kept tells of the database what was changed since', () => {
  const attacked = (attack: Attack, where: string): Promise<Said> =>
    underAttack(admin, id, attack, () =>
      online(['verify', id.conversationId, '--with', where], { TEMPORAL_ADDRESS: '' }),
    );

  test('nothing, where nothing was', async () => {
    const { code, out } = await online(['verify', id.conversationId, '--with', file]);
    expect(out).toMatch(/the files that you have kept vouch for every event up to \d+/);
    expect(code).toBe(0);
  });

  test('where it was rewritten, to the event; of a folder, by the file in it', async () => {
    const { code, out } = await attacked(rewriteFrom(6), join(folder, 'made'));
    expect(out).toMatch(/WRONG {5}event 6: not what was recorded: the file \S+\.json has another head/);
    expect(code).toBe(1);
  });

  test('where the end was cut off', async () => {
    const { code, out } = await attacked(cutAfter(6, { covered: true }), file);
    expect(out).toMatch(/WRONG {5}events 7 to \d+: missing: the file/);
    expect(code).toBe(1);
  });

  test('another conversation’s is refused', async () => {
    const other = await haveOther();
    const { code, err } = await online(['verify', other, '--with', file]);
    expect(err).toContain('is of another conversation');
    expect(code).toBe(2);
  });

  async function haveOther(): Promise<string> {
    const { rows } = await inAccount(admin, id.accountId, (tx) =>
      tx.query<{ id: string }>(
        `INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
         SELECT account_id, gen_random_uuid(), channel_id, 'another', contact_id, created_at FROM conversations
         WHERE account_id = $1 AND id = $2 RETURNING id`,
        [id.accountId, id.conversationId],
      ),
    );
    return required(rows[0]).id;
  }
});
