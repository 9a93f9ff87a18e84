import type { Problem } from '../../audit/chain.ts';

export function describeProblem({ no, upTo, says }: Problem): string {
  return no === null ? says : `${range(no, upTo ?? no)}: ${says}`;
}

export function range(from: number, to: number): string {
  return from >= to ? `event ${from}` : `events ${from} to ${to}`;
}
