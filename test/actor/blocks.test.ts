import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { tellAll } from '../support/announcements.ts';
import { draftBlock } from '../support/conversation-rows.ts';
import { expectInvariants } from '../support/invariants.ts';
import { bySupervisor } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';

let account: SimulatedAccount;
const startAt = Date.UTC(2026, 0, 5, 9);

beforeAll(async () => {
  account = await openOwnAccount();
});
afterAll(() => account.close());

interface ContactBlock {
  block_id: string | null;
}

const contactOf = 'SELECT contact_id FROM conversations WHERE account_id = $1 AND id = $2';

function blockOf({ pool, id }: Simulation): Promise<string | null> {
  return inAccount(pool, id.accountId, async (tx) => {
    const query = `SELECT block_id FROM contacts WHERE account_id = $1 AND id = (${contactOf})`;
    const { rows } = await tx.query<ContactBlock>(query, [id.accountId, id.conversationId]);
    return required(rows[0]).block_id;
  });
}

describe('the end of a block', () => {
  test('a message from before it that is taken after it begins a session: the two clocks do not disagree for ever', async () => {
    const simulation = await simulate(account, { startAt });
    const { accountId, conversationId } = simulation.id;
    const until = startAt + 1_000;
    await inAccount(simulation.pool, accountId, (tx) =>
      tx.query(`UPDATE contacts SET block_id = $3, blocked_until = $4 WHERE account_id = $1 AND id = (${contactOf})`, [
        accountId,
        conversationId,
        uuid(),
        new Date(until),
      ]),
    );
    const place = await simulation.write('almost free');
    simulation.passTo(until + 50);
    await simulation.hand(place);
    await simulation.settle();
    expect(simulation.actor.stored.seq).toBe(place);
    const events = await expectInvariants(simulation.pool, simulation.id);
    expect(events.map(({ type }) => type)).toContain('SessionStarted');
  });
});

describe('two conversations of one contact', () => {
  async function twoOfOne(): Promise<[Simulation, Simulation]> {
    const [one, other] = [await simulate(account), await simulate(account)];
    const { accountId, conversationId } = other.id;
    await inAccount(other.pool, accountId, (tx) =>
      tx.query(`UPDATE conversations SET contact_id = (${contactOf}) WHERE account_id = $1 AND id = $3`, [
        accountId,
        one.id.conversationId,
        conversationId,
      ]),
    );
    for (const simulation of [one, other]) {
      await simulation.write('hello');
      await simulation.finish();
    }
    return [one, other];
  }

  async function blocks(simulation: Simulation): Promise<Command> {
    const blockId = await draftBlock(simulation.pool, simulation.id, 'spam', null);
    const block = bySupervisor(simulation, 'Block', { blockId, expiresAt: null });
    simulation.send(block);
    await simulation.settle();
    return block;
  }

  test('blocked in both at once: the first block counts in both, and its end is the end of both', async () => {
    const [one, other] = await twoOfOne();
    const first = await blocks(one);
    const second = await blocks(other);
    await tellAll(account.pool, account.account.accountId);
    for (const simulation of [one, other]) await simulation.finish();
    expect(one.outcomes.get(first.key)).toMatchObject({ ok: true });
    expect(other.outcomes.get(second.key)).toMatchObject({ ok: false, rejection: { code: 'blocked' } });
    const blockId = await blockOf(one);
    for (const { actor } of [one, other]) expect(actor.state.block?.blockId).toBe(blockId);

    other.send(bySupervisor(other, 'Unblock'));
    await other.settle();
    await tellAll(account.pool, account.account.accountId);
    for (const simulation of [one, other]) {
      await simulation.finish();
      expect(simulation.actor.state.phase.name).toBe('bot');
      await expectInvariants(simulation.pool, simulation.id);
    }
    expect(await blockOf(one)).toBe(null);
  });
});
