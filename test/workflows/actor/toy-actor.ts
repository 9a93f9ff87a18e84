import { createActor, type Actor, type Ports } from '../../../workflows/actor/actor.ts';
import { toyCore, type ToyCommand, type ToyEvent, type ToyRow, type ToyState, type ToyWork } from './toy-core.ts';
import { createMemoryRecord, type MemoryRecord } from './memory-record.ts';

export type ToyOutcome = { ok: boolean; code: string | null; total: number | null };
export type ToyActor = Actor<ToyState, ToyRow, ToyCommand, ToyOutcome>;

export interface ToyWorld {
  now: number;
  performed: string[];
  asked: number[];
  /** Holds work back until it is released. */
  perform: (work: ToyWork) => Promise<unknown>;
}

/** A new actor, what is recorded of it, and the world that it sees. */
export function setUpToy(): { memory: MemoryRecord; world: ToyWorld; actor: ToyActor } {
  const memory = createMemoryRecord();
  const world = createWorld();
  return { memory, world, actor: startToyActor(memory, world) };
}

export function startToyActor(memory: MemoryRecord, world: ToyWorld): ToyActor {
  const ports: Ports<ToyState, ToyEvent, ToyWork> = {
    now: () => world.now,
    record: memory.record,
    readContext: () => Promise.resolve(null),
    askAgain: (seq) => {
      world.asked.push(seq);
      return Promise.resolve();
    },
    perform: (work) => {
      world.performed.push(work.id);
      return world.perform(work);
    },
  };
  const actor: ToyActor = createActor({
    decider: toyCore,
    ports,
    answers: {
      accepted: (after: ToyState): ToyOutcome => ({ ok: true, code: null, total: after.total }),
      rejected: ({ code }): ToyOutcome => ({ ok: false, code, total: null }),
    },
    claims: (event) => event.type === 'RowTaken' && event.claim,
    mayLeaveBehind: () => false,
    asInput: (command: ToyCommand) => command,
  });
  actor.load(memory.row, null);
  return actor;
}

function createWorld(): ToyWorld {
  return { now: 1, performed: [], asked: [], perform: () => new Promise(() => undefined) };
}

export function row(seq: number, more: Partial<ToyRow> = {}): ToyRow {
  return { type: 'Row', seq, at: seq, ...more };
}

export function add(key: string, amount: number, more: Partial<ToyCommand> = {}): ToyCommand {
  return { type: 'Add', key, amount, by: null, ...more };
}
