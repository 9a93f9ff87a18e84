import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { row, setUpToy } from './toy-actor.ts';

describe('inbox rows', () => {
  test('a batch is one record, and the version counts it once', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1), row(2), row(3)]);
    await drain(actor);
    expect(memory.row).toMatchObject({ version: 1, seq: 3, state: { rows: [1, 2, 3] } });
  });

  test('a row is told from where on the rows are recorded with it, unless it is the first of them', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1)]);
    await drain(actor);
    actor.deliver([row(2), row(3), row(4, { claim: true }), row(5)]);
    await drain(actor);
    expect(memory.recordings.map(({ events }) => events.map(({ event }) => event))).toMatchObject([
      [{ seq: 1, runFrom: null }],
      [
        { seq: 2, runFrom: null },
        { seq: 3, runFrom: 2 },
      ],
      [{ seq: 4, runFrom: null }],
      [{ seq: 5, runFrom: null }],
    ]);
  });

  test('an overlapping batch is skipped up to what was taken', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    actor.deliver([row(1), row(2), row(3)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 2, 3]);
  });

  test('a gap is not taken; what is missing is asked for again', async () => {
    const { memory, world, actor } = setUpToy();
    actor.deliver([row(3), row(4)]);
    await drain(actor);
    expect(memory.row.version).toBe(0);
    expect(world.asked).toEqual([0]);
    actor.deliver([row(1), row(2), row(3), row(4)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 2, 3, 4]);
  });

  test('R10: a row whose decision throws is parked, and the rows after it go on', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1), row(2, { breaks: 'decide' }), row(3)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 3]);
    expect(memory.parked).toEqual([{ seq: 2, error: 'TypeError' }]);
  });

  test('a decision that makes a claim is recorded alone', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1), row(2, { claim: true }), row(3)]);
    await drain(actor);
    expect(memory.recordings.map((recording) => recording.events.length)).toEqual([1, 1, 1]);
  });

  test('a refused claim of a row yields its fallback in the same place', async () => {
    const { memory, actor } = setUpToy();
    memory.refuseNext.push('agent-at-limit');
    actor.deliver([row(1, { claim: true })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['ClaimRefused']);
  });
});
