/** Finishes what an erasure left to do: another process died over it, or somebody wrote while it ran. And forgets digests. */
import type { FastifyInstance } from 'fastify';
import { startSweep } from '../process/sweep.ts';
import { eraseWords, findErasuresToGoOnWith, forgetErasedIds } from '../store/erasure.ts';
import type { ApiDependencies } from './dependencies.ts';

const sweepMs = 30_000;
/** Whoever asked for it is at work on it until then. */
const leftAloneMs = 30_000;
/** Per round. */
const most = 100;

export function finishErasures(app: FastifyInstance, { pool, clock }: Pick<ApiDependencies, 'pool' | 'clock'>): void {
  const round = async (stopping: AbortSignal): Promise<void> => {
    const now = clock();
    const asked = { begunBefore: new Date(now - leftAloneMs), at: new Date(now), most };
    for (const { accountId, contactId } of await findErasuresToGoOnWith(pool, asked)) {
      if (stopping.aborted) return;
      if (contactId === null) await forgetErasedIds(pool, accountId, new Date(now));
      else await eraseWords(pool, { accountId, contactId }, clock);
    }
  };
  const sweep = startSweep({ name: 'sweep of erasures', everyMs: sweepMs, logger: app.log, round });
  app.addHook('onClose', () => sweep.stop());
}
