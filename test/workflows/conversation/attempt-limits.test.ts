import { expect, test } from 'vitest';
import * as limits from '../../../workflows/conversation/attempt-limits.ts';

test('whoever waits for an attempt waits longer than whom it waits for', () => {
  const { attemptMs, windUpMs, sendMs, settledMs, activityMs, goneMs } = limits;
  const orchestratorsKillMs = 30_000;
  expect(2 * (sendMs + windUpMs)).toBeLessThanOrEqual(attemptMs);
  expect(attemptMs + windUpMs).toBeLessThan(settledMs);
  expect(settledMs).toBeLessThan(activityMs);
  expect(activityMs).toBeLessThan(goneMs);
  expect(goneMs).toBeLessThan(orchestratorsKillMs);
});

test('a worker says several times that it is alive before it is taken for dead, and an attempt may take longer than that', () => {
  expect(limits.beatMs * 3).toBeLessThan(limits.silentMs);
  expect(limits.silentMs).toBeLessThan(limits.attemptMs);
});
