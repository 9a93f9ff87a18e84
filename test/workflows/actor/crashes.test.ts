import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { Crash } from './memory-record.ts';
import { quietMs } from './toy-core.ts';
import { add, row, setUpToy, startToyActor } from './toy-actor.ts';

describe('another try that got further', () => {
  test('a command is decided anew on what stands, and a deadline that is due by then fires before it', async () => {
    const { memory, world, actor } = setUpToy();
    const other = startToyActor(memory, world);
    other.deliver([row(1, { at: 10 })]);
    await drain(other);
    world.now = 10 + quietMs;
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    expect(await answer).toMatchObject({ ok: true, total: 5 });
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'WentQuiet', 'Added']);
  });

  test('an outcome of work that it has settled comes to nothing', async () => {
    const { memory, world, actor } = setUpToy();
    let finish: (value: unknown) => void = () => undefined;
    world.perform = () => new Promise((resolve) => (finish = resolve));
    actor.deliver([row(1)]);
    await drain(actor);
    world.perform = () => Promise.resolve(null);
    const other = startToyActor(memory, world);
    await Promise.resolve();
    await drain(other);
    finish(null);
    await Promise.resolve();
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'WorkSettled']);
    expect(actor.state).toEqual(memory.row.state);
  });
});

describe('crashes', () => {
  test('a record whose answer was lost is adopted: nothing is decided twice', async () => {
    const { memory, world, actor } = setUpToy();
    memory.crash = 'after';
    actor.deliver([row(1), row(2)]);
    await expect(drain(actor)).rejects.toBeInstanceOf(Crash);
    const next = startToyActor(memory, world);
    next.deliver([row(1), row(2), row(3)]);
    await drain(next);
    expect(memory.row.state?.rows).toEqual([1, 2, 3]);
  });

  test('another try that got further wins: its row is adopted and the rest decided anew', async () => {
    const { memory, world, actor } = setUpToy();
    const other = startToyActor(memory, world);
    other.deliver([row(1)]);
    await drain(other);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 2]);
    expect(memory.row.version).toBe(2);
  });

  test('a command that was recorded and not answered gets its stored outcome after the restart', async () => {
    const { memory, world, actor } = setUpToy();
    memory.crash = 'after';
    void actor.command('Add', add('k', 7));
    await expect(drain(actor)).rejects.toBeInstanceOf(Crash);
    const next = startToyActor(memory, world);
    const answer = next.command('Add', add('k', 7));
    await drain(next);
    expect(await answer).toMatchObject({ ok: true, total: 7 });
    expect(memory.row.state?.total).toBe(7);
  });

  test('what was pending runs again under the same id', async () => {
    const { memory, world, actor } = setUpToy();
    actor.deliver([row(1)]);
    await drain(actor);
    startToyActor(memory, world);
    expect(world.performed).toEqual(['work:1', 'work:1']);
  });
});
