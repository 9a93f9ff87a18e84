/** The record's contract in memory: expected version, outcome by key, refusals on demand; it can lose its answer. */
import type { RecordAnswer, Recording, StoredActor } from '../../../workflows/actor/record.ts';
import type { ToyEvent, ToyState } from './toy-core.ts';

/** The process died: whoever waited hears nothing more. */
export class Crash extends Error {}

export interface MemoryRecord {
  row: StoredActor<ToyState>;
  events: ToyEvent[];
  parked: { seq: number | null; error: string }[];
  outcomes: Map<string, unknown>;
  recordings: Recording<ToyState, ToyEvent>[];
  refuseNext: string[];
  crash: 'before' | 'after' | null;
  record(recording: Recording<ToyState, ToyEvent>): Promise<RecordAnswer<ToyState>>;
}

export function createMemoryRecord(): MemoryRecord {
  const memory: MemoryRecord = {
    row: { version: 0, seq: 0, eventNo: 0, head: '', lastAt: 0, keys: [], state: null },
    events: [],
    parked: [],
    outcomes: new Map(),
    recordings: [],
    refuseNext: [],
    crash: null,
    async record(recording) {
      const crash = memory.crash;
      memory.crash = null;
      if (crash === 'before') throw new Crash();
      const answer = commit(memory, recording);
      if (crash === 'after') throw new Crash();
      return answer;
    },
  };
  return memory;
}

function commit(memory: MemoryRecord, recording: Recording<ToyState, ToyEvent>): RecordAnswer<ToyState> {
  const { command } = recording;
  if (command && memory.outcomes.has(command.key)) {
    return { kind: 'repeated', outcome: memory.outcomes.get(command.key), row: memory.row };
  }
  if (recording.expected !== memory.row.version) return { kind: 'moved', row: memory.row };
  const refusal = memory.refuseNext.shift();
  if (refusal) return { kind: 'refused', code: refusal };
  memory.recordings.push(recording);
  memory.events.push(...recording.events.map((caused) => caused.event));
  memory.parked.push(...recording.parked);
  if (command) memory.outcomes.set(command.key, command.outcome);
  const version = memory.row.version + 1;
  const eventNo = memory.events.length;
  const { seq, lastAt, keys } = recording;
  memory.row = { version, eventNo, head: `head:${eventNo}`, seq, lastAt, keys, state: recording.after };
  return { kind: 'recorded', version, eventNo, head: memory.row.head };
}
