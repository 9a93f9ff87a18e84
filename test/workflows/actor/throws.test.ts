/** R10: whichever function of the core throws at an input, that input is parked, and what comes after it goes on. */
import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { add, row, setUpToy } from './toy-actor.ts';
import type { Breaks } from './toy-core.ts';

const everywhere: Breaks[] = ['needsContext', 'withContext', 'decide', 'evolve', 'deadlines', 'pending'];

describe.each(everywhere)('R10: a throw in `%s`', (breaks) => {
  test.each([
    ['first', 1],
    ['amid others', 2],
  ])('parks a row that comes %s', async (_, seq) => {
    const { memory, actor } = setUpToy();
    actor.deliver([1, 2, 3].map((place) => row(place, place === seq ? { breaks } : {})));
    await drain(actor);
    expect(memory.parked).toEqual([{ seq, error: 'TypeError' }]);
    expect(memory.row).toMatchObject({ seq: 3, state: { rows: [1, 2, 3].filter((place) => place !== seq) } });
  });

  test('parks a command, whose sender is told', async () => {
    const { memory, actor } = setUpToy();
    const command = add('k', 5, { breaks });
    expect(actor.preview(command)).toBeNull();
    const answers = [actor.command('Add', command), actor.command('Add', add('next', 7))];
    await drain(actor);
    expect(await Promise.all(answers)).toMatchObject([{ code: 'parked' }, { ok: true, total: 7 }]);
    expect(memory.parked).toEqual([{ seq: null, error: 'TypeError' }]);
  });

  test('parks a signalled command, and its key says so', async () => {
    const { memory, actor } = setUpToy();
    actor.signal('Add', add('k', 5, { breaks }));
    await drain(actor);
    expect(memory.parked).toEqual([{ seq: null, error: 'TypeError' }]);
    expect(memory.outcomes.get('k')).toMatchObject({ ok: false, code: 'parked' });
  });
});

test('R10: one in `inRun` parks the row', async () => {
  const { memory, actor } = setUpToy();
  actor.deliver([row(1), row(2, { breaks: 'inRun' }), row(3)]);
  await drain(actor);
  expect(memory.parked).toEqual([{ seq: 2, error: 'TypeError' }]);
  expect(memory.row).toMatchObject({ seq: 3, state: { rows: [1, 3] } });
});

test('R10: one in `withRefusal` parks the row that was refused', async () => {
  const { memory, actor } = setUpToy();
  memory.refuseNext.push('taken');
  actor.deliver([row(1, { breaks: 'withRefusal', claim: true }), row(2)]);
  await drain(actor);
  expect(memory.parked).toEqual([{ seq: 1, error: 'TypeError' }]);
  expect(memory.row).toMatchObject({ seq: 2, state: { rows: [2] } });
});

test('R10: one in `onDone` parks the outcome, and its work is not done again and again', async () => {
  const { memory, world, actor } = setUpToy();
  world.perform = () => Promise.resolve('unreadable');
  actor.deliver([row(1)]);
  await drain(actor);
  await Promise.resolve();
  await drain(actor);
  expect(memory.parked).toEqual([{ seq: null, error: 'SyntaxError' }]);
  expect(world.performed).toEqual(['work:1']);
});
