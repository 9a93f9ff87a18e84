import { describe, expect, test } from 'vitest';
import { drain } from '../../../workflows/actor/actor.ts';
import { quietMs } from './toy-core.ts';
import { add, row, setUpToy } from './toy-actor.ts';

/** The silence is over, and its deadline waits for a row that is stored and not here yet. */
async function quietButForARow(): Promise<ReturnType<typeof setUpToy>> {
  const toy = setUpToy();
  toy.actor.deliver([row(1, { at: 10 })]);
  await drain(toy.actor);
  toy.world.now = 10 + quietMs + 500;
  toy.memory.refuseNext.push('inbox-waiting');
  await drain(toy.actor);
  return toy;
}

/** Its first row has set off work, of which nothing has come yet. */
async function waitingForWork(): Promise<ReturnType<typeof setUpToy> & { answer(): Promise<void> }> {
  const toy = setUpToy();
  const answers: ((outcome: string) => void)[] = [];
  toy.world.perform = () => new Promise((resolve) => answers.push(resolve));
  toy.actor.deliver([row(1, { at: 10 })]);
  await toy.actor.step();
  return {
    ...toy,
    async answer() {
      answers[0]?.('done');
      await Promise.resolve();
    },
  };
}

describe('time', () => {
  test('R11: a deadline fires before an input that is later, with its own time', async () => {
    const { memory, world, actor } = setUpToy();
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
    const { memory, world, actor } = await quietButForARow();
    expect(actor.wakeAt()).toBe(world.now + 1_000);
    actor.deliver([row(2, { at: 10 + quietMs })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'RowTaken']);
  });

  test('R11: among rows that a deadline waited for, it fires where its time is', async () => {
    const { memory, actor } = await quietButForARow();
    actor.deliver([row(2, { at: 20, refused: 'breaks no silence' }), row(3, { at: 10 + quietMs + 1 })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'ClaimRefused', 'WentQuiet', 'RowTaken']);
  });

  test('R11: a row that was stored before a deadline breaks the silence, also where a command was decided before it', async () => {
    const { memory, actor } = await quietButForARow();
    const answer = actor.command('Add', add('k', 5));
    await drain(actor);
    await answer;
    actor.deliver([row(2, { at: 10 + quietMs })]);
    await drain(actor);
    expect(memory.events.map((event) => event.type)).toEqual(['RowTaken', 'Added', 'RowTaken']);
  });

  test('R11: what was stored before work came to something is taken before it, and keeps its time', async () => {
    const { memory, world, actor, answer } = await waitingForWork();
    // The worker was away until now, and all of it comes at once.
    world.now = 10 + quietMs + 500;
    await answer();
    actor.deliver([row(2, { at: 20 }), row(3, { at: 20 + quietMs + 1 })]);
    await drain(actor);
    expect(memory.events.map((event) => [event.type, event.at])).toEqual([
      ['RowTaken', 10],
      ['RowTaken', 20],
      ['WentQuiet', 20 + quietMs],
      ['RowTaken', 20 + quietMs + 1],
      ['WorkSettled', 10 + quietMs + 500],
    ]);
  });

  test('R11: so it is where work comes to something only after the silence has ended, and rows are still waiting', async () => {
    const { memory, world, actor, answer } = await waitingForWork();
    world.now = 10 + quietMs + 500;
    actor.deliver([row(2, { at: 10 + quietMs + 1 }), row(3, { at: 10 + quietMs + 2 })]);
    // One at a time, until the silence has ended.
    while (!memory.events.some((event) => event.type === 'WentQuiet')) await actor.step();
    await answer();
    await drain(actor);
    expect(memory.events.map((event) => [event.type, event.at])).toEqual([
      ['RowTaken', 10],
      ['WentQuiet', 10 + quietMs],
      ['RowTaken', 10 + quietMs + 1],
      ['RowTaken', 10 + quietMs + 2],
      ['WorkSettled', 10 + quietMs + 500],
    ]);
  });

  test('time never runs backwards: a deadline that waited for a row until after a later command counts from that', async () => {
    const { memory, actor } = await quietButForARow();
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

  test('time never runs backwards: a row with an older time counts from the last', async () => {
    const { memory, actor } = setUpToy();
    actor.deliver([row(1, { at: 50 }), row(2, { at: 20 })]);
    await drain(actor);
    expect(memory.events.map((event) => event.at)).toEqual([50, 50]);
  });
});
