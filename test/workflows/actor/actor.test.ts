import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { Crash, createMemoryRecord } from './memory-record.ts';
import { quietMs } from './toy-core.ts';
import { add, createWorld, row, startToyActor } from './toy-actor.ts';

function setUp() {
  const memory = createMemoryRecord();
  const world = createWorld();
  return { memory, world, actor: startToyActor(memory, world) };
}

describe('inbox rows', () => {
  test('a batch is one record, and the version counts it once', async () => {
    const { memory, actor } = setUp();
    actor.deliver([row(1), row(2), row(3)]);
    await drain(actor);
    expect(memory.row).toMatchObject({ version: 1, seq: 3, state: { rows: [1, 2, 3] } });
  });

  test('a row is told from where on the rows are recorded with it, unless it is the first of them', async () => {
    const { memory, actor } = setUp();
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
    const { memory, actor } = setUp();
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    actor.deliver([row(1), row(2), row(3)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 2, 3]);
  });

  test('a gap is not taken; what is missing is asked for again', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(3), row(4)]);
    await drain(actor);
    expect(memory.row.version).toBe(0);
    expect(world.asked).toEqual([0]);
    actor.deliver([row(1), row(2), row(3), row(4)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 2, 3, 4]);
  });

  test('R10: a row whose decision throws is parked, and the rows after it go on', async () => {
    const { memory, actor } = setUp();
    actor.deliver([row(1), row(2, { poison: true }), row(3)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 3]);
    expect(memory.parked).toEqual([{ seq: 2, error: 'TypeError' }]);
  });

  test('a decision that makes a claim is recorded alone', async () => {
    const { memory, actor } = setUp();
    actor.deliver([row(1), row(2, { claim: true }), row(3)]);
    await drain(actor);
    expect(memory.recordings.map((recording) => recording.events.length)).toEqual([1, 1, 1]);
  });

  test('a refused claim of a row yields its fallback in the same place', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push('agent-at-limit');
    actor.deliver([row(1, { claim: true })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['ClaimRefused']);
  });
});

describe('commands', () => {
  test('B-7: the same key twice has one effect and one answer', async () => {
    const { memory, actor } = setUp();
    const answers = [actor.command('Add', add('k', 5)), actor.command('Add', add('k', 5))];
    await drain(actor);
    expect(await Promise.all(answers)).toEqual([
      { ok: true, code: null, total: 5 },
      { ok: true, code: null, total: 5 },
    ]);
    expect(memory.row.state?.total).toBe(5);
  });

  test('a command is not decided before the place that its sender had seen', async () => {
    const { memory, actor } = setUp();
    const answer = actor.command('Add', add('k', 5, { after: 2 }));
    await drain(actor);
    expect(memory.row.version).toBe(0);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    await answer;
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'RowTaken', 'Added']);
  });

  test('after 5 s it is decided anyway', async () => {
    const { world, actor } = setUp();
    const answer = actor.command('Add', add('k', 5, { after: 2 }));
    expect(actor.wakeAt()).toBe(5_001);
    world.now = 5_001;
    await drain(actor);
    expect(await answer).toMatchObject({ ok: true });
  });

  test('a refusal of the record becomes a rejection with its code', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push('agent-at-limit');
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    expect(await answer).toEqual({ ok: false, code: 'agent-at-limit', total: null });
    expect(memory.row.version).toBe(0);
  });

  test('a rejected signal leaves its outcome, since nobody waited for it', async () => {
    const { memory, actor } = setUp();
    actor.signal('Add', add('k', 500));
    await drain(actor);
    expect(memory.outcomes.get('k')).toMatchObject({ ok: false, code: 'over-the-limit' });
  });

  test('R10: a command whose decision throws is parked, and its sender is told so', async () => {
    const { memory, actor } = setUp();
    const answer = actor.command('Add', add('k', 5, { poison: true }));
    await drain(actor);
    expect(await answer).toMatchObject({ ok: false, code: 'parked' });
    expect(memory.parked).toEqual([{ seq: null, error: 'TypeError' }]);
    expect(memory.outcomes.get('k')).toMatchObject({ ok: false, code: 'parked' });
  });

  test('the preview says no only where nothing is in hand, and lets a repeat through', async () => {
    const { actor } = setUp();
    expect(actor.preview(add('a', 500))).toMatchObject({ code: 'over-the-limit' });
    actor.deliver([row(1)]);
    expect(actor.preview(add('a', 500))).toBeNull();
    const first = actor.command('Add', add('b', 100));
    await drain(actor);
    await first;
    expect(actor.preview(add('b', 100))).toBeNull();
    expect(actor.preview(add('c', 1))).toMatchObject({ code: 'over-the-limit' });
  });
});

/** As many as one input is refused, in turns: a shell that waits for the same refusal twice would go on for ever. */
const refusals = ['agent-at-limit', 'context-changed', 'group-unknown', 'context-changed'];

test('facts that have changed are a refusal like any other to who asked for none', async () => {
  const { memory, actor } = setUp();
  memory.refuseNext.push('context-changed', 'context-changed');
  actor.deliver([row(1)]);
  await drain(actor);
  expect(memory.events).toMatchObject([{ type: 'ClaimRefused', seq: 1 }]);
});

describe('an input that the record refuses whatever is decided', () => {
  test('R10: a row is parked in its place, and the rows after it go on', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push('taken', ...refusals);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: 1, error: 'context-changed' }]);
    expect(memory.row).toMatchObject({ seq: 2, state: { rows: [2] } });
  });

  test('R10: a command whose facts change all the while is rejected', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push(...refusals.map(() => 'context-changed'));
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    expect(await answer).toEqual({ ok: false, code: 'context-changed', total: null });
    expect(memory.row.version).toBe(0);
  });

  test('R10: a command that is decided the same after each refusal is rejected with the last', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push('agent-at-limit', 'taken', 'agent-at-limit', 'taken');
    const answer = actor.command('Add', add('k', 5, { stubborn: true }));
    await drain(actor);
    expect(await answer).toEqual({ ok: false, code: 'taken', total: null });
  });

  test('R10: a signalled one leaves the rejection under its key', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push('agent-at-limit', 'taken', 'agent-at-limit', 'taken');
    actor.signal('Add', add('k', 5, { stubborn: true }));
    await drain(actor);
    expect(memory.outcomes.get('k')).toEqual({ ok: false, code: 'taken', total: null });
  });

  test('R10: an outcome of work is parked, and its work is not done again and again', async () => {
    const { memory, world, actor } = setUp();
    let finish: (value: unknown) => void = () => undefined;
    world.perform = () => new Promise((resolve) => (finish = resolve));
    actor.deliver([row(1)]);
    await drain(actor);
    memory.refuseNext.push(...refusals);
    finish(null);
    await Promise.resolve();
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: null, error: 'context-changed' }]);
    expect(world.performed).toEqual(['work:1']);
  });

  test('R10: what no table takes is parked at once', async () => {
    const { memory, actor } = setUp();
    memory.refuseNext.push('unrecordable');
    actor.deliver([row(1)]);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: 1, error: 'unrecordable' }]);
  });
});

describe('another try that got further', () => {
  test('a command is decided anew on what stands, and a deadline that is due by then fires before it', async () => {
    const { memory, world, actor } = setUp();
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
    const { memory, world, actor } = setUp();
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

describe('time', () => {
  test('R11: a deadline fires before an input that is later, with its own time', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs + 5;
    actor.deliver([row(2, { at: 10 + quietMs + 1 })]);
    await drain(actor);
    expect(memory.events.map((event) => [event.type, event.at])).toEqual([
      ['RowTaken', 10],
      ['WentQuiet', 10 + quietMs],
      ['RowTaken', 10 + quietMs + 1],
    ]);
  });

  test('R11: an input stored before a deadline and delivered after it breaks the silence', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs + 500;
    memory.refuseNext.push('inbox-waiting');
    await drain(actor);
    expect(actor.wakeAt()).toBe(world.now + 1_000);
    actor.deliver([row(2, { at: 10 + quietMs })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'RowTaken']);
  });

  test('R11: among rows that a deadline waited for, it fires where its time is', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs + 500;
    memory.refuseNext.push('inbox-waiting');
    await drain(actor);
    actor.deliver([row(2, { at: 20, refused: 'breaks no silence' }), row(3, { at: 10 + quietMs + 1 })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'ClaimRefused', 'WentQuiet', 'RowTaken']);
  });

  test('R11: a row that was stored before a deadline breaks the silence, also where a command was decided before it', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs + 500;
    memory.refuseNext.push('inbox-waiting');
    await drain(actor);
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    await answer;
    actor.deliver([row(2, { at: 10 + quietMs })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'Added', 'RowTaken']);
  });

  test('time never runs backwards: a deadline that waited for a row until after a later command counts from that', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs + 500;
    memory.refuseNext.push('inbox-waiting');
    await drain(actor);
    void actor.command('Add', add('k', 5));
    await drain(actor);
    actor.deliver([row(2, { at: 20, refused: 'breaks no silence' })]);
    await drain(actor);
    expect(memory.events.map((event) => [event.type, event.at])).toEqual([
      ['RowTaken', 10],
      ['Added', 10 + quietMs + 500],
      ['ClaimRefused', 10 + quietMs + 500],
      ['WentQuiet', 10 + quietMs + 500],
    ]);
  });

  test('a deadline that the record refuses whatever is decided is parked, and does not fire for ever', async () => {
    const { memory, world, actor } = setUp();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs;
    memory.refuseNext.push(...refusals);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: null, error: 'context-changed' }]);
    expect(actor.hasWork()).toBe(false);
    expect(actor.wakeAt()).toBeNull();
  });

  test('time never runs backwards: a row with an older time counts from the last', async () => {
    const { memory, actor } = setUp();
    actor.deliver([row(1, { at: 50 }), row(2, { at: 20 })]);
    await drain(actor);
    expect(memory.events.map((event) => event.at)).toEqual([50, 50]);
  });
});

describe('crashes', () => {
  test('a record whose answer was lost is adopted: nothing is decided twice', async () => {
    const { memory, world, actor } = setUp();
    memory.crash = 'after';
    actor.deliver([row(1), row(2)]);
    await expect(drain(actor)).rejects.toBeInstanceOf(Crash);
    const next = startToyActor(memory, world);
    next.deliver([row(1), row(2), row(3)]);
    await drain(next);
    expect(memory.row.state?.rows).toEqual([1, 2, 3]);
  });

  test('another try that got further wins: its row is adopted and the rest decided anew', async () => {
    const { memory, world, actor } = setUp();
    const other = startToyActor(memory, world);
    other.deliver([row(1)]);
    await drain(other);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.row.state?.rows).toEqual([1, 2]);
    expect(memory.row.version).toBe(2);
  });

  test('a command that was recorded and not answered gets its stored outcome after the restart', async () => {
    const { memory, world, actor } = setUp();
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
    const { memory, world, actor } = setUp();
    actor.deliver([row(1)]);
    await drain(actor);
    startToyActor(memory, world);
    expect(world.performed).toEqual(['work:1', 'work:1']);
  });
});

describe('lanes', () => {
  test('work that must wait is looked after when it may be done, and not all the while', async () => {
    const { memory, actor } = setUp();
    actor.deliver([row(1, { delay: 89 })]);
    await drain(actor);
    expect(memory.recordings.at(-1)?.wakeAt).toBe(90);
    actor.deliver([row(2)]);
    await drain(actor);
    expect(memory.recordings.at(-1)?.wakeAt).toBe(2);
  });

  test('work whose outcome is in hand does not start again before that is taken', async () => {
    const { memory, world, actor } = setUp();
    world.perform = () => Promise.resolve(null);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.row.state?.done).toBe(2);
    expect(world.performed).toEqual(['work:1', 'work:2']);
  });

  test('work that may not start yet starts at its time, without another input', async () => {
    const { world, actor } = setUp();
    actor.deliver([row(1, { at: 10, delay: 500 })]);
    await drain(actor);
    expect(world.performed).toEqual([]);
    expect(actor.wakeAt()).toBe(510);
    world.now = 510;
    await drain(actor);
    expect(world.performed).toEqual(['work:1']);
  });

  test('R10: an outcome that throws is parked, and its work is not done again and again', async () => {
    const { memory, world, actor } = setUp();
    world.perform = (work) => Promise.resolve(work.no === 1 ? 'poison' : null);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: null, error: 'RangeError' }]);
    expect(world.performed).toEqual(['work:1', 'work:2']);
    expect(memory.row.state?.done).toBe(1);
  });

  test('work that is out holds up no decision, and the next of its lane starts when it is done', async () => {
    const { memory, world, actor } = setUp();
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
