/** `baton audit`: the story, whether it is still what was recorded, and whether this code decides the same. */
import { replayAndJudge } from '../../audit/replay-all.ts';
import type { RunReport } from '../../audit/replays.ts';
import { tellStory } from '../../audit/story/story.ts';
import { problemsIn } from '../../audit/verify.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import type { Io } from '../io.ts';
import { loadWorkflowCode, withSurroundings } from '../surroundings.ts';
import { printReplay, printUnavailable } from '../text/replay-text.ts';
import { printStory } from '../text/story-text.ts';
import { printVerification } from '../text/verification-text.ts';
import { inspect, type Inspected } from './inspect.ts';

export interface AuditOptions {
  json: boolean;
  bundle: string | undefined;
}

/** True where nothing is wrong. */
export async function audit(io: Io, id: ActorId, { json, bundle }: AuditOptions): Promise<boolean> {
  const inspected = await withSurroundings(io.env, (surroundings) => inspect(surroundings, id));
  const { stored, folded, runs, verification } = inspected;
  const reports = await replayOf(io, inspected, bundle);
  const story = tellStory(stored, folded);
  const good = problemsIn(verification).length === 0 && reports.every(({ verdict }) => verdict !== 'failed');
  if (json) {
    const histories = runs.map(({ run, history, says }) => ({ ...run, from: history?.from ?? null, says }));
    const whole = { ...stored.id, good, card: stored.card, story, verification, runs: histories, replays: reports };
    io.out(JSON.stringify(whole, null, 2));
    return good;
  }
  printStory(io, stored, story);
  printVerification(io, stored, runs, verification);
  for (const run of runs.filter(({ history }) => history === null)) printUnavailable(io, run);
  for (const report of reports) printReplay(io, `run ${report.runId}`, report);
  return good;
}

async function replayOf(io: Io, { stored, runs }: Inspected, bundle: string | undefined): Promise<RunReport[]> {
  const recorded = runs.flatMap(({ run, history }) =>
    history === null ? [] : [{ runId: run.runId, history: history.content, events: stored.events }],
  );
  if (recorded.length === 0) return [];
  const reports: RunReport[] = [];
  for await (const { report } of replayAndJudge(await loadWorkflowCode(io.env, bundle), recorded)) reports.push(report);
  return reports;
}
