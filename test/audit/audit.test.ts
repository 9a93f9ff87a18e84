import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetchHistory } from '../../courier/history.ts';
import { createPool, inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { readRunHistory, readRuns } from '../../store/runs.ts';
import { sha256Of, unpackHistory } from '../../worker/audit/history.ts';
import { sweepExports } from '../../worker/export-sweep.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { underAttack } from './attacks.ts';
import { baton, type Said } from './command.ts';
import { haveConversation, noIntake } from './whole-conversation.ts';

let stack: ActorStack;
let admin: Pool;
/** Goes on, and its only run is not exported. */
let running: ActorId;
/** Has ended: its run is completed and exported. */
let ended: ActorId;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  admin = createPool({ url: stack.database.adminUrl, max: 2, name: 'test' });
  running = await haveConversation(stack, await stack.account(noIntake));
  ended = await endedConversation();
}, 240_000);
afterAll(async () => {
  await admin.end();
  await stack.close();
});

/** Its session has ended and its run completed; the sweep finds and exports it. */
async function endedConversation(): Promise<ActorId> {
  const account = await stack.account({ numbers: { lock: { sessionMs: 500 } } });
  stack.bot.answer = () => ({ messages: [{ text: 'good bye' }], handover: null, intake: null });
  const { conversationId } = await stack.write(account, uuid(), 'hello\nand \u001b[31mred\u202e');
  const id = { accountId: account.accountId, conversationId: conversationId ?? '' };
  await stack.sees(id, 'SessionStarted');
  const handle = stack.temporal.client.getHandle(workflowId(id));
  await until(async () => (await handle.describe()).status.name === 'COMPLETED');
  const fetchHistory = createFetchHistory(stack.temporal.client);
  const logger = pino({ enabled: false });
  const counts = await sweepExports({ pool: stack.pool, fetchHistory, clock: Date.now, logger, minAgeMs: 0 });
  expect(counts).toMatchObject({ exported: 1, failed: 0 });
  return id;
}

const withTemporal = { TEMPORAL_ADDRESS: temporalAddress() };

function audit(id: ActorId, args: string[] = [], env: Record<string, string> = {}): Promise<Said> {
  return baton(args.length > 0 ? args : ['audit', id.conversationId], {
    BATON_DATABASE_URL: stack.database.workerUrl,
    BATON_ACCOUNT: id.accountId,
    BATON_BUILD: 'stack',
    ...env,
  });
}

describe('baton audit', () => {
  test('B-10: tells who decided what, when and why, with state, holder and epoch at each line', async () => {
    const { code, out } = await audit(running, [], withTemporal);
    const lines = out.split('\n');
    const line = (text: string): string => lines.find((one) => one.includes(text)) ?? `no line with ${text}`;
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`;
    expect(line('session 1 begins')).toMatch(new RegExp(String.raw`^ +1  ${time}  bot \| bot Bot \| 1 .*customer`));
    expect(line('“hello”')).toContain('(CustomerWrote, inbox place 1; policy 1)');
    expect(line('asks for a person')).toContain('bot Bot: asks for a person (hand-over 1): “wants a person”');
    expect(line('queued for group Support')).toMatch(/queued \| the engine \| 2 .*engine: .*\(result of RouteHandover/);
    expect(line('has the chat now')).toMatch(
      /assigned \| agent Agent 1 \| 3 .*agent Agent 1: .*\(command Join; policy 1\)/,
    );
    expect(line('“I am a person”')).toContain('agent Agent 1: message 3 to the customer: “I am a person”');
    expect(line('message 3 is sent')).toMatch(/channel .+: message 3 is sent {2}\(result of SendMessage:3:1/);
    expect(line(': resolved')).toMatch(/resolved \| the engine \| 4 .*agent Agent 1: resolved/);
    expect(code).toBe(0);
  });

  test('verifies the record and replays the running conversation, whose history Temporal has', async () => {
    const { out } = await audit(running, [], withTemporal);
    expect(out).toMatch(/Chain +\d+ events, and every link is right/);
    expect(out).toMatch(/Temporal itself vouches for every event up to \d+/);
    expect(out).toMatch(/Replay +run \S+ \(build stack\): same, \d+ decisions$/m);
  });

  test('says of a running conversation what is not at hand without Temporal', async () => {
    const { code, out } = await audit(running);
    expect(out).toMatch(/events 1 to \d+: nothing anchors this yet/);
    expect(out).toMatch(/Replay .*not replayed, not exported yet, and Temporal was not asked/);
    expect(code).toBe(0);
  });

  test('replays exported histories, and says that they stand in the same database', async () => {
    const { code, out } = await audit(ended);
    expect(out).toMatch(/exported ones, which stand in the same database, up to \d+/);
    expect(out).toMatch(/Replay +run \S+ \(build stack\): same, \d+ decisions$/m);
    expect(code).toBe(0);
  });

  test('prints one line per event, whatever people write', async () => {
    const { out } = await audit(ended);
    expect(out).toContain('wrote “hello ⏎ and ·[31mred·”');
  });

  test('gives machines the same', async () => {
    const { out } = await audit(ended, ['audit', ended.conversationId, '--json']);
    const said = JSON.parse(out) as { good: boolean; story: unknown[]; replays: { verdict: string }[] };
    expect(said.good).toBe(true);
    expect(said.story[0]).toMatchObject({
      no: 1,
      type: 'SessionStarted',
      who: { kind: 'customer' },
      why: { policy: 1 },
      after: { state: 'bot', holder: 'bot Bot', epoch: 1 },
    });
    expect(said.replays).toMatchObject([{ verdict: 'same', builds: ['stack'] }]);
  });

  test('finds an exported history that was changed', async () => {
    const { code, out } = await underAttack(
      admin,
      ended,
      async (tx) => {
        await tx.query(`UPDATE runs SET history_sha256 = repeat('0', 64) WHERE conversation_id = $1`, [
          ended.conversationId,
        ]);
      },
      () => audit(ended),
    );
    expect(out).toMatch(/WRONG +the exported history of run \S+ is not what its hash says/);
    expect(code).toBe(1);
  });

  test('finds an exported history that can’t be read', async () => {
    const { code, out } = await underAttack(
      admin,
      ended,
      async (tx) => {
        await tx.query(`UPDATE runs SET history = '\\x00' WHERE conversation_id = $1`, [ended.conversationId]);
      },
      () => audit(ended),
    );
    expect(out).toMatch(/WRONG +the exported history of run \S+ can not be read/);
    expect(code).toBe(1);
  });

  test('finds an exported history that is not Temporal’s, though its hash fits', async () => {
    const { code, out } = await underAttack(
      admin,
      ended,
      async (tx) => {
        const { accountId, conversationId } = ended;
        const [run] = await readRuns(tx, accountId, conversationId);
        const history = await readRunHistory(tx, accountId, conversationId, run?.runId ?? '');
        const text = unpackHistory(history ?? Buffer.alloc(0)).replaceAll('"attempt": 1', '"attempt": 2');
        await tx.query('UPDATE runs SET history = $2, history_sha256 = $3 WHERE conversation_id = $1', [
          conversationId,
          gzipSync(text),
          sha256Of(text),
        ]);
      },
      () => audit(ended, [], withTemporal),
    );
    expect(out).toMatch(/WRONG +the exported history of run \S+ is not the one that Temporal has/);
    expect(code).toBe(1);
  });

  test('B-13: once the words are erased, record and replay still hold, and the words are said to be gone', async () => {
    const erase = async (tx: Transaction): Promise<void> => {
      await tx.query('UPDATE messages SET content = NULL WHERE conversation_id = $1', [ended.conversationId]);
      await tx.query(
        `UPDATE contacts SET digest_key = NULL, name = NULL, erased_at = now()
         WHERE id = (SELECT contact_id FROM conversations WHERE id = $1)`,
        [ended.conversationId],
      );
    };
    const { code, out } = await underAttack(admin, ended, erase, () => audit(ended));
    expect(out).toContain('wrote (words erased)');
    expect(out).not.toContain('hello');
    expect(out).toMatch(/Words +0 messages are as they were written, 2 erased/);
    expect(out).toMatch(/: same, \d+ decisions$/m);
    expect(code).toBe(0);
  });
});

describe('a run that ended in the middle', () => {
  test('is exported by the run after it, and the audit goes through both', async () => {
    const account = await stack.account(noIntake);
    const id = await haveConversation(stack, account);
    const handle = stack.temporal.client.getHandle(workflowId(id));
    await handle.terminate();
    stack.bot.answer = () => ({ messages: [], handover: null, intake: null });
    const [agentId = ''] = account.agentIds;
    await stack.commands.execute(id, 'Reopen', { key: uuid(), by: { kind: 'agent', agentId }, agentId });
    const runs = () => inAccount(stack.pool, id.accountId, (tx) => readRuns(tx, id.accountId, id.conversationId));
    await until(async () => (await runs())[0]?.exportedAt !== null);
    const { code, out } = await audit(id, [], withTemporal);
    expect(out).toMatch(/heads in the histories of 2 runs; Temporal itself vouches/);
    expect(out.match(/: same, \d+ decisions$/gm)).toHaveLength(2);
    expect(code).toBe(0);
  });
});

describe('baton replay', () => {
  test('replays a conversation, by its id or that of its workflow', async () => {
    const { code, out } = await audit(ended, ['replay', workflowId(ended)]);
    expect(out).toMatch(/: same, \d+ decisions\n1 the same, 0 differ/);
    expect(code).toBe(0);
  });

  test('replays everything of an account', async () => {
    const { code, out } = await audit(running, ['replay', '--all'], withTemporal);
    expect(out).toMatch(/1 the same, 0 differ \(written by another build\), 0 failed/);
    expect(code).toBe(0);
  });
});

describe('baton, where it can’t look', () => {
  test.each<[string, string[], Record<string, string>, string]>([
    ['no such conversation', ['audit', uuid()], {}, 'has no conversation'],
    ['no id', ['verify', 'nothing'], {}, 'is no id of a conversation'],
    ['an account that is none', ['audit', uuid(), '--account', 'x'], {}, '“x” is no id of an account'],
    ['no database named', ['audit', uuid()], { BATON_DATABASE_URL: '' }, 'Set BATON_DATABASE_URL'],
    [
      'a database that is not there',
      ['audit', uuid()],
      { BATON_DATABASE_URL: 'postgres://baton:canary@127.0.0.1:1/baton' },
      'The database that BATON_DATABASE_URL names can’t be reached (ECONNREFUSED)',
    ],
    [
      'a Temporal that is not there',
      ['audit', uuid()],
      { BATON_TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_ADDRESS: temporalAddress() },
      'Temporal does not answer at 127.0.0.1:1, which BATON_TEMPORAL_ADDRESS names. Is it running? Without BATON_TEMPORAL_ADDRESS, ',
    ],
    [
      'a Temporal that is not there, by the other name',
      ['audit', uuid()],
      { TEMPORAL_ADDRESS: '127.0.0.1:1' },
      'Temporal does not answer at 127.0.0.1:1, which TEMPORAL_ADDRESS names.',
    ],
    ['nothing to replay', ['replay'], {}, 'Replay what?'],
    [
      'a bundle that is not there',
      ['replay', 'package.json', '--bundle', 'none.js'],
      {},
      "The bundle none.js can't be read",
    ],
    ['a file that is no history', ['replay', 'package.json'], {}, 'package.json holds no history'],
    ['an unknown command', ['adit'], {}, "unknown command 'adit'"],
  ])('%s: exit code 2, and it says why', async (_name, args, env, says) => {
    const { code, err } = await audit(running, args, env);
    expect(err).toContain(says);
    expect(err).not.toContain('canary');
    expect(code).toBe(2);
  });

  test.each<[string, (url: URL) => void, string]>([
    ['a wrong password', (url) => (url.password = 'canary'), 'refuses the login (28P01). Are its name'],
    ['nobody’s name', (url) => (url.username = 'nobody'), 'refuses the login (28P01). Are its name'],
    [
      'a database that its server does not have',
      (url) => (url.pathname = '/none'),
      'is not there, though its server is (3D000)',
    ],
    ['one that was never migrated', (url) => (url.pathname = '/template1'), 'has not the schema of this build'],
    [
      'a login that may not look',
      (url) => (url.href = stack.database.courierUrl),
      'does not let this login look (42501)',
    ],
    ['a server without TLS', (url) => url.searchParams.set('sslmode', 'require'), 'can’t agree on TLS'],
  ])('a database that is there is not called away: %s', async (_name, change, says) => {
    const url = new URL(stack.database.workerUrl);
    change(url);
    const { code, err } = await audit(running, ['verify', running.conversationId], { BATON_DATABASE_URL: url.href });
    expect(err).toContain(`The database that BATON_DATABASE_URL names`);
    expect(err).toContain(says);
    expect(err).not.toMatch(/reached|canary/);
    expect(code).toBe(2);
  });

  test('a Temporal that is there is not called away, where it lacks the namespace', async () => {
    const { code, err } = await audit(running, [], { ...withTemporal, TEMPORAL_NAMESPACE: 'nowhere' });
    expect(err).toContain('which TEMPORAL_ADDRESS names, has no namespace nowhere (TEMPORAL_NAMESPACE)');
    expect(code).toBe(2);
  });

  test('names the variable with the file, where that is the one that leads nowhere', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'baton-setting-'));
    const file = join(dir, 'database');
    await writeFile(file, 'postgres://baton:canary@127.0.0.1:1/baton\n');
    const { code, err } = await audit(running, ['audit', uuid()], { BATON_DATABASE_URL_FILE: file });
    expect(err).toContain('The database that BATON_DATABASE_URL_FILE names can’t be reached (ECONNREFUSED)');
    expect(code).toBe(2);
    await rm(dir, { recursive: true });
  });

  test('a conversation of another account is as none', async () => {
    const { code, err } = await audit(running, ['audit', running.conversationId, '--account', ended.accountId]);
    expect(err).toContain('has no conversation');
    expect(code).toBe(2);
  });
});
