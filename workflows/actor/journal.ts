/**
 * The actor as Postgres has it. The state moves only by what the record committed, and by what it says stands instead;
 * whoever decides does so from here.
 */
import type { Decider, Work } from './decider.ts';
import { askSafely, type Draft, type Threw } from './draft.ts';
import type { RecordAnswer, Recording, StoredActor } from './record.ts';

export interface JournalPorts<S, E> {
  record(recording: Recording<S, E>): Promise<RecordAnswer<S>>;
  readContext(question: unknown): Promise<unknown>;
}

/** What a record may carry beside the draft. */
export interface Beside {
  silentUntil?: number;
  command?: { key: string; digest: string | null; outcome: unknown };
}

export interface Journal<S, I, E> {
  readonly stored: StoredActor<S>;
  readonly state: S;
  load(row: StoredActor<S>, context: unknown): void;
  draft(): Draft<S, E>;
  commit(draft: Draft<S, E>, beside?: Beside): Promise<RecordAnswer<S>>;
  /** The input with the facts that stand in Postgres, where it needs them. It is made here, since the core may throw at it. */
  withContext(make: () => I): Promise<{ kind: 'said'; value: I } | Threw>;
  /** What came with the load is good for what was in hand then, and no longer. */
  forgetContext(): void;
}

const keysKept = 64;

export function createJournal<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  ports: JournalPorts<S, E>,
  onAdopted: (seq: number) => void,
): Journal<S, I, E> {
  let stored: StoredActor<S> = { version: 0, seq: 0, eventNo: 0, head: '', lastAt: 0, keys: [], state: null };
  let state = decider.initial;
  let freshContext: unknown;

  const adopt = (row: StoredActor<S>): void => {
    stored = row;
    state = row.state === null ? decider.initial : decider.complete(row.state);
    onAdopted(stored.seq);
  };

  return {
    get stored() {
      return stored;
    },
    get state() {
      return state;
    },
    load(row, context) {
      adopt(row);
      freshContext = context;
    },
    draft: () => ({ state, events: [], seq: stored.seq, lastAt: stored.lastAt, taken: 0, parked: [] }),
    async commit(draft, beside = {}) {
      const keys = beside.command ? [...stored.keys, beside.command.key].slice(-keysKept) : stored.keys;
      const { events, seq, lastAt, parked } = draft;
      const answer = await ports.record({
        expected: stored.version,
        before: state,
        after: draft.state,
        events,
        seq,
        lastAt,
        keys,
        wakeAt: wakeAt(decider, draft.state, lastAt),
        silentUntil: beside.silentUntil ?? null,
        parked,
        command: beside.command ?? null,
      });
      if (answer.kind === 'recorded') {
        const { version, eventNo, head } = answer;
        adopt({ version, eventNo, head, seq, lastAt, keys, state: draft.state });
      } else if (answer.kind !== 'refused') {
        adopt(answer.row);
      }
      return answer;
    },
    async withContext(make) {
      const asked = askSafely(() => {
        const input = make();
        return { input, question: decider.needsContext(state, input) };
      });
      if (asked.kind === 'threw') return asked;
      const { input, question } = asked.value;
      if (question === null) return { kind: 'said', value: input };
      const loaded = isSame(question, decider.loadAnswers) ? freshContext : undefined;
      const context = loaded ?? (await ports.readContext(question));
      freshContext = undefined; // good for one decision: after a refusal they are read anew
      return askSafely(() => decider.withContext(input, context));
    },
    forgetContext() {
      freshContext = undefined;
    },
  };
}

/** When somebody has to look after a conversation whose actor is gone: at its nearest deadline, or for what is pending. */
function wakeAt<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  state: S,
  at: number,
): number | null {
  const times = decider.deadlines(state).map((deadline) => deadline.at);
  // What is to be done is due now, or when the first of its lane may be tried again: nobody looks after it before.
  const pending = decider.pending(state).toReversed();
  const heads = new Map(pending.map((work) => [work.lane, work]));
  for (const { notBeforeAt } of heads.values()) times.push(Math.max(at, notBeforeAt));
  return times.length === 0 ? null : Math.min(...times);
}

/** Both are the core's, which makes them in one way. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
