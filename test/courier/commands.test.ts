import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCommandClient, Unanswered, type CommandClient } from '../../courier/commands.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { counted } from './counted.ts';
import { startTestWorker, type TestWorker } from './workers.ts';
import type { Books, Wish } from './workflows/answering.ts';

let worker: TestWorker;
let commands: CommandClient;
let actor: ActorId;

/** Every command that was carried out, by its key. */
const carriedOut: { name: string; key: string }[] = [];
const versions = new Map<string, number>();
const books: Books = {
  note: (name, key) => {
    const known = versions.get(key);
    if (known !== undefined) return Promise.resolve(-known);
    carriedOut.push({ name, key });
    versions.set(key, carriedOut.length);
    return Promise.resolve(carriedOut.length);
  },
};

beforeAll(async () => {
  worker = await startTestWorker('answering', books);
  commands = createCommandClient({
    client: worker.temporal.client,
    taskQueue: worker.taskQueue,
    deadlineMs: 50_000, // a machine that does other things, too
  });
});
afterAll(() => worker.stop());
beforeEach(() => {
  actor = { accountId: uuid(), conversationId: uuid() };
});

const by = { kind: 'engine' } as const;
const keyOf = (wish: Wish): string => `${wish}-${uuid()}`;
const execute = (key: string, client = commands) => client.execute(actor, 'Resolve', { by, key });
const timesCarriedOut = (key: string): number => carriedOut.filter((one) => one.key === key).length;

describe('the caller of a command gets its outcome', () => {
  it('from an actor that runs, and from one that the command starts', async () => {
    const [first, second] = [keyOf('plain'), keyOf('plain')];
    expect(await execute(first)).toEqual({ ok: true, version: versions.get(first) });
    expect(await execute(second)).toEqual({ ok: true, version: versions.get(second) });
  });

  it('a rejection is an outcome, with its code', async () => {
    expect(await execute(keyOf('reject'))).toEqual({
      ok: false,
      rejection: { code: 'taken', reason: 'Somebody has it.', allowed: [] },
    });
  });

  it('what an actor throws is an error and no outcome', async () => {
    await expect(execute(keyOf('throw'))).rejects.toMatchObject({ name: 'WorkflowUpdateFailedError' });
  });

  it.each(['complete', 'renew'] as const)('from one that ends its run with the answer (%s)', async (wish) => {
    const key = keyOf(wish);
    expect(await execute(key)).toMatchObject({ ok: true });
    expect(await execute(keyOf('plain'))).toMatchObject({ ok: true });
  });

  it.each(['accept then complete', 'accept then renew'] as const)(
    'from one that ends its run before it has answered (%s)',
    async (wish) => {
      const key = keyOf(wish);
      expect(await execute(key)).toEqual({ ok: true, version: versions.get(key) });
      expect(timesCarriedOut(key)).toBe(1);
    },
  );

  it('under fire: runs that end in the task of an answer while signals and other commands come', async () => {
    const keys: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const wishes: Wish[] = ['plain', 'renew', 'plain', 'complete', 'plain', 'renew'];
      const some = wishes.map(keyOf);
      keys.push(...some);
      const signals = [1, 2, 3].map(() => commands.signal(actor, 'Join', { by, agentId: uuid(), key: keyOf('plain') }));
      const [outcomes] = await Promise.all([Promise.all(some.map((key) => execute(key))), ...signals]);
      expect(outcomes.map(({ ok }) => ok)).toEqual(some.map(() => true));
    }
    expect(keys.map(timesCarriedOut)).toEqual(keys.map(() => 1));
  });

  it('the same key, ten times at once: one effect, the same answer (B-7)', async () => {
    const key = keyOf('plain');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => execute(key)));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(timesCarriedOut(key)).toBe(1);
  });

  it('fifty at once for one conversation, more than the server takes: eight are out, the others wait', async () => {
    const counting = counted(worker.temporal.client, 'executeUpdateWithStart');
    const client = createCommandClient({
      client: counting.client,
      taskQueue: worker.taskQueue,
      deadlineMs: 50_000,
    });
    const keys = Array.from({ length: 50 }, () => keyOf('plain'));
    const outcomes = await Promise.all(keys.map((key) => execute(key, client)));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(keys.map(timesCarriedOut)).toEqual(keys.map(() => 1));
    expect(counting.peak()).toBe(8);
    // Had more been out, the server would have refused some, and they would have been sent again.
    expect(counting.calls()).toBe(keys.length);
  });
});

describe('a command without an answer in time', () => {
  it('is said to be unanswered', async () => {
    const hurried = createCommandClient({
      client: worker.temporal.client,
      taskQueue: worker.taskQueue,
      deadlineMs: 1_000,
    });
    await expect(execute(keyOf('hang'), hurried)).rejects.toBeInstanceOf(Unanswered);
  });

  it('also where no worker is there; asked again with its key when one is, it has one effect', async () => {
    const taskQueue = `test-${uuid()}`;
    const nobody = createCommandClient({ client: worker.temporal.client, taskQueue, deadlineMs: 500 });
    const key = keyOf('plain');
    await expect(execute(key, nobody)).rejects.toBeInstanceOf(Unanswered);
    expect(timesCarriedOut(key)).toBe(0);
  });
});

it('a signalled command is carried out, and nobody waits', async () => {
  const key = keyOf('plain');
  await commands.signal(actor, 'Resolve', { by, key });
  await execute(keyOf('plain')); // comes after it
  expect(timesCarriedOut(key)).toBe(1);
});
