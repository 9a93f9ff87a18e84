/** `baton invariants`: the live check, as an operator runs it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '../../store/connection.ts';
import { invariants } from '../../store/invariants.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { baton, type Said } from './command.ts';
import { haveConversation, noIntake } from './whole-conversation.ts';

let stack: ActorStack;
let admin: Pool;
let id: ActorId;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  admin = createPool({ url: stack.database.adminUrl, max: 1, name: 'test' });
  id = await haveConversation(stack, await stack.account(noIntake));
  // So that nothing writes over what is broken here.
  await stack.stopWorker();
});
afterAll(async () => {
  await admin.end();
  await stack.close();
});

const check = (...more: string[]): Promise<Said> =>
  baton(['invariants', ...more], { BATON_DATABASE_URL: stack.database.workerUrl, BATON_ACCOUNT: id.accountId });

test('names every check, and ends with 0 where all hold', async () => {
  const { code, out, err } = await check();
  const names = invariants.map((name) => `✓ ${name}`);
  expect({ code, out, err }).toEqual({
    code: 0,
    out: [...names, `${names.length} of ${names.length} hold`].join('\n'),
    err: '',
  });
});

test('ends with 1 where one does not, and says what breaks it', async () => {
  const where = 'WHERE account_id = $1 AND conversation_id = $2';
  const ids = [id.accountId, id.conversationId];
  await admin.query(`UPDATE actors SET head = 'f' || head ${where}`, ids);
  const { code, out } = await check();
  expect(out).toContain(`✗ head-is-last-link: 1 (${id.conversationId})`);
  expect(code).toBe(1);
  const told = await check('--json');
  expect(JSON.parse(told.out)).toEqual({
    accountId: id.accountId,
    good: false,
    checked: [...invariants],
    violations: [{ invariant: 'head-is-last-link', count: 1, ids: [id.conversationId] }],
  });
  await admin.query(`UPDATE actors SET head = substr(head, 2) ${where}`, ids);
  expect(await check()).toMatchObject({ code: 0 });
});

test('without an account it could not look', async () => {
  expect(await baton(['invariants'], { BATON_DATABASE_URL: stack.database.workerUrl })).toMatchObject({ code: 2 });
});
