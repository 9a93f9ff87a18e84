/**
 * Given, when, then for the pure core: a scene is a conversation at an instant. Each `when` decides and folds one input,
 * as the shell would (facts are read where they are needed, deadlines fire at their time), and gives the next scene.
 */
import { conversationDecider as core } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { Context, DeadlineKind, Input, Question, Route, WorkResult } from '../../workflows/conversation/inputs.ts';
import { defaultPolicy, type Policy } from '../../workflows/conversation/policy.ts';
import type { Rejection } from '../../workflows/conversation/rejections.ts';
import type { ConversationState, Target } from '../../workflows/conversation/state.ts';
import type { ConversationWork, WorkKind } from '../../workflows/conversation/work.ts';

export const T0 = 1_760_000_000_000;
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

type EventType = ConversationEvent['type'];
type EventOf<T extends EventType> = Extract<ConversationEvent, { type: T }>;
type OutcomeOf<K extends WorkKind> = Extract<WorkResult, { work: K }>['outcome'];

/** Policies with some groups of numbers changed. */
export type PolicyChange = { [K in keyof Policy]?: Policy[K] extends object | null ? Partial<Policy[K]> : Policy[K] };

export interface Facts extends Partial<Omit<Context, 'policy' | 'route'>> {
  /** The account's. */
  policy?: PolicyChange;
  /** What differs in a group, by its id; of those that are not named, `usualGroups`. */
  groups?: Record<string, PolicyChange>;
  /** How things stand at whatever queue is asked for. */
  situation?: Route['situation'];
}

/** The first hardly differs from the account, the second in all that a queue lives by. */
const usualGroups: Record<string, PolicyChange> = {
  'group-1': { delivery: { maxAgeMs: 20 * HOUR } },
  'group-2': {
    assignment: 'automatic',
    firstReplyMs: 2 * MINUTE,
    queue: { waitMs: 5 * MINUTE, onAllOffline: 'bot' },
    lock: { sessionMs: 12 * HOUR },
  },
};

export interface Scene {
  readonly state: ConversationState;
  readonly now: number;
  /** Place of the last inbox row. */
  readonly seq: number;
  readonly facts: Facts;
  /** What a session's beginning depends on. */
  readonly context: Context;
  /** What the last input came to. */
  readonly decision: ReturnType<typeof core.decide>;
  /** Events of the last input, and their types; empty unless it was accepted. */
  readonly events: ConversationEvent[];
  readonly types: EventType[];
  /** Why the last input came to nothing, or was rejected; '' where it was accepted. */
  readonly because: string;
  readonly rejection: Rejection | null;
  when(input: Input, afterMs?: number): Scene;
  /** The first pending work of this kind comes to this. */
  done<K extends WorkKind>(kind: K, outcome: OutcomeOf<K>, afterMs?: number): Scene;
  /** The deadline of this kind fires, at its time. */
  fires(kind: DeadlineKind): Scene;
  /** Time passes, and whatever falls due in it fires. */
  passes(ms: number): Scene;
  /** When the deadline of this kind fires; null: it is not armed. */
  dueAt(kind: DeadlineKind): number | null;
  pending<K extends WorkKind>(kind: K): Extract<ConversationWork, { kind: K }>[];
  /** Events of this type among those of the last input. */
  of<T extends EventType>(type: T): EventOf<T>[];
  with(facts: Facts): Scene;
}

/** A scene's own, from which the rest follows. */
interface Still {
  state: ConversationState;
  now: number;
  seq: number;
  facts: Facts;
  decision: ReturnType<typeof core.decide>;
}

/** A conversation before its first message, on a channel with these facts. */
export function given(facts: Facts = {}): Scene {
  const nothing = { kind: 'ignored', because: 'nothing has happened' } as const;
  return scene({ state: core.initial, now: T0, seq: 0, facts, decision: nothing });
}

export function policyOf(change: PolicyChange = {}): Policy {
  return laidOver({ ...defaultPolicy, version: 1 }, change);
}

/** What is in force for this target. */
export function policyFor(target: Target | null, { policy, groups = {} }: Facts = {}): Policy {
  const ofAccount = policyOf(policy);
  return target?.kind === 'group'
    ? laidOver(ofAccount, { ...usualGroups, ...groups }[target.groupId] ?? {})
    : ofAccount;
}

function laidOver(under: Policy, change: PolicyChange): Policy {
  const merged = Object.entries(change).map(([key, value]) => {
    const before = under[key as keyof Policy];
    return [key, isGroup(value) && isGroup(before) ? { ...before, ...value } : value];
  });
  return { ...under, ...(Object.fromEntries(merged) as Partial<Policy>) };
}

export function contextOf(facts: Facts = {}, { target }: Question = { target: null }): Context {
  const { mode = 'engagement', responsible = { kind: 'bot' }, botId = 'bot-1', block = null, situation = null } = facts;
  return {
    policy: policyOf(facts.policy),
    route: target && { target, situation, policy: policyFor(target, facts) },
    mode,
    responsible,
    botId,
    block,
  };
}

function scene(still: Still): Scene {
  const { state, now, decision } = still;
  const events = decision.kind === 'accepted' ? decision.events : [];
  return {
    ...still,
    context: contextOf(still.facts),
    events,
    types: events.map(({ type }) => type),
    because:
      decision.kind === 'ignored' ? decision.because : decision.kind === 'rejected' ? decision.rejection.code : '',
    rejection: decision.kind === 'rejected' ? (decision.rejection as Rejection) : null,
    when: (input, afterMs = 0) => take({ ...still, now: now + afterMs }, input),
    done(kind, outcome, afterMs = 0) {
      const work = core.pending(state).find((one) => one.kind === kind);
      if (work === undefined) throw new Error(`${kind} is not pending`);
      return take({ ...still, now: now + afterMs }, core.onDone(work, outcome));
    },
    fires(kind) {
      const deadline = core.deadlines(state).find((one) => one.kind === kind);
      if (deadline === undefined) throw new Error(`${kind} is not armed`);
      return take({ ...still, now: deadline.at }, core.onDeadline(deadline));
    },
    passes: (ms) => pass(still, now + ms),
    dueAt: (kind) => core.deadlines(state).find((one) => one.kind === kind)?.at ?? null,
    pending: <K extends WorkKind>(kind: K) =>
      core.pending(state).filter((work): work is Extract<ConversationWork, { kind: K }> => work.kind === kind),
    of: <T extends EventType>(type: T) => events.filter((event): event is EventOf<T> => event.type === type),
    with: (facts) => scene({ ...still, facts }),
  };
}

function take(still: Still, input: Input): Scene {
  const isRow = 'seq' in input;
  const seq = isRow ? Math.max(input.seq, still.seq + 1) : still.seq;
  const placed = isRow ? { ...input, seq } : input;
  const question = 'context' in placed ? null : (core.needsContext(still.state, placed) as Question | null);
  const asked = question ? core.withContext(placed, contextOf(still.facts, question)) : placed;
  const decision = core.decide(still.state, asked, still.now);
  const state = decision.kind === 'accepted' ? decision.events.reduce(core.evolve, still.state) : still.state;
  return scene({ ...still, state, seq, decision });
}

function pass(still: Still, until: number): Scene {
  const due = core
    .deadlines(still.state)
    .filter(({ at }) => at <= until)
    .toSorted((one, other) => one.at - other.at)[0];
  if (due === undefined) return scene({ ...still, now: until });
  return pass(take({ ...still, now: Math.max(due.at, still.now) }, core.onDeadline(due)), until);
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
