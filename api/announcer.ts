/**
 * Tells what was announced to the conversations that it concerns, in batches: at once where this process has announced
 * something (`soon`), and by a sweep where another did, or died over it. No transaction is large, only one connection is
 * used, and never is more undecided than a fraction of what the backlog may hold.
 */
import type { FastifyInstance } from 'fastify';
import { describeError } from '../process/failures.ts';
import { startSweep } from '../process/sweep.ts';
import { announcingAccounts, tellSome } from '../store/announcements.ts';
import { readBacklog } from '../store/backlog.ts';
import type { ApiDependencies } from './dependencies.ts';
import { oneAtATime } from './one-at-a-time.ts';

export interface Announcer {
  /** Something was announced and has committed. */
  soon(): void;
}

const sweepMs = 1_000;
/** Conversations looked at in one transaction. */
const batch = 500;
/** Rows that nobody has decided on, of all accounts, at which the rest waits for the next sweep. */
const mostWaiting = 5_000;
/** Accounts that take turns, a batch each. */
const abreast = 100;

export function announce(app: FastifyInstance, { pool, clock }: ApiDependencies): Announcer {
  let closing = false;

  /** A batch of each account. False: there is nothing to tell now. */
  const tellEach = async (accounts: string[]): Promise<boolean> => {
    let told = false;
    for (const accountId of accounts) {
      if (closing || (await readBacklog(pool)) >= mostWaiting) return false;
      told = (await tellSome(pool, accountId, { most: batch, at: new Date(clock()) })) || told;
    }
    return told;
  };
  const tell = oneAtATime(
    async () => {
      while (await tellEach(await announcingAccounts(pool, abreast)));
    },
    (error) => app.log.warn({ err: describeError(error) }, 'news not told; the next sweep goes on'),
  );

  const round = (): Promise<void> => {
    tell.soon();
    return tell.idle();
  };
  const sweep = startSweep({ name: 'sweep of news', everyMs: sweepMs, logger: app.log, round });
  app.addHook('onClose', async () => {
    closing = true;
    await sweep.stop();
    await tell.idle();
  });
  return { soon: tell.soon };
}
