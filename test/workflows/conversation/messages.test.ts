import { expect, test } from 'vitest';
import { readBatch } from '../../../workflows/conversation/messages.ts';

const row = { seq: 1, at: 10, type: 'CustomerWrote', messageId: 'm' };

test('a batch of the courier is read as it is', () => {
  expect(readBatch({ from: 1, rows: [row] })).toEqual({ from: 1, rows: [row] });
});

test.each([
  undefined,
  null,
  'text',
  [],
  {},
  { from: 1 },
  { from: 1, rows: 'none' },
  { from: 1, rows: [] },
  { from: 1, rows: [null] },
  { from: 'one', rows: [row] },
  { from: 1, rows: [{ ...row, seq: 1.5 }] },
  { from: 1, rows: [{ ...row, at: undefined }] },
  { from: 1, rows: [row, { ...row, type: 7 }] },
])('R10: a signal that is no batch (%j) is dropped, and stops no conversation', (argument) => {
  expect(readBatch(argument)).toBeNull();
});
