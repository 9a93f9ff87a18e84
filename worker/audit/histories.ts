/**
 * The histories of a conversation's runs, from wherever they can be had: Temporal itself while it keeps them, else their
 * exports. Where both are at hand they must be the same text.
 */
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { canonicalText } from '../../store/chain.ts';
import type { Run } from '../../store/runs.ts';
import type { Head, Problem } from './chain.ts';
import { headsIn, parseHistory, sha256Of, unpackHistory } from './history.ts';

export interface GatheredHistory {
  content: History;
  from: 'Temporal' | 'export' | 'file';
  /** As it was stored, which its hash is of. */
  text: string;
}

export interface GatheredRun {
  run: Run;
  /** null: it can't be had; `says` tells why. */
  history: GatheredHistory | null;
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
    const text = historyToJSON(own);
    const same = !stored?.history || sameHistory(stored.history.text, text);
    const problem = says(`the exported history of run ${run.runId} is not the one that Temporal has`);
    return {
      run,
      history: { content: own, from: 'Temporal', text },
      says: run.exportedAt === null ? 'from Temporal, not exported' : 'from Temporal, and exported',
      problems: same ? problems : [...problems, problem],
    };
  }
  if (stored?.history) return { run, history: { ...stored.history, from: 'export' }, says: 'exported', problems };
  return { run, history: null, says: missing(run, fetchRun !== null), problems };
}

/** Heads as anchors: only those of Temporal's own copy stand where whoever has the rows can't write. */
export function headsOf({ run, history }: GatheredRun): Head[] {
  if (history === null) return [];
  const holder = { Temporal: 'Temporal', export: 'the export', file: 'the history' }[history.from];
  return headsIn(history.content).map((head) => ({
    ...head,
    where: `${holder} of run ${run.runId} (${head.where})`,
    by: history.from === 'Temporal' ? 'Temporal' : 'beside',
  }));
}

/** A history that came with the rest of a conversation, in a file of ours. */
export function openFiledHistory(run: Run, filed: Uint8Array | null, saysWhy: string): GatheredRun {
  if (filed === null) return { run, history: null, says: saysWhy, problems: [] };
  const { history, problems } = openExport(run, filed);
  const told = history === null ? 'in the file, where it can not be read' : 'in the file';
  return { run, history: history && { ...history, from: 'file' }, says: told, problems };
}

/** As values: the members of a marker come in any order, each time another. */
function sameHistory(a: string, b: string): boolean {
  return canonicalText(JSON.parse(a)) === canonicalText(JSON.parse(b));
}

interface OpenedExport {
  history: Pick<GatheredHistory, 'content' | 'text'> | null;
  problems: Problem[];
}

function openExport(run: Run, exported: Uint8Array): OpenedExport {
  try {
    const text = unpackHistory(exported);
    const problem = says(`the exported history of run ${run.runId} is not what its hash says`);
    return { history: { content: parseHistory(text), text }, problems: sha256Of(text) === run.sha256 ? [] : [problem] };
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
