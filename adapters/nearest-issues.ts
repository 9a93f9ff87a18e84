/**
 * What is wrong with something that could have been one thing or another: what the nearest of them lacks, and not only that
 * it is none of them.
 */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** `say`: an issue in words, for where two are as near; its path begins where they do. */
export function nearestIssues(issues: readonly Issue[], say: (issue: Issue) => string): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
    const choices = issue.errors.map((errors) => nearestIssues(errors, say));
    const fewest = Math.min(...choices.map(({ length }) => length));
    const nearest = choices.filter(({ length }) => length === fewest);
    const [one = []] = nearest;
    if (nearest.length === 1 || fewest > 1)
      return one.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    const message = [...new Set(nearest.flat().map(say))].join(', or ');
    return [{ code: 'custom', path: issue.path, input: undefined, message }];
  });
}
