import type { Problem } from '../../audit/chain.ts';
import type { GatheredRun } from '../../audit/histories.ts';
import type { StoredConversation } from '../../audit/stored.ts';
import { problemsIn, type Verification } from '../../audit/verify.ts';
import { oneLine, styled, type Io } from '../io.ts';

export function printVerification(
  io: Io,
  stored: StoredConversation,
  runs: GatheredRun[],
  verification: Verification,
): void {
  const { chain, words, unanchored } = verification;
  const problems = problemsIn(verification);
  if (chain.problems.length === 0) io.out(`Chain     ${chain.entries} events, and every link is right`);
  if (words.problems.length === 0) {
    io.out(
      `Words     ${words.intact} messages are as they were written${words.erased ? `, ${words.erased} erased` : ''}`,
    );
  }
  if (verification.fold.length === 0)
    io.out('State     the row that the actor goes on from is what the events fold to');
  io.out(`Anchors   ${anchors(verification, runs)}`);
  if (unanchored) io.out(`          ${range(unanchored.from, unanchored.to)}: nothing anchors this yet`);
  for (const { seq, error } of stored.parked.filter(({ resumedAt }) => resumedAt === null)) {
    io.out(styled(io, 'yellow', oneLine(`Parked    input ${seq ?? 'without a place'} could not be decided: ${error}`)));
  }
  for (const problem of problems) io.out(styled(io, 'red', oneLine(`WRONG     ${describeProblem(problem)}`)));
}

/** Whose word the anchors are: what stands in our own database could have been changed together with the rows. */
function anchors({ chain }: Verification, runs: GatheredRun[]): string {
  if (chain.heads === 0) return 'no history is at hand that holds a head of the chain';
  const [outside, inside] = [chain.anchoredOutsideTo, chain.anchoredTo];
  const heads = `${chain.heads} heads in the histories of ${runs.filter(({ history }) => history !== null).length} runs`;
  if (outside === inside) return `${heads}; Temporal itself vouches for every event up to ${outside}`;
  const exported = `exported ones, which stand in the same database, up to ${inside}`;
  return outside === 0 ? `${heads}: ${exported}` : `${heads}: Temporal itself up to event ${outside}, ${exported}`;
}

function describeProblem({ no, upTo, says }: Problem): string {
  return no === null ? says : `${range(no, upTo ?? no)}: ${says}`;
}

function range(from: number, to: number): string {
  return from >= to ? `event ${from}` : `events ${from} to ${to}`;
}
