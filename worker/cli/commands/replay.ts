/** `baton replay`: does this code decide what was recorded? Of a conversation, of all of an account, or of files. */
import { parseReplayable, type Replayable as Parsed } from '../../audit/file.ts';
import type { GatheredRun } from '../../audit/histories.ts';
import { replayAndJudge, type RecordedRun } from '../../audit/replay-all.ts';
import { inSnapshot } from '../../../store/snapshot.ts';
import { readEvents } from '../../../store/event-log.ts';
import { readConversationsWithRuns } from '../../../store/runs.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { readText } from '../files.ts';
import type { Io } from '../io.ts';
import { Unusable } from '../settings.ts';
import { loadWorkflowCode, withSurroundings, type Surroundings } from '../surroundings.ts';
import { printReplay, printUnavailable } from '../text/replay-text.ts';
import { gatherRuns } from './inspect.ts';

type NamedRun = RecordedRun & { name: string };

/** What is to be replayed. `account`: everything of it. */
export type Replayable = { files: string[] } | { conversations: ActorId[] } | { account: string };

/** True where no run of this build failed. */
export async function replay(io: Io, what: Replayable, bundle: string | undefined): Promise<boolean> {
  if ('files' in what) return replayRuns(io, runsInFiles(io, what.files), bundle);
  return withSurroundings(io.env, (surroundings) => replayRuns(io, storedRuns(io, surroundings, what), bundle));
}

async function replayRuns(io: Io, runs: AsyncIterable<NamedRun>, bundle: string | undefined): Promise<boolean> {
  const counts = { same: 0, differs: 0, failed: 0 };
  for await (const { run, report } of replayAndJudge(await loadWorkflowCode(io.env, bundle), runs)) {
    counts[report.verdict] += 1;
    printReplay(io, run.name, report);
  }
  io.out(`${counts.same} the same, ${counts.differs} differ (written by another build), ${counts.failed} failed`);
  return counts.failed === 0;
}

async function* runsInFiles(io: Io, files: string[]): AsyncGenerator<NamedRun> {
  for (const file of files) {
    const { runs, missing } = parsed(file, await readText(file));
    for (const run of missing) printUnavailable(io, run);
    for (const run of runs) yield { ...run, name: `${file}, run ${run.runId}` };
  }
}

function parsed(file: string, text: string): Parsed {
  try {
    return parseReplayable(text);
  } catch {
    throw new Unusable(`${file} holds no history.`);
  }
}

async function* storedRuns(
  io: Io,
  surroundings: Surroundings,
  what: { conversations: ActorId[] } | { account: string },
): AsyncGenerator<NamedRun> {
  const ids = 'account' in what ? await conversationsOf(surroundings, what.account) : what.conversations;
  for (const id of ids) {
    const gathered: GatheredRun[] = await gatherRuns(surroundings, id);
    const events = await inSnapshot(surroundings.pool, id.accountId, (tx) =>
      readEvents(tx, id.accountId, id.conversationId),
    );
    for (const one of gathered) {
      const { run, history } = one;
      if (history === null) printUnavailable(io, one);
      else yield { runId: run.runId, history: history.content, events, name: `${id.conversationId}, run ${run.runId}` };
    }
  }
}

async function conversationsOf({ pool }: Surroundings, accountId: string): Promise<ActorId[]> {
  const ids = await inSnapshot(pool, accountId, (tx) => readConversationsWithRuns(tx, accountId));
  return ids.map((conversationId) => ({ accountId, conversationId }));
}
