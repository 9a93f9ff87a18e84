/**
 * `baton restored`: after a store was put back from a backup, and before API and workers start. What Postgres gives out
 * from here on is of a new generation, and actors go on from Postgres.
 */
import { stopActors } from '../../../courier/stop-actors.ts';
import { attendGeneration, beginGeneration } from '../../../store/generation.ts';
import type { Io } from '../io.ts';
import { readSetting, Unusable } from '../settings.ts';
import { withSurroundings } from '../surroundings.ts';

export async function restored(io: Io): Promise<boolean> {
  const taskQueue = readSetting(io.env, 'BATON_TASK_QUEUE') ?? 'baton';
  if (!/^[\w.:/-]+$/.test(taskQueue)) throw new Unusable('BATON_TASK_QUEUE is not the name of a task queue.');
  return withSurroundings(io.env, async ({ pool, temporal }) => {
    if (temporal === null)
      throw new Unusable('Set BATON_TEMPORAL_ADDRESS or TEMPORAL_ADDRESS: actors have to be stopped.');
    const generation = await beginGeneration(pool);
    io.out(`the store is of generation ${generation} now`);
    const stopped = await stopActors(temporal.client, taskQueue);
    await attendGeneration(pool, generation);
    io.out(
      `${stopped} actors of the task queue ${taskQueue} were stopped; each goes on from Postgres when something is due or comes`,
    );
    return true;
  });
}
