import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import { seedAccount } from '../support/account.ts';
import { addDesk, addGroup } from '../support/conversation-rows.ts';
import { script, setting, type Begin, type Setting, type Step } from '../support/crash-script.ts';
import { expectDelivered } from '../support/delivery.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { numRuns } from '../support/num-runs.ts';
import { createPlayer, type Player, type Stage } from '../support/player.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, simulate, type SimulatedAccount } from '../support/simulation.ts';

let shared: SimulatedAccount;
beforeAll(async () => {
  shared = await openOwnAccount();
});
afterAll(() => shared.close());

const startAt = Date.UTC(2026, 0, 5, 9);

test('R1, R11, R13: whatever dies when, Postgres and the actor agree, and nothing is lost or doubled', async () => {
  const property = fc.asyncProperty(setting, script, async (set, steps) => {
    const stage = await openStage(set);
    const { simulation } = stage;
    const player = createPlayer(stage);
    await bringTo(stage, player, set.begin);
    await expectRising(stage, player, steps);
    simulation.weather = [...set.weather];
    await player.play({ do: 'restart', outDies: false });
    await player.rest();
    const events = await expectInvariants(simulation.pool, simulation.id);
    expectInOrder(events, player.written);
    expectDelivered(simulation.deliveries, events, { ...set, failedByReceipt: player.failedByReceipt });
    await expectAnswered(stage, player);
    expectTurnsFixed(player);

    await player.end();
    expect(conversationDecider.deadlines(simulation.actor.state)).toEqual([]);
    await expectNobodyHeld(stage);
    const all = await expectInvariants(simulation.pool, simulation.id);
    expectDelivered(simulation.deliveries, all, { ...set, failedByReceipt: player.failedByReceipt });
  });
  await fc.assert(property, {
    numRuns: numRuns({ here: 60, inCi: 300 }),
    // Shrinking is done when the time is over, too; too few runs by then are a failure.
    interruptAfterTimeLimit: 540_000,
    markInterruptAsFailure: true,
  });
}, 600_000);

/** All tries of a turn bring the bot the same, and no message comes in two turns: whatever joined it did so before the first. */
function expectTurnsFixed({ asked }: Player): void {
  const turns = new Map(asked.map(({ turnId, event }) => [turnId, event]));
  for (const { turnId, event } of asked) expect(event).toEqual(turns.get(turnId));
  const given = [...turns.values()].flatMap((event) => (event.type === 'messages' ? event.messages : []));
  expect(new Set(given.map(({ id }) => id)).size).toBe(given.length);
}

/** Of three agents the last has no place for any chat. */
async function openStage(set: Setting): Promise<Stage> {
  const { onWaitOver, onLost, reopenTo, lockUntil, botFails, onAmbiguous, timed, begin } = set;
  const minutes = (n: number): number => n * 60_000;
  const account = await seedAccount(shared.pool, {
    agents: 3,
    maxChats: 1,
    numbers: {
      intake: { by: begin === 'prechat' ? 'bot' : 'none' },
      queue: { onWaitOver },
      desk: { onLost },
      reopen: { to: reopenTo },
      lock: { until: lockUntil },
      bot: { onFailure: botFails },
      delivery: { onAmbiguous },
      ...(timed && { firstReplyMs: minutes(5), idle: { warnMs: minutes(10), closeMs: minutes(60) } }),
    },
  });
  const { accountId, agentIds } = account;
  await inAccount(shared.pool, accountId, (tx) =>
    tx.query('UPDATE agents SET max_chats = 0 WHERE account_id = $1 AND id = $2', [accountId, agentIds[2]]),
  );
  const deskId = await addDesk(shared.pool, accountId);
  const otherGroupId = await addGroup(shared.pool, accountId, required(agentIds[1]), {
    firstReplyMs: minutes(3),
    queue: { waitMs: minutes(7) },
    lock: { sessionMs: minutes(300) },
  });
  const simulation = await simulate({ ...shared, account }, { startAt, idempotency: set.idempotency });
  return { simulation, deskId, otherGroupId };
}

/** Most of what can go wrong happens late in a conversation; a script that starts at nothing rarely gets there. */
async function bringTo({ simulation }: Stage, player: Player, begin: Begin): Promise<void> {
  await player.play({ do: 'write', text: begin === 'bot' || begin === 'blocked' ? 'hello' : 'person' });
  await simulation.finish();
  if (begin === 'blocked') await player.command('Block', { to: 'group' });
  if (begin === 'assigned' || begin === 'resolved' || begin === 'at a desk') await player.command('Join');
  await simulation.finish();
  if (begin === 'resolved') await player.command('Resolve');
  if (begin === 'at a desk') await player.command('Forward', { to: 'desk' });
  await simulation.finish();
  if (begin === 'at a desk') await player.play({ do: 'desk', says: 'Accepted', offer: 'asks', stale: false });
  await simulation.finish();
  const phases = { prechat: 'prechat', 'at a desk': 'assigned' } as Record<Begin, string>;
  expect(simulation.actor.state.phase.name).toBe(phases[begin] ?? begin);
}

/** Plays; meanwhile what people see of a message only rises, and a failure is final. */
async function expectRising({ simulation }: Stage, player: Player, steps: Step[]): Promise<void> {
  let before = await shownStates(simulation);
  for (const step of steps) {
    await player.play(step);
    const now = await shownStates(simulation);
    for (const [seq, was] of before) {
      const is = required(now.get(seq));
      expect({ seq, was, is, rises: rises[was]?.includes(is) }).toMatchObject({ rises: true });
    }
    before = now;
  }
}

const fates = ['sent', 'delivered', 'read', 'failed'];
/**
 * What may come after what, at once or through others. Words that nobody could account for, or that were taken back while
 * they were on their way, may turn out to have arrived or to have failed; what has arrived can't fail any more.
 */
const rises: Record<string, string[]> = {
  pending: ['pending', 'unknown', 'cancelled', ...fates],
  unknown: ['unknown', ...fates],
  cancelled: ['cancelled', ...fates],
  sent: fates,
  delivered: ['delivered', 'read'],
  read: ['read'],
  failed: ['failed'],
};

async function shownStates({ pool, id }: Stage['simulation']): Promise<Map<number, string>> {
  const { rows } = await inAccount(pool, id.accountId, (tx) =>
    tx.query<{ seq: number; status: string }>(
      `SELECT seq, CASE WHEN status IN ('sending', 'ambiguous') THEN 'pending' ELSE status END AS status
       FROM outbound WHERE account_id = $1 AND conversation_id = $2`,
      [id.accountId, id.conversationId],
    ),
  );
  return new Map(rows.map(({ seq, status }) => [seq, status]));
}

/** R24: every command has its answer, and where it had an effect the answer that is kept is the one that was given. */
async function expectAnswered({ simulation }: Stage, { sent }: Player): Promise<void> {
  const { accountId } = simulation.id;
  const { rows } = await inAccount(simulation.pool, accountId, (tx) =>
    tx.query<{ key: string; outcome: object }>('SELECT key, outcome FROM idempotency WHERE account_id = $1', [
      accountId,
    ]),
  );
  const kept = new Map(rows.map(({ key, outcome }) => [key, outcome]));
  const given = sent.map(({ key }) => ({ key, outcome: required(simulation.outcomes.get(key)) }));
  const accepted = given.filter(({ outcome }) => outcome.ok);
  expect(accepted.map(({ key }) => ({ key, outcome: kept.get(key) }))).toEqual(accepted);
}

/** At its end a conversation holds no agent, no queue and no claim. */
async function expectNobodyHeld({ simulation }: Stage): Promise<void> {
  const { accountId } = simulation.id;
  const { rows } = await inAccount(simulation.pool, accountId, (tx) =>
    tx.query(
      `SELECT (SELECT sum(active) FROM agents WHERE account_id = $1) AS active,
         (SELECT count(*) FROM queue_entries WHERE account_id = $1) AS queued,
         (SELECT count(*) FROM claims WHERE account_id = $1 AND status = 'open') AS claims,
         (SELECT count(*) FROM actors WHERE account_id = $1 AND wake_at IS NOT NULL) AS waking`,
      [accountId],
    ),
  );
  expect(rows).toEqual([{ active: 0, queued: 0, claims: 0, waking: 0 }]);
}
