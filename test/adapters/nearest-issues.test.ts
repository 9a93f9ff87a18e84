/** What a sender is told of something that could have been one thing or another. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { nearestIssues } from '../../adapters/nearest-issues.ts';
import { issuesOf } from '../../adapters/words.ts';

const target = z.union([z.strictObject({ agentId: z.uuid() }), z.strictObject({ groupId: z.uuid() })]);
const schema = z.object({ to: target });
const told = (input: unknown): string[] => {
  const { error } = schema.safeParse(input);
  const issues = nearestIssues(error?.issues ?? [], ({ path, message }) => [...path, message].join(': '));
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('of the one that is nearest, what is wrong with it', () => {
  expect(told({ to: { agentId: 5 } })).toEqual(['to.agentId: Invalid input: expected string, received number']);
  expect(told({ to: { groupId: 'x' } })).toEqual(['to.groupId: Invalid UUID']);
});

test('where two are as near, of both', () => {
  expect(told({ to: {} })).toEqual([
    'to: agentId: Invalid input: expected string, received undefined, or groupId: Invalid input: expected string, received undefined',
  ]);
  expect(told({ to: 7 })).toEqual(['to: Invalid input: expected object, received number']);
});

test('of what an outside system sent, codes and never a value', () => {
  const error = schema.safeParse({ to: { agentId: 'a secret', more: 'words' } }).error ?? new z.ZodError([]);
  expect(issuesOf(error).join()).toBe('to.agentId: invalid_format,to: unrecognized_keys');
  expect(issuesOf(schema.safeParse({ to: {} }).error ?? new z.ZodError([]))).toEqual([
    'to: agentId: invalid_type, or groupId: invalid_type',
  ]);
});
