/** `baton audit`: the story, whether it is still what was recorded, and whether this code decides the same. */
import { momentAt } from '../../audit/moment.ts';
import { replayAndJudge } from '../../audit/replay-all.ts';
import type { RunReport } from '../../audit/replays.ts';
import { tellStory } from '../../audit/story/story.ts';
import { createTeller } from '../../audit/story/teller.ts';
import { problemsIn } from '../../audit/verify.ts';
import type { Io } from '../io.ts';
import { loadWorkflowCode } from '../surroundings.ts';
import { printMoment } from '../text/moment-text.ts';
import { printReplay, printUnavailable } from '../text/replay-text.ts';
import { printStory } from '../text/story-text.ts';
import { printVerification } from '../text/verification-text.ts';
import { inspect, type Inspected, type Subject } from './inspect.ts';

export interface AuditOptions {
  json: boolean;
  bundle: string | undefined;
  /** Epoch ms: the story up to then, and the state of that moment; nothing is replayed. */
  at: number | undefined;
}

/** True where nothing is wrong. */
export async function audit(io: Io, subject: Subject, { json, bundle, at }: AuditOptions): Promise<boolean> {
  const inspected = await inspect(io, subject);
  const { evidence, folded, verification } = inspected;
  const { stored, runs } = evidence;
  const moment = at === undefined ? null : momentAt(folded, at);
  const story = tellStory(stored, folded).slice(0, moment?.events);
  const reports = moment === null ? await replayOf(io, inspected, bundle) : [];
  const good = problemsIn(verification).length === 0 && reports.every(({ verdict }) => verdict !== 'failed');
  if (json) {
    const histories = runs.map(({ run, history, says }) => ({ ...run, from: history?.from ?? null, says }));
    const whole = { ...stored.id, good, card: stored.card, ...(moment && { moment }), story, verification };
    io.out(JSON.stringify({ ...whole, runs: histories, replays: reports }, null, 2));
    return good;
  }
  printStory(io, stored, story);
  if (moment) printMoment(io, moment, createTeller(stored));
  printVerification(io, evidence, verification);
  if (moment) return good;
  for (const run of runs.filter(({ history }) => history === null)) printUnavailable(io, run);
  for (const report of reports) printReplay(io, `run ${report.runId}`, report);
  return good;
}

async function replayOf(io: Io, { evidence }: Inspected, bundle: string | undefined): Promise<RunReport[]> {
  const recorded = evidence.runs.flatMap(({ run, history }) =>
    history === null ? [] : [{ runId: run.runId, history: history.content, events: evidence.stored.events }],
  );
  if (recorded.length === 0) return [];
  const reports: RunReport[] = [];
  for await (const { report } of replayAndJudge(await loadWorkflowCode(io.env, bundle), recorded)) reports.push(report);
  return reports;
}
