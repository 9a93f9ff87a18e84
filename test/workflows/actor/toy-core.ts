/** A core as small as the shell can tell: it adds, it can be limited, it can be poisoned, it has work and a deadline. */
import type { Decider, Decision, Work } from '../../../workflows/actor/decider.ts';

export interface ToyState {
  /** Places of rows, in the order in which they were taken. */
  rows: number[];
  total: number;
  work: { no: number; notBeforeAt: number }[];
  done: number;
  quietSince: number | null;
  quietEnds: number;
  /** What throws at this state. */
  breaks: Breaks | null;
}

/** The function of the core that throws at an input, or at what came of it. */
export type Breaks = Extract<
  keyof Decider<ToyState, ToyInput, ToyEvent, ToyWork>,
  'needsContext' | 'withContext' | 'inRun' | 'withRefusal' | 'decide' | 'evolve' | 'deadlines' | 'pending'
>;

export type ToyInput =
  | {
      type: 'Row';
      seq: number;
      at: number;
      breaks?: Breaks;
      claim?: boolean;
      delay?: number;
      runFrom?: number;
      refused?: string;
    }
  | {
      type: 'Add';
      key: string;
      amount: number;
      by: null;
      at?: number;
      after?: number;
      refused?: string;
      breaks?: Breaks;
      /** Decides the same after a refusal. */
      stubborn?: boolean;
    }
  | { type: 'Quiet'; refused?: string }
  | { type: 'Done'; no: number; poison: boolean; refused?: string };
export type ToyRow = Extract<ToyInput, { type: 'Row' }>;
export type ToyCommand = Extract<ToyInput, { type: 'Add' }>;

export type ToyEvent = { at: number } & (
  | { type: 'RowTaken'; seq: number; claim: boolean; delay: number; runFrom: number | null; breaks: Breaks | null }
  | { type: 'ClaimRefused'; seq: number }
  | { type: 'Added'; amount: number; breaks: Breaks | null }
  | { type: 'WentQuiet' }
  | { type: 'WorkSettled'; no: number }
);
export type ToyWork = Work & { no: number };

export const quietMs = 1_000;
const limit = 100;

export const toyCore: Decider<ToyState, ToyInput, ToyEvent, ToyWork> = {
  complete: (stored) => stored,
  initial: { rows: [], total: 0, work: [], done: 0, quietSince: null, quietEnds: 0, breaks: null },
  decide: (state, input, now) => decide(state, input, now),
  evolve: (state, event) => evolve(state, event),
  deadlines(state) {
    throwIf(state, 'deadlines');
    return state.quietSince === null ? [] : [{ kind: 'quiet', at: state.quietSince + quietMs, silence: true }];
  },
  onDeadline: () => ({ type: 'Quiet' }),
  pending(state) {
    throwIf(state, 'pending');
    return state.work.map(({ no, notBeforeAt }) => ({
      id: `work:${no}`,
      kind: 'work',
      lane: `lane:${no % 2}`,
      no,
      notBeforeAt,
    }));
  },
  onDone(work, outcome) {
    if (outcome === 'unreadable') throw new SyntaxError('poison');
    return { type: 'Done', no: work.no, poison: outcome === 'poison' };
  },
  needsContext(_, input) {
    throwIf(input, 'needsContext');
    return breaksOf(input) === 'withContext' ? 'facts' : null;
  },
  loadAnswers: null,
  withContext(input) {
    throwIf(input, 'withContext');
    return input;
  },
  inRun(input, runFrom) {
    throwIf(input, 'inRun');
    return { ...input, runFrom };
  },
  withRefusal(input, refused) {
    throwIf(input, 'withRefusal');
    return { ...input, refused };
  },
};

function breaksOf(value: object): Breaks | null {
  return 'breaks' in value ? (value.breaks as Breaks | null) : null;
}

function throwIf(value: object, where: Breaks): void {
  if (breaksOf(value) === where) throw new TypeError('poison');
}

function decide(state: ToyState, input: ToyInput, at: number): Decision<ToyEvent> {
  throwIf(input, 'decide');
  switch (input.type) {
    case 'Row':
      if (input.refused) return accepted({ type: 'ClaimRefused', seq: input.seq, at });
      return accepted({
        type: 'RowTaken',
        seq: input.seq,
        claim: input.claim ?? false,
        delay: input.delay ?? 0,
        runFrom: input.runFrom ?? null,
        breaks: input.breaks ?? null,
        at,
      });
    case 'Add':
      if (input.refused && !input.stubborn) return rejected(input.refused);
      if (state.total + input.amount > limit) return rejected('over-the-limit');
      return accepted({ type: 'Added', amount: input.amount, breaks: input.breaks ?? null, at });
    case 'Quiet':
      return input.refused ? { kind: 'ignored', because: input.refused } : accepted({ type: 'WentQuiet', at });
    case 'Done':
      if (input.poison) throw new RangeError('poison');
      if (!state.work.some((work) => work.no === input.no)) return { kind: 'ignored', because: 'stale' };
      return accepted({ type: 'WorkSettled', no: input.no, at });
  }
}

function evolve(state: ToyState, event: ToyEvent): ToyState {
  throwIf(event, 'evolve');
  switch (event.type) {
    case 'RowTaken': {
      const no = state.rows.length + 1;
      const work = [...state.work, { no, notBeforeAt: event.delay === 0 ? 0 : event.at + event.delay }];
      return { ...state, rows: [...state.rows, event.seq], work, quietSince: event.at, breaks: event.breaks };
    }
    case 'ClaimRefused':
      return { ...state, rows: [...state.rows, event.seq] };
    case 'Added':
      return { ...state, total: state.total + event.amount, breaks: event.breaks };
    case 'WentQuiet':
      return { ...state, quietSince: null, quietEnds: state.quietEnds + 1 };
    case 'WorkSettled':
      return { ...state, work: state.work.filter((work) => work.no !== event.no), done: state.done + 1 };
  }
}

function accepted(event: ToyEvent): Decision<ToyEvent> {
  return { kind: 'accepted', events: [event] };
}

function rejected(code: string): Decision<ToyEvent> {
  return { kind: 'rejected', rejection: { code, reason: code, allowed: [] } };
}
