import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { add, row, setUpToy } from './toy-actor.ts';

describe('lanes', () => {
  test('work that must wait is looked after when it may be done, and not all the while', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1, { delay: 89 })]);
    await drain(actor);
    expect(memory.recordings.at(-1)?.wakeAt).toBe(90);
    actor.deliver([row(2)]);
    await drain(actor);
    expect(memory.recordings.at(-1)?.wakeAt).toBe(2);
  });

  test('work whose outcome is in hand does not start again before that is taken', async () => {
    const { memory, world, actor } = setUpToy();
    world.perform = () => Promise.resolve(null);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.row.state?.done).toBe(2);
    expect(world.performed).toEqual(['work:1', 'work:2']);
  });

  test('work that may not start yet starts at its time, without another input', async () => {
    const { world, actor } = setUpToy();
    actor.deliver([row(1, { at: 10, delay: 500 })]);
    await drain(actor);
    expect(world.performed).toEqual([]);
    expect(actor.wakeAt()).toBe(510);
    world.now = 510;
    await drain(actor);
    expect(world.performed).toEqual(['work:1']);
  });

  test('R10: an outcome that throws is parked, and its work is not done again and again', async () => {
    const { memory, world, actor } = setUpToy();
    world.perform = (work) => Promise.resolve(work.no === 1 ? 'poison' : null);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: null, error: 'RangeError' }]);
    expect(world.performed).toEqual(['work:1', 'work:2']);
    expect(memory.row.state?.done).toBe(1);
  });

  test('work that is out holds up no decision, and the next of its lane starts when it is done', async () => {
    const { memory, world, actor } = setUpToy();
    let finish: (value: unknown) => void = () => undefined;
    world.perform = (work) =>
      work.no === 1 ? new Promise((resolve) => (finish = resolve)) : new Promise(() => undefined);
    actor.deliver([row(1), row(2), row(3)]);
    await drain(actor);
    const answer = actor.command('Add', add('k', 1));
    await drain(actor);
    expect(await answer).toMatchObject({ ok: true });
    expect(world.performed).toEqual(['work:1', 'work:2']);
    finish(null);
    await Promise.resolve();
    await drain(actor);
    expect(memory.row.state?.done).toBe(1);
    expect(world.performed).toEqual(['work:1', 'work:2', 'work:3']);
  });
});
