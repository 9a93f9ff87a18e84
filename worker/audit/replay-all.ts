/** Replays runs with what is known of their conversations, one after another, and judges each. */
import type { StoredEvent } from '../../store/event-log.ts';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { replayRuns } from '../replay.ts';
import { workflowIdOf } from './history.ts';
import { judge, type RunReport } from './replays.ts';

export interface RecordedRun {
  runId: string;
  history: History;
  /** Of its conversation; null: not at hand. */
  events: StoredEvent[] | null;
}

export async function* replayAndJudge<R extends RecordedRun>(
  { code, build }: { code: string; build: string },
  runs: Iterable<R> | AsyncIterable<R>,
): AsyncGenerator<{ run: R; report: RunReport }> {
  const withIds = async function* () {
    for await (const run of runs) yield { ...run, run, workflowId: workflowIdOf(run.history) };
  };
  for await (const replayed of replayRuns(code, withIds())) {
    yield { run: replayed.run.run, report: judge(replayed, replayed.run.events, build) };
  }
}
