import type { GatheredRun } from '../../audit/histories.ts';
import type { RunReport } from '../../audit/replays.ts';
import { oneLine, styled, type Io, type Style } from '../io.ts';

const styles: Record<RunReport['verdict'], Style> = { same: 'green', differs: 'yellow', failed: 'red' };

/** `name`: of the run, or of the file that it was read from. */
export function printReplay(io: Io, name: string, report: RunReport): void {
  const builds = report.builds.length > 0 ? ` (build ${report.builds.join(', ')})` : '';
  const verdict = styled(io, styles[report.verdict], report.verdict);
  io.out(oneLine(`Replay    ${name}${builds}: `) + `${verdict}${tail(report)}`);
}

export function printUnavailable(io: Io, { run, says }: GatheredRun): void {
  io.out(oneLine(`Replay    run ${run.runId} (build ${run.build}): not replayed, ${says}`));
}

function tail({ parting, decisions, compared }: RunReport): string {
  if (parting === null) return compared > 0 ? `, ${decisions} decisions` : `, ${decisions} decisions (order only)`;
  const { version, events, says } = parting;
  const types = events.map(({ no, type }) => `${no} ${type}`).join(', ');
  const decision = version === null ? 'the first decision' : `decision ${version}${types && ` (events: ${types})`}`;
  return oneLine(`, at ${decision}: ${says}`);
}
