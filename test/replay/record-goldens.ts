/**
 * Records golden histories: plays every scenario with the real actor on a real Temporal and Postgres, and writes what was
 * recorded to `histories/`. They are the memory of what this code once decided, so they are recorded anew only where a
 * decision was changed on purpose and no conversation lives that was decided the old way:
 *
 *     RECORD_GOLDENS=all npx vitest run test/replay/goldens.test.ts
 *
 * or one of them, by its name.
 */
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Activities } from '../../activities/contract.ts';
import { createFetchHistory } from '../../courier/history.ts';
import { inSnapshot } from '../../store/snapshot.ts';
import { readEvents } from '../../store/event-log.ts';
import { readRuns } from '../../store/runs.ts';
import { fileFormat, type ConversationFile } from '../../worker/audit/file.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { openStage, type Scenario, type Stage } from './scenarios/play.ts';
import { stateScenarios } from './scenarios/states.ts';
import { timerScenarios } from './scenarios/timers.ts';
import { failing, troubleScenarios } from './scenarios/troubles.ts';

export const goldens = new URL('histories/', import.meta.url);
export const scenarios: Scenario[] = [...stateScenarios, ...timerScenarios, ...troubleScenarios];

/** `which`: a scenario's name, or `all`. */
export async function recordGoldens(which: string): Promise<void> {
  const stack = await startActorStack();
  stack.around = failingRecords;
  await stack.startWorker();
  try {
    for (const { name, options, play } of scenarios.filter((one) => which === 'all' || which === one.name)) {
      const stage = await openStage(stack, options);
      await playOn(stage, { name, play });
      await stack.caughtUp(stage.id);
      const file = await fileOf(stack, stage.id);
      await writeFile(new URL(`${name}.json`, goldens), `${JSON.stringify(file, null, 1)}\n`);
    }
  } finally {
    await stack.close();
  }
}

/** What goes on when it fails is told by what had happened. */
export async function playOn(stage: Stage, { name, play }: Pick<Scenario, 'name' | 'play'>): Promise<void> {
  await play(stage).catch(async (error: unknown) => {
    const events = await stage.stack.events(stage.id);
    throw new Error(`${name}: ${events.map(({ type }) => type).join(', ')}`, { cause: error });
  });
}

/** As if Postgres could not be reached for a moment. */
export function failingRecords(activities: Activities): Activities {
  return {
    ...activities,
    record(actor, recording) {
      if (failing.records === 0) return activities.record(actor, recording);
      failing.records -= 1;
      return Promise.reject(new Error('Postgres is away'));
    },
  };
}

/** A run that goes on is taken as far as it has come. */
async function fileOf({ pool, temporal }: ActorStack, id: ActorId): Promise<ConversationFile> {
  const { accountId, conversationId } = id;
  const fetchHistory = createFetchHistory(temporal.client);
  const stored = await inSnapshot(pool, accountId, (tx) => readRuns(tx, accountId, conversationId));
  const runs: ConversationFile['runs'] = [];
  for (const { runId, build } of stored) {
    const fetched = await fetchHistory(id, runId);
    if (fetched === null) throw new Error(`run ${runId} is gone`);
    const history = gzipSync(historyToJSON(fetched.history)).toString('base64');
    runs.push({ runId, build, history });
  }
  const events = await inSnapshot(pool, accountId, (tx) => readEvents(tx, accountId, conversationId));
  return { format: fileFormat, accountId, conversationId, events, runs };
}
