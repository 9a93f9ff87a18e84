/** R17: every fold dropped and rebuilt from events and sources is what it was; and what a foreign hand changed is mended. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { acceptInbound } from '../../store/inbound.ts';
import { readViolations } from '../../store/invariants.ts';
import { addVariant, type SeededAccount } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInvariants } from '../support/invariants.ts';
import { baton, type Said } from '../audit/command.ts';
import { noIntake } from '../audit/whole-conversation.ts';
import { playOn, scenarios } from '../replay/record-goldens.ts';
import { stageIn, toQueue, type Stage } from '../replay/scenarios/play.ts';
import { dropFolds, dumpFolds } from './rebuild-dump.ts';

const played = ['bot-intake-to-resolved', 'people-pass-it-on', 'blocked-and-unblocked', 'form-intake', 'timer-offer'];
const troubled = ['timer-desk-lost', 'timer-held-too-long'];

let stack: ActorStack;
let admin: Pool;
let account: SeededAccount;
/** An agent has the chat and has answered; the first words failed, the others were read. */
let open: Stage;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  admin = createPool({ url: stack.database.adminUrl, max: 2, name: 'test' });
  account = await stack.account({ agents: 3, maxChats: 100 });
  for (const scenario of scenarios.filter(({ name }) => [...played, ...troubled].includes(name))) {
    const stage = stageIn(stack, await addVariant(stack.pool, account, scenario.options ?? {}));
    await playOn(stage, scenario);
    await stack.caughtUp(stage.id);
  }
  open = stageIn(stack, await addVariant(stack.pool, account, noIntake));
  await toQueue(open);
  await open.agent(0, 'Join');
  stack.channel.hear = () => Promise.reject(new Error('no words of this kind'));
  await open.replies(0, 'what the channel does not take');
  await open.sees('MessageSettled', 2);
  stack.channel.hear = () => Promise.resolve();
  await open.replies(0, 'I am a person');
  await open.sees('MessageSettled', 3);
  await heard('delivered', 'read');
}, 120_000);
afterAll(async () => {
  await admin.end();
  await stack.close();
});

async function heard(...statuses: ('delivered' | 'read')[]): Promise<void> {
  const { accountId, channelId: sourceId } = open.account;
  const providerId = `${open.id.conversationId}:3`;
  const items = statuses.map((status) => ({ kind: 'receipt' as const, externalId: null, providerId, status }));
  await acceptInbound(stack.apiPool, { accountId, sourceId, at: Date.now(), items });
}

function rebuild(...args: string[]): Promise<Said> {
  return baton(['rebuild', ...args], {
    BATON_DATABASE_URL: stack.database.adminUrl,
    BATON_ACCOUNT: account.accountId,
  });
}

async function violations() {
  return inAccount(stack.pool, account.accountId, (tx) => readViolations(tx, account.accountId));
}

test('R17: every fold, dropped and rebuilt from events and sources, is what it was', async () => {
  await stack.stopWorker();
  expect(await rebuild('--all', '--dry-run')).toMatchObject({ code: 0, out: '8 conversations looked at', err: '' });
  const before = await dumpFolds(admin, account.accountId);
  expect(before['queue_entries']?.length).toBeGreaterThan(0);
  expect(before['assignments']).toHaveLength(3);

  await dropFolds(admin, account.accountId);
  expect((await rebuild('--all', '--dry-run')).code).toBe(1);
  expect((await dumpFolds(admin, account.accountId))['actors']).toEqual([]);
  expect(await rebuild('--all')).toMatchObject({ code: 0, err: '' });

  expect(await dumpFolds(admin, account.accountId)).toEqual(before);
  expect(await violations()).toEqual([]);
  await stack.startWorker();
}, 60_000);

test('a fold that a foreign hand changed is named and mended, and the live conversation goes on', async () => {
  const { conversationId } = open.id;
  await admin.query(`UPDATE conversations SET phase = 'resolved', tag_ids = ARRAY[$2::uuid] WHERE id = $1`, [
    conversationId,
    uuid(),
  ]);
  await admin.query('DELETE FROM assignments WHERE conversation_id = $1', [conversationId]);
  await admin.query(`UPDATE outbound SET status = 'failed' WHERE conversation_id = $1 AND seq = 3`, [conversationId]);
  await admin.query(
    `UPDATE actors SET state = jsonb_set(state::jsonb, '{state,phase,override}', 'true') WHERE conversation_id = $1`,
    [conversationId],
  );
  const named = await rebuild(conversationId, '--dry-run');
  expect(named.code).toBe(1);
  expect(named.out).toContain(
    `differs  ${conversationId}: conversations.phase, conversations.tagIds, actors.state, assignments, outbound 3.status`,
  );
  expect(named.out).toContain(`differs  agent ${account.agentIds[0]}: agents.active`);
  expect(await rebuild(conversationId)).toMatchObject({ code: 0 });
  expect(await rebuild(conversationId, '--dry-run')).toMatchObject({ code: 0, out: '1 conversation looked at' });

  await open.writes('thank you');
  await open.sees('CustomerMessageAccepted', 2);
  await open.replies(0, 'you are welcome');
  await open.sees('MessageSettled', 4);
  await stack.caughtUp(open.id);
  await expectInvariants(stack.pool, open.id);
  expect(await violations()).toEqual([]);
}, 60_000);

test('a record that is not whole is not made to look whole', async () => {
  const { conversationId } = open.id;
  const changed = async (statement: string): Promise<Said> => {
    const client = await admin.connect();
    try {
      // The tables let nobody change an event; whoever owns them can lift that.
      await client.query(`SET session_replication_role = 'replica'`);
      await client.query(statement, [conversationId]);
      return await rebuild(conversationId);
    } finally {
      await client.query('RESET session_replication_role');
      client.release();
    }
  };
  expect(await changed(`UPDATE actors SET head = 'other' WHERE conversation_id = $1`)).toMatchObject({
    code: 1,
    out: expect.stringContaining('refused') as string,
  });
  expect(
    await changed(
      `DELETE FROM domain_events e WHERE conversation_id = $1
         AND no = (SELECT max(no) FROM domain_events WHERE conversation_id = e.conversation_id)`,
    ),
  ).toMatchObject({ code: 1, out: expect.stringMatching(/refused .*counts \d+ events, and \d+ are there/) as string });
}, 30_000);

test('only the database’s owner may', async () => {
  const said = await baton(['rebuild', '--all'], {
    BATON_DATABASE_URL: stack.database.workerUrl,
    BATON_ACCOUNT: account.accountId,
  });
  expect(said).toMatchObject({ code: 2, err: expect.stringContaining('owner') as string });
});
