/**
 * The deadline is the end of a session: so long after the customer's last word, which is the only one there is. The bot has
 * taken its turn with all of them by then; what that costs is P2's.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import type { BenchAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { createCost } from '../cost.ts';
import { exactly, percentiles, round } from '../figures.ts';
import { openLoop } from '../load.ts';
import { patienceMs, type Measure } from '../measure.ts';

const perSecond = 100;

export const p13: Measure = {
  title: 'P13: deadlines that are due in the same minute',
  async run({ arena, short }) {
    const [count, sessionMs] = short ? [50, 10_000] : [3_000, 240_000];
    const account = await arena.createAccount({ bot: () => ({}), numbers: { lock: { sessionMs } } });
    const cost = createCost(arena);
    const firstDue = performance.now() + sessionMs;
    const load = await openLoop({
      perSecond,
      seconds: count / perSecond,
      call: (index) => account.write(uuid(), index),
    });
    await untilAnswered(arena, account, { count, limit: firstDue });
    const ended = await cost.during(() => allEnded(arena, account, { count, sessionMs }));
    const { p50, p99, max } = percentiles(ended);
    return [
      exactly('not acknowledged', load.failures, '', 0),
      exactly('lost', count - ended.length, `of ${count}`, 0),
      exactly('early', ended.filter((ms) => ms < 0).length, '', 0),
      { name: 'late, p50', value: p50, unit: 'ms' },
      { name: 'late, p99', value: p99, unit: 'ms' },
      { name: 'late, most', value: max, unit: 'ms' },
      { name: 'due within', value: round(count / perSecond), unit: 's' },
      ...cost.figures(count, 'deadline'),
    ];
  },
};

/** Or until the first deadline, where the bot's turns take longer: then their cost is in the figures. */
async function untilAnswered(
  { admin }: Arena,
  { accountId }: BenchAccount,
  { count, limit }: { count: number; limit: number },
): Promise<void> {
  for (;;) {
    const { rows } = await admin.query<{ answered: number }>(
      `SELECT count(*) AS answered FROM domain_events WHERE account_id = $1 AND type = 'BotTurnAnswered'`,
      [accountId],
    );
    if ((rows[0]?.answered ?? 0) >= count || performance.now() > limit) return;
    await pause(250);
  }
}

/** The lateness of each, when all have come, or none for so long that the rest is lost. */
async function allEnded(
  arena: Arena,
  account: BenchAccount,
  { count, sessionMs }: { count: number; sessionMs: number },
): Promise<number[]> {
  let seen: number[] = [];
  let limit = performance.now() + sessionMs + patienceMs;
  while (seen.length < count && performance.now() < limit) {
    await pause(250);
    const now = await latenessOf(arena, account, sessionMs);
    if (now.length > seen.length) limit = performance.now() + patienceMs;
    seen = now;
  }
  return seen;
}

/** ms between each deadline, by the time of the message that set it, and the record of its end. */
async function latenessOf({ admin }: Arena, { accountId }: BenchAccount, sessionMs: number): Promise<number[]> {
  const { rows } = await admin.query<{ late: number }>(
    `SELECT extract(epoch FROM ended.recorded_at - said.at)::float8 * 1000 - $2 AS late
     FROM domain_events ended JOIN domain_events said USING (account_id, conversation_id)
     WHERE account_id = $1 AND ended.type = 'SessionEnded' AND said.type = 'CustomerMessageAccepted'`,
    [accountId, sessionMs],
  );
  return rows.map(({ late }) => late);
}
