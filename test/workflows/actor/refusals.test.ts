import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { quietMs } from './toy-core.ts';
import { add, row, setUpToy } from './toy-actor.ts';

const refusals = ['agent-at-limit', 'context-changed', 'group-unknown', 'context-changed'];

test('facts that have changed are a refusal like any other to who asked for none', async () => {
  const { memory, actor } = setUpToy();
  memory.refuseNext.push('context-changed', 'context-changed');
  actor.deliver([row(1)]);
  await drain(actor);
  expect(memory.events).toMatchObject([{ type: 'ClaimRefused', seq: 1 }]);
});

describe('an input that the record refuses whatever is decided', () => {
  test('R10: a row is parked in its place, and the rows after it go on', async () => {
    const { memory, actor } = setUpToy();
    memory.refuseNext.push('taken', ...refusals);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: 1, error: 'context-changed' }]);
    expect(memory.row).toMatchObject({ seq: 2, state: { rows: [2] } });
  });

  test('R10: a command whose facts change all the while is rejected', async () => {
    const { memory, actor } = setUpToy();
    memory.refuseNext.push(...refusals.map(() => 'context-changed'));
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    expect(await answer).toEqual({ ok: false, code: 'context-changed', total: null });
    expect(memory.row.version).toBe(0);
  });

  test('R10: a command that is decided the same after each refusal is rejected with the last', async () => {
    const { memory, actor } = setUpToy();
    memory.refuseNext.push('agent-at-limit', 'taken', 'agent-at-limit', 'taken');
    const answer = actor.command('Add', add('k', 5, { stubborn: true }));
    await drain(actor);
    expect(await answer).toEqual({ ok: false, code: 'taken', total: null });
  });

  test('R10: a signalled one leaves the rejection under its key', async () => {
    const { memory, actor } = setUpToy();
    memory.refuseNext.push('agent-at-limit', 'taken', 'agent-at-limit', 'taken');
    actor.signal('Add', add('k', 5, { stubborn: true }));
    await drain(actor);
    expect(memory.outcomes.get('k')).toEqual({ ok: false, code: 'taken', total: null });
  });

  test('R10: an outcome of work is parked, and its work is not done again and again', async () => {
    const { memory, world, actor } = setUpToy();
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
    const { memory, actor } = setUpToy();
    memory.refuseNext.push('unrecordable');
    actor.deliver([row(1)]);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: 1, error: 'unrecordable' }]);
  });

  test('R10: a deadline is parked, and does not fire for ever', async () => {
    const { memory, world, actor } = setUpToy();
    actor.deliver([row(1, { at: 10 })]);
    await drain(actor);
    world.now = 10 + quietMs;
    memory.refuseNext.push(...refusals);
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: null, error: 'context-changed' }]);
    expect(actor.hasWork()).toBe(false);
    expect(actor.wakeAt()).toBeNull();
  });
});
