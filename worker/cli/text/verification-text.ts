import type { Evidence } from '../../audit/evidence.ts';
import { problemsIn, type Verification } from '../../audit/verify.ts';
import { oneLine, styled, type Io } from '../io.ts';
import { anchorsOf } from './anchors-text.ts';
import { describeProblem, range } from './problem-text.ts';

export function printVerification(io: Io, evidence: Evidence, verification: Verification): void {
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
  for (const [index, line] of anchorsOf(evidence, verification).entries()) {
    io.out(oneLine(`${index === 0 ? 'Anchors ' : '        '}  ${line}`));
  }
  if (unanchored) io.out(`          ${range(unanchored.from, unanchored.to)}: nothing anchors this yet`);
  for (const { seq, error } of evidence.stored.parked.filter(({ resumedAt }) => resumedAt === null)) {
    io.out(styled(io, 'yellow', oneLine(`Parked    input ${seq ?? 'without a place'} could not be decided: ${error}`)));
  }
  tellOfStale(io, evidence);
  for (const problem of problems) io.out(styled(io, 'red', oneLine(`WRONG     ${describeProblem(problem)}`)));
}

/** Nothing is wrong with the record; but words that were erased are somewhere still, unless somebody has seen to it. */
export function tellOfStale(io: Io, { toDelete }: Pick<Evidence, 'toDelete'>): void {
  for (const { file, madeAt, madeBy } of toDelete) {
    const who = madeBy === null ? '' : ` by ${madeBy}`;
    const says = `Delete    ${file}, exported at ${new Date(madeAt).toISOString()}${who}: words in it have been erased since`;
    io.out(styled(io, 'yellow', oneLine(says)));
  }
}
