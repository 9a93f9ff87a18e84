import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { add, row, setUpToy } from './toy-actor.ts';

describe('commands', () => {
  test('B-7: the same key twice has one effect and one answer', async () => {
    const { memory, actor } = setUpToy();
    const answers = [actor.command('Add', add('k', 5)), actor.command('Add', add('k', 5))];
    await drain(actor);
    expect(await Promise.all(answers)).toEqual([
      { ok: true, code: null, total: 5 },
      { ok: true, code: null, total: 5 },
    ]);
    expect(memory.row.state?.total).toBe(5);
  });

  test('a command is not decided before the place that its sender had seen', async () => {
    const { memory, actor } = setUpToy();
    const answer = actor.command('Add', add('k', 5, { after: 2 }));
    await drain(actor);
    expect(memory.row.version).toBe(0);
    actor.deliver([row(1), row(2)]);
    await drain(actor);
    await answer;
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'RowTaken', 'Added']);
  });

  test('after 5 s it is decided anyway', async () => {
    const { world, actor } = setUpToy();
    const answer = actor.command('Add', add('k', 5, { after: 2 }));
    expect(actor.wakeAt()).toBe(5_001);
    world.now = 5_001;
    await drain(actor);
    expect(await answer).toMatchObject({ ok: true });
  });

  test('a refusal of the record becomes a rejection with its code', async () => {
    const { memory, actor } = setUpToy();
    memory.refuseNext.push('agent-at-limit');
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    expect(await answer).toEqual({ ok: false, code: 'agent-at-limit', total: null });
    expect(memory.row.version).toBe(0);
  });

  test('a rejected signal leaves its outcome, since nobody waited for it', async () => {
    const { memory, actor } = setUpToy();
    actor.signal('Add', add('k', 500));
    await drain(actor);
    expect(memory.outcomes.get('k')).toMatchObject({ ok: false, code: 'over-the-limit' });
  });

  test('R10: a command whose decision throws is parked, and its sender is told so', async () => {
    const { memory, actor } = setUpToy();
    const answer = actor.command('Add', add('k', 5, { breaks: 'decide' }));
    await drain(actor);
    expect(await answer).toMatchObject({ ok: false, code: 'parked' });
    expect(memory.parked).toEqual([{ seq: null, error: 'TypeError' }]);
    expect(memory.outcomes.get('k')).toMatchObject({ ok: false, code: 'parked' });
  });

  test('the preview says no only where nothing is in hand, and lets a repeat through', async () => {
    const { actor } = setUpToy();
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
