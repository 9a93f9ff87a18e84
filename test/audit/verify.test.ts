import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '../../store/connection.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { temporalAddress } from '../support/servers.ts';
import { change, cutAfter, flipped, remove, rewriteFrom, swap, underAttack, type Attack } from './attacks.ts';
import { baton, type Said } from './command.ts';
import { haveConversation, noIntake } from './whole-conversation.ts';

let stack: ActorStack;
let admin: Pool;
let id: ActorId;
let last: number;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  admin = createPool({ url: stack.database.adminUrl, max: 2, name: 'test' });
  id = await haveConversation(stack, await stack.account(noIntake));
  // So that nothing moves while it is looked at.
  await stack.stopWorker();
  last = (await stack.events(id)).length;
});
afterAll(async () => {
  await admin.end();
  await stack.close();
});

function verify(env: Record<string, string> = { TEMPORAL_ADDRESS: temporalAddress() }): Promise<Said> {
  const own = { BATON_DATABASE_URL: stack.database.workerUrl, BATON_ACCOUNT: id.accountId, ...env };
  return baton(['verify', id.conversationId], own);
}

const attacked = (attack: Attack, env?: Record<string, string>): Promise<Said> =>
  underAttack(admin, id, attack, () => verify(env));

describe('an untouched record', () => {
  test('is whole, and Temporal itself vouches for all of it', async () => {
    const { code, out } = await verify();
    expect(out).toContain(`${last} events, and every link is right`);
    expect(out).toContain(`Temporal itself vouches for every event up to ${last}`);
    expect(out).not.toContain('nothing anchors');
    expect(code).toBe(0);
  });

  test('is told to be anchored by nothing where no history is at hand', async () => {
    const { code, out } = await verify({});
    expect(out).toContain(`events 1 to ${last}: nothing anchors this yet`);
    expect(code).toBe(0);
  });
});

describe('R18: of a changed record, the first bad entry is named', () => {
  const cases: [string, () => Attack, string | RegExp][] = [
    ['another content', () => change(5, { data: flipped }), 'event 5: its link is not that of its content'],
    [
      'another digest',
      () => change(2, { digest: (hex) => `${hex.startsWith('0') ? 1 : 0}${hex.slice(1)}` }),
      'event 2: its link is not that',
    ],
    ['another link', () => change(5, { link: () => '0'.repeat(64) }), 'event 5: its link is not that of its content'],
    ['another type', () => change(5, { type: () => 'ConversationResolved' }), 'event 5: its columns'],
    ['no event at all', () => change(5, { data: () => '{"none":1}' }), 'event 5: '],
    ['an event less', () => remove(5), 'event 5: missing'],
    ['the first event less', () => remove(1), 'event 1: missing'],
    ['two in each other’s place', () => swap(5, 8), 'event 5: its link is not that of its content'],
    ['a cut tail', () => cutAfter(6, { covered: false }), /events 7 to \d+: missing: the actor's row counts \d+/],
    ['a cut tail, with the actor’s row made to fit', () => cutAfter(6, { covered: true }), 'missing: Temporal of run'],
    ['everything rewritten from there on', () => rewriteFrom(6), 'not what was recorded: Temporal of run'],
    ['everything rewritten from the start', () => rewriteFrom(1), /events 1 to \d+: not what was recorded/],
  ];
  test.each(cases)('%s', async (_name, attack, says) => {
    const { code, out } = await attacked(attack());
    const [first] = out.split('\n').filter((line) => line.startsWith('WRONG'));
    expect(first).toMatch(says);
    expect(code).toBe(1);
  });

  test('what was rewritten begins between the last head that fits and the next', async () => {
    const { out } = await attacked(rewriteFrom(6));
    const [, from, to] = /WRONG {5}events? (\d+)(?: to (\d+))?: not what was recorded/.exec(out) ?? [];
    expect(Number(from)).toBeLessThanOrEqual(6);
    expect(Number(to ?? from)).toBeGreaterThanOrEqual(6);
  });

  test('changed words', async () => {
    const { code, out } = await attacked(async (tx) => {
      await tx.query(
        `UPDATE messages SET content = '{"text": "never said"}' WHERE conversation_id = $1 AND direction = 'in'`,
        [id.conversationId],
      );
    });
    expect(out).toMatch(/WRONG {5}event 2: the words of message .* were changed/);
    expect(code).toBe(1);
  });

  test('an actor’s row that is not what the events fold to', async () => {
    const { code, out } = await attacked(async (tx) => {
      await tx.query(
        `UPDATE actors SET state = replace(state::text, '"name":"resolved"', '"name":"bot"')::json WHERE conversation_id = $1`,
        [id.conversationId],
      );
    });
    expect(out).toContain("the actor's row is not what the events fold to (phase)");
    expect(code).toBe(1);
  });
});

describe('R18: where nothing anchors, a rewritten record can’t be told from another', () => {
  test.each<[string, () => Attack]>([
    ['a rewritten one', () => rewriteFrom(6)],
    ['a cut tail, with the actor’s row made to fit', () => cutAfter(6, { covered: true })],
  ])('%s: it is said how far nothing anchors', async (_name, attack) => {
    const { out } = await attacked(attack(), {});
    expect(out).toContain('every link is right');
    expect(out).toMatch(/events 1 to \d+: nothing anchors this yet/);
  });
});
