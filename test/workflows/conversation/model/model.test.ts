import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../support/num-runs.ts';
import { walk } from './walk.ts';
import { channels, moves } from './moves.ts';

test('R12: no random sequence breaks an invariant, and nothing throws', { timeout: 1_200_000 }, () => {
  fc.assert(
    fc.property(channels, fc.array(moves, { maxLength: 60, size: 'max' }), (channel, sequence) => {
      expect(walk(channel, sequence)).toBeDefined();
    }),
    { numRuns: numRuns({ here: 1_000, inCi: 10_000 }) },
  );
});
