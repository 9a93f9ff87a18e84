/**
 * The histories of a conversation's runs, from wherever they can be had: Temporal itself while it keeps them, else their
 * exports. Where both are at hand they must be the same text.
 */
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { canonicalText } from '../../store/chain.ts';
import type { Run } from '../../store/runs.ts';
import type { Head, Problem } from './chain.ts';
import { headsIn, parseHistory, sha256Of, unpackHistory } from './history.ts';

export interface GatheredRun {
  run: Run;
  /** null: it can't be had; `says` tells why. */
  history: { content: History; from: 'Temporal' | 'export' } | null;
  says: string;
  problems: Problem[];
}

/** Asks Temporal; null where it has the run no longer. */
export type FetchRun = (runId: string) => Promise<History | null>;

export async function gatherHistory(
  run: Run,
  exported: Uint8Array | null,
  fetchRun: FetchRun | null,
): Promise<GatheredRun> {
  const stored = exported === null ? null : openExport(run, exported);
  const own = fetchRun === null ? null : await fetchRun(run.runId);
  const problems = stored?.problems ?? [];
  if (own !== null) {
    const same = stored?.text === undefined || sameHistory(stored.text, historyToJSON(own));
    const problem = says(`the exported history of run ${run.runId} is not the one that Temporal has`);
    return {
      run,
      history: { content: own, from: 'Temporal' },
      says: run.exportedAt === null ? 'from Temporal, not exported' : 'from Temporal, and exported',
      problems: same ? problems : [...problems, problem],
    };
  }
  if (stored?.history) return { run, history: { content: stored.history, from: 'export' }, says: 'exported', problems };
  return { run, history: null, says: missing(run, fetchRun !== null), problems };
}

/** Heads as anchors: those of Temporal's own copy stand outside of our database. */
export function headsOf({ run, history }: GatheredRun): Head[] {
  if (history === null) return [];
  return headsIn(history.content).map((head) => ({
    ...head,
    where: `${history.from === 'Temporal' ? 'Temporal' : 'the export'} of run ${run.runId} (${head.where})`,
    outside: history.from === 'Temporal',
  }));
}

/** As values: the members of a marker come in any order, each time another. */
function sameHistory(a: string, b: string): boolean {
  return canonicalText(JSON.parse(a)) === canonicalText(JSON.parse(b));
}

interface OpenedExport {
  text?: string;
  history: History | null;
  problems: Problem[];
}

function openExport(run: Run, exported: Uint8Array): OpenedExport {
  try {
    const text = unpackHistory(exported);
    const problem = says(`the exported history of run ${run.runId} is not what its hash says`);
    return { text, history: parseHistory(text), problems: sha256Of(text) === run.sha256 ? [] : [problem] };
  } catch {
    return { history: null, problems: [says(`the exported history of run ${run.runId} can not be read`)] };
  }
}

function missing(run: Run, asked: boolean): string {
  if (run.goneAt !== null) return 'gone: Temporal no longer had it when it was to be exported';
  return asked
    ? 'gone: Temporal has it no longer, and it is not exported'
    : 'not exported yet, and Temporal was not asked';
}

function says(text: string): Problem {
  return { no: null, upTo: null, says: text };
}
