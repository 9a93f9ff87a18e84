import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { walk } from './walk.ts';
import { channels, moves } from './moves.ts';

const numRuns = process.env['CI'] === 'true' ? 10_000 : 1_000;

test('R12: no random sequence breaks an invariant, and nothing throws', { timeout: 1_200_000 }, () => {
  fc.assert(
    fc.property(channels, fc.array(moves, { maxLength: 60, size: 'max' }), (channel, sequence) => {
      expect(walk(channel, sequence)).toBeDefined();
    }),
    { numRuns },
  );
});
