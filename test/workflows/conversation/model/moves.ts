/** Random moves: what may come next to a conversation, right, late, wrong or repeated. Drawn as numbers, so they shrink. */
import * as fc from 'fast-check';
import { conversationDecider as core } from '../../../../workflows/conversation/decider.ts';
import type {
  BotAnswer,
  By,
  Command,
  Context,
  FailureClass,
  InboxInput,
  Question,
  Route,
  WorkResult,
} from '../../../../workflows/conversation/inputs.ts';
import { commandNames } from '../../../../workflows/conversation/inputs.ts';
import type { Policy } from '../../../../workflows/conversation/policy.ts';
import type { ConversationState, Target } from '../../../../workflows/conversation/state.ts';
import type { WorkKind } from '../../../../workflows/conversation/work.ts';
import { HOUR, MINUTE, policyOf, SECOND } from '../../../../dev/scenes/given.ts';

export type Move =
  | { kind: 'row'; which: number; pick: number; right: boolean; refused: boolean }
  | { kind: 'command'; which: number; pick: number; right: boolean; refused: boolean }
  | { kind: 'result'; lane: number; outcome: number; refused: boolean }
  | { kind: 'again'; which: number; outcome: number }
  | { kind: 'wait'; how: number };

const pick = fc.nat(63);
const mostly = fc.integer({ min: 0, max: 9 }).map((n) => n < 8);
const seldom = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);

export const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('row' as const), which: pick, pick, right: mostly, refused: seldom }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('command' as const), which: pick, pick, right: mostly, refused: seldom }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('result' as const), lane: pick, outcome: pick, refused: seldom }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), which: pick, outcome: pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), how: pick }) },
);

const numbers: fc.Arbitrary<Policy> = fc
  .record({
    lock: fc.record({
      sessionMs: fc.constantFrom(24 * HOUR, 5 * MINUTE),
      until: fc.constantFrom('session-end', 'resolve'),
    }),
    reopen: fc.record({
      windowMs: fc.constantFrom(null, MINUTE, 72 * HOUR),
      to: fc.constantFrom('same-agent', 'queue', 'bot'),
    }),
    intake: fc.record({
      by: fc.constantFrom('bot', 'bot', 'form', 'none'),
      fields: fc.constantFrom(0, 1, 2),
      maxTries: fc.constantFrom(1, 2),
    }),
    queue: fc.record({
      waitMs: fc.constantFrom(MINUTE, 30 * MINUTE),
      onWaitOver: fc.constantFrom('keep-waiting', 'bot', 'close'),
      onAllOffline: fc.constantFrom('keep-waiting', 'bot'),
    }),
    assignment: fc.constantFrom('manual', 'manual', 'automatic'),
    firstReplyMs: fc.constantFrom(null, 2 * MINUTE),
    idle: fc.record({ warnMs: fc.constantFrom(null, MINUTE), closeMs: fc.constantFrom(null, 2 * MINUTE) }),
    bot: fc.record({ tries: fc.constantFrom(1, 3), onFailure: fc.constantFrom('hand-over', 'apologize') }),
    desk: fc.record({ onLost: fc.constantFrom('queue', 'bot') }),
    maxTransfers: fc.constantFrom(1, 10),
    delivery: fc.record({ onAmbiguous: fc.constantFrom('at-most-once', 'at-least-once') }),
  })
  .map((change) => policyOf(change as Parameters<typeof policyOf>[0]));

/** One version of the policy: the account's numbers, and those in force for each group. */
export interface Version {
  account: Policy;
  groups: Record<(typeof groups)[number], Policy>;
}

const groups = ['group-1', 'group-2'] as const;
const version = fc.record({ account: numbers, groups: fc.record({ 'group-1': numbers, 'group-2': numbers }) });

export interface Channel {
  /** Oldest first; they are published one after the other. */
  versions: Version[];
  responsible: 'bot' | 'managers';
  botId: string | null;
  blocked: boolean;
}

export const channels: fc.Arbitrary<Channel> = fc.record({
  versions: fc.tuple(version, version, version).map((all) => all.map(numbered)),
  responsible: fc.constantFrom('bot' as const, 'bot' as const, 'managers' as const),
  botId: fc.constantFrom('bot-1', 'bot-1', 'bot-1', null),
  blocked: seldom,
});

const targets = [
  { kind: 'group', groupId: 'group-1' },
  { kind: 'desk', deskId: 'desk-1' },
  { kind: 'group', groupId: 'group-2' },
] as const;

function numbered({ account, groups: own }: Version, at: number): Version {
  const no = { version: at + 1 };
  return {
    account: { ...account, ...no },
    groups: { 'group-1': { ...own['group-1'], ...no }, 'group-2': { ...own['group-2'], ...no } },
  };
}

/** What is in force for this target in that version (from 1); null: for none. */
export function policyFor({ versions }: Channel, no: number, target: Target | null): Policy {
  const { account, groups: own } = of(versions, no - 1);
  return target?.kind === 'group' ? own[target.groupId as keyof typeof own] : account;
}

const agents = ['anna', 'bert', 'cleo'];
const of = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

/** What Postgres answers, where this version is the newest. */
export function contextAt(channel: Channel, newest: number, n: number, question: Question): Context {
  const { responsible, botId, blocked } = channel;
  // Now and then the chat's own queue is gone.
  const target = question.orDefault && n % 5 === 0 ? of(targets, n) : question.target;
  const route = routeAt(channel, newest, of(targets, n), n);
  return {
    policy: policyFor(channel, newest, null),
    route: target && routeAt(channel, newest, target, n),
    mode: 'engagement',
    botId,
    responsible: responsible === 'bot' ? { kind: 'bot' } : { kind: 'managers', requestId: `managers-${n}`, route },
    block: blocked ? { blockId: 'block-0', expiresAt: null } : null,
  };
}

function routeAt(channel: Channel, newest: number, target: Target, n: number): Route {
  const situation = of([null, 'all-busy', 'all-offline', 'out-of-hours'] as const, n);
  return { target, situation, policy: policyFor(channel, newest, target) };
}

const rowTypes = [
  'CustomerWrote',
  'CustomerWrote',
  'CustomerWrote',
  'CustomerWrote',
  'CustomerCancelled',
  'BotAnswered',
  'DeskTook',
  'DeskAccepted',
  'DeskAccepted',
  'DeskRefused',
  'DeskAnswered',
  'DeskAnswered',
  'DeskClosed',
  'AgentClaimed',
  'AgentClaimed',
  'AgentLeft',
  'ReceiptCame',
  'ContactBlocked',
  'ContactUnblocked',
  'PolicyChanged',
  'AvailabilityChanged',
  'AvailabilityChanged',
] as const;

/** `right`: it names what is current; else something that is over, or of somebody else. */
export function rowOf(
  state: ConversationState,
  seq: number,
  now: number,
  move: Extract<Move, { kind: 'row' }>,
): InboxInput {
  const off = move.right ? 0 : 1;
  const handover = (state.handover?.no ?? 0) + off;
  const deskId = move.right ? 'desk-1' : 'desk-2';
  const personId = of(['dora', null], move.pick);
  const agentId = of(agents, move.pick);
  const type = of(rowTypes, move.which);
  switch (type) {
    case 'CustomerWrote':
      return { type, seq, messageId: `customer-${seq}` };
    case 'CustomerCancelled':
    case 'PolicyChanged':
    case 'AvailabilityChanged':
      return { type, seq };
    case 'BotAnswered':
      return { type, seq, turn: (state.turn?.no ?? state.count.turn) - off, answer: answerOf(`row-${seq}`, move.pick) };
    case 'DeskTook':
      return { type, seq, deskId, personId };
    case 'DeskAccepted':
      return { type, seq, deskId, handover, personId };
    case 'DeskRefused':
    case 'DeskClosed':
      return { type, seq, deskId, handover };
    case 'DeskAnswered':
      return { type, seq, deskId, handover, personId, messageId: `desk-${seq}` };
    case 'AgentClaimed': {
      const entry = state.count.entry - off;
      return {
        type,
        seq,
        claimId: `claim-${seq}`,
        entry,
        agentId,
        epoch: state.baton.epoch,
        offer: move.pick % 2 === 0,
      };
    }
    case 'AgentLeft': {
      const then = of(['requeue', 'forward', 'close'] as const, move.pick);
      // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
      return { type, seq, agentId, then, groupId: then === 'forward' ? 'group-2' : null };
    }
    case 'ReceiptCame':
      return receiptOf(state, seq, move.pick);
    case 'ContactBlocked':
      return { type, seq, blockId: `block-${seq}`, expiresAt: move.pick % 2 === 0 ? now + HOUR : null };
    case 'ContactUnblocked':
      return { type, seq, blockId: move.right ? (state.block?.blockId ?? 'none') : 'none' };
  }
}

export function commandOf(
  state: ConversationState,
  key: number,
  now: number,
  move: Extract<Move, { kind: 'command' }>,
): Command {
  const type = of(commandNames, move.which);
  const { phase } = state;
  const owner = phase.name === 'assigned' && phase.owner.kind === 'agent' ? phase.owner.agentId : of(agents, move.pick);
  const self = move.right ? owner : of(agents, move.pick + 1);
  const bys: By[] = [
    { kind: 'agent', agentId: self },
    { kind: 'supervisor', agentId: 'sue' },
    { kind: 'api', keyId: 'key-1' },
  ];
  const asked = { by: of(bys, move.pick), key: `key-${key}` };
  const other = of(agents, move.pick);
  const offer = phase.name === 'queued' ? phase.offer : null;
  switch (type) {
    case 'RequestHandover':
      return { type, ...asked, request: { requestId: `request-${key}`, priority: move.pick % 3 } };
    case 'Join':
    case 'Reopen':
      return { type, ...asked, agentId: self };
    case 'Assign':
      return { type, ...asked, agentId: other, override: move.pick % 2 === 0 };
    case 'Unassign':
    case 'HandBack':
    case 'Resolve':
    case 'Unblock':
      return { type, ...asked };
    case 'Forward':
      return {
        type,
        ...asked,
        to: move.pick % 2 === 0 ? { kind: 'agent', agentId: other } : of(targets, move.pick >> 1),
      };
    case 'Reply':
      return { type, ...asked, agentId: self, messageId: `agent-${key}` };
    case 'Block':
      return { type, ...asked, blockId: `block-k${key}`, expiresAt: move.pick % 2 === 0 ? now + HOUR : null };
    case 'Tag':
      return { type, ...asked, add: [`tag-${move.pick % 4}`], remove: [`tag-${(move.pick + 1) % 4}`] };
    case 'AcceptOffer':
    case 'DeclineOffer': {
      const claimId = move.right ? (offer?.claimId ?? 'none') : 'another';
      return { type, ...asked, agentId: offer?.agentId ?? other, claimId };
    }
  }
}

/** Every failing class but, more often than the others, those that are tried again. */
const failures: FailureClass[] = [
  'retryable',
  'retryable',
  'throttled',
  'ambiguous',
  'ambiguous',
  'permanent',
  'content-rejected',
  'auth',
  'window-closed',
  'window-closed',
  'recipient-unreachable',
];

export function outcomeOf(
  kind: WorkKind,
  id: string,
  n: number,
  upTo: number,
  { channel, published }: { channel: Channel; published: number },
): WorkResult['outcome'] {
  if (n % 3 === 0) return { kind: 'failed', class: of(failures, n), retryAfterMs: n % 2 === 0 ? 5 * SECOND : null };
  switch (kind) {
    case 'AskBot':
      return n % 7 === 0 ? { kind: 'deferred' } : { kind: 'answered', answer: answerOf(id, n) };
    case 'CheckPresence':
      return { kind: 'checked', online: n % 2 === 0 };
    case 'RouteHandover':
      // It may have been on its way while a newer version came.
      return { kind: 'routed', route: routeAt(channel, Math.max(1, published - (n % 2)), of(targets, n), n) };
    case 'CheckAnswer':
      return { kind: of(['valid', 'valid', 'invalid', 'cancel'] as const, n), upTo };
    case 'SendMessage':
    case 'SendToDesk':
      if (n % 7 === 0) return { kind: 'put-off', forMs: 20 * SECOND };
      return { kind: n % 11 === 0 ? 'superseded' : 'sent' };
    case 'OpenAtDesk':
      return { kind: n % 5 === 0 ? 'refused' : 'opened' };
    case 'TellDesk':
      return { kind: 'told' };
  }
}

function answerOf(id: string, n: number): BotAnswer {
  const messageIds = Array.from({ length: n % 3 }, (_, at) => `${id}-word-${at}`);
  const handover = n % 4 === 0 ? { requestId: `bot-${id}`, priority: n % 2 } : null;
  return {
    answerId: `answer-${id}`,
    messageIds,
    handover,
    intake: of(['open', 'done', null, 'done', 'cancelled'] as const, n),
  };
}

/** Of what waits, or of the last that went out: networks tell a closed window late. */
function receiptOf(state: ConversationState, seq: number, pick: number): InboxInput {
  const outbound = pick % 2 === 0 ? (state.outbox[0]?.seq ?? 1) : state.count.outbound;
  const failed = { status: 'failed', class: of(['permanent', 'window-closed'] as const, pick >> 2) } as const;
  return { type: 'ReceiptCame', seq, outbound, ...of([{ status: 'sent' } as const, failed], pick >> 1) };
}

/** How long to wait: shortly, to the very millisecond of a deadline, or to the one before it. */
export function waitOf(state: ConversationState, now: number, how: number): number {
  const next = core
    .deadlines(state)
    .map(({ at }) => at)
    .toSorted((one, other) => one - other);
  const due = next[how % Math.max(next.length, 1)];
  if (due === undefined || how % 4 === 0) return now + of([1, 300, SECOND, 61 * SECOND], how >> 2);
  return Math.max(now, how % 4 === 1 ? due - 1 : due);
}
