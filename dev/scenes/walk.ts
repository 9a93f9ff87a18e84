/**
 * The state diagram, found by walking `decide`: every input that can matter is tried on sample scenes of every state,
 * and what moves is an edge. The README's diagram is rendered from it, so it can't say anything else than the code.
 */
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { DeadlineKind, Input } from '../../workflows/conversation/inputs.ts';
import { conversationDecider as core } from '../../workflows/conversation/decider.ts';
import type { ConversationState, PhaseName } from '../../workflows/conversation/state.ts';
import { samples } from './samples.ts';
import { given, HOUR, MINUTE, type Facts, type PolicyChange, type Scene } from './given.ts';
import {
  answer,
  answered,
  asks,
  agent,
  failed,
  replies,
  requested,
  resolves,
  routed,
  row,
  toDesk,
  toGroup,
  wrote,
} from './inputs.ts';

export type Place = PhaseName | '(start)';

export interface Edge {
  from: Place;
  to: PhaseName;
  /** The inputs that lead there, in alphabetical order. */
  when: string[];
}

/** Settings under which the switches of the policy each take both ways. */
const settings: PolicyChange[] = [
  { queue: { onWaitOver: 'bot', onAllOffline: 'bot' }, reopen: { to: 'bot' }, desk: { onLost: 'bot' } },
  {
    queue: { onWaitOver: 'close' },
    reopen: { to: 'queue' },
    firstReplyMs: 5 * MINUTE,
    idle: { warnMs: 10 * MINUTE, closeMs: HOUR },
    intake: { by: 'none' },
  },
  { intake: { by: 'form', fields: 1 }, lock: { until: 'resolve' } },
  {},
];

/** From the first step to `(start)`-edges on: in the order in which a reader meets the states. */
const order: Place[] = ['(start)', 'bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked'];

export function walkEdges(): Edge[] {
  const found = settings.flatMap((policy) => scenesUnder({ policy }).flatMap(edgesFrom));
  const pairs = order.flatMap((from) => order.map((to) => ({ from, to })));
  return pairs.flatMap(({ from, to }) => {
    const between = found.filter((edge) => edge.from === from && edge.to === to).map(({ when }) => when);
    const when = [...new Set(between)].toSorted();
    return when.length === 0 || to === '(start)' ? [] : [{ from, to, when }];
  });
}

/** GitHub renders this; the labels are the inputs' names. */
export function mermaid(edges: Edge[] = walkEdges()): string {
  const name = (place: Place) => (place === '(start)' ? '[*]' : place);
  const lines = edges.map(({ from, to, when }) => `  ${name(from)} --> ${name(to)}: ${when.join(', ')}`);
  return ['stateDiagram-v2', ...lines].join('\n');
}

function scenesUnder(facts: Facts): Scene[] {
  const expiring = given(facts)
    .when(wrote('hello'))
    .when(asks('Block', { blockId: 'block-1', expiresAt: 1 }));
  const unheard = samples.heldByDesk(facts).when(wrote('anybody there?'));
  const lost = unheard.done('SendToDesk', failed('retryable'));
  const unheardInQueue = samples.openedAtDesk(facts).when(wrote('anybody there?'));
  // Asked for through the API while the bot is busy: the bot's intake is owed until its turn is over.
  const owed = samples.botBusy(facts).when(requested).done('CheckPresence', { kind: 'checked', online: true });
  const apart = [expiring, unheard, lost, unheardInQueue, owed, ...later(owed), ...later(samples.prechat(facts))];
  return [given(facts), ...Object.values(samples).map((sample) => sample(facts)), ...apart];
}

/** The same with a bot that answers 202. */
function later(scene: Scene): Scene[] {
  return scene.pending('AskBot').length > 0 ? [scene.done('AskBot', { kind: 'deferred' })] : [];
}

/** Everybody of the group is offline, and the account wants the bot then. */
const nobody: Facts = { situation: 'all-offline', groups: { 'group-1': { queue: { onAllOffline: 'bot' } } } };

interface Found {
  from: Place;
  to: PhaseName;
  when: string;
}

function edgesFrom(scene: Scene): Found[] {
  const tried = inputsFor(scene.state).flatMap(({ input, when, facts }) =>
    moves(scene.with(facts ?? {}).when(input), scene, when),
  );
  const kinds = core.deadlines(scene.state).map(({ kind }) => kind as DeadlineKind);
  const due = kinds.flatMap((kind) =>
    [scene, scene.with(nobody)].flatMap((one) => moves(one.fires(kind), scene, `${kind} (timer)`)),
  );
  return [...tried, ...due];
}

function moves(after: Scene, before: Scene, when: string): Found[] {
  if (after.decision.kind === 'rejected') return [];
  const from = before.state.phase.name;
  if (from === 'resolved' && when === 'Resolve') return [{ from, to: 'resolved', when }];
  return legs(before.state, after.events).map((leg) => ({ ...leg, when }));
}

/** A decision that begins a session ends one leg of the way and starts another, at `(start)`. */
export function legs(state: ConversationState, events: ConversationEvent[]): Omit<Found, 'when'>[] {
  const starts = events.findIndex(({ type }) => type === 'SessionStarted');
  if (starts < 0) return leg(state.phase.name, state, events);
  const own = events.findIndex(({ type }, at) => at > starts && !opening.includes(type));
  const [first, begun] = [events.slice(0, starts), events.slice(starts, own < 0 ? undefined : own)];
  const startsFrom = first.reduce(core.evolve, state);
  const inSession = begun.reduce(core.evolve, startsFrom);
  const rest = own < 0 ? [] : leg(inSession.phase.name, inSession, events.slice(own));
  return [{ from: '(start)', to: inSession.phase.name }, ...rest];
}

/** What belongs to the beginning of a session itself. */
const opening: ConversationEvent['type'][] = [
  'HandoverRequested',
  'ConversationQueued',
  'ConversationBlocked',
  'CustomerTold',
  'MessageQueued',
];

function leg(from: PhaseName, state: ConversationState, events: ConversationEvent[]): Omit<Found, 'when'>[] {
  const to = events.reduce(core.evolve, state).phase.name;
  const changesOwner = from === 'assigned' && events.some(({ type }) => type === 'ConversationAssigned');
  return from !== to || changesOwner ? [{ from, to }] : [];
}

// ------------------------------------------------------------------------------------------------- what is tried

interface Tried {
  input: Input;
  when: string;
  facts?: Facts;
}

function inputsFor(state: ConversationState): Tried[] {
  return [...rows(state), ...commands(state), ...results(state)];
}

function rows(state: ConversationState): Tried[] {
  const handover = state.handover?.no ?? 0;
  const { epoch } = state.baton;
  const desk = { deskId: 'desk-1', handover };
  const route = { target: toGroup, situation: null, policy: state.policy };
  const managers = { kind: 'managers', requestId: 'request-2', route } as const;
  const left = { agentId: 'anna', groupId: null };
  return [
    { input: wrote('again'), when: 'CustomerWrote' },
    { input: wrote('again'), when: 'CustomerWrote', facts: { responsible: managers } },
    { input: wrote('again'), when: 'CustomerWrote', facts: { block: { blockId: 'block-2', expiresAt: null } } },
    { input: { ...wrote('again'), refused: 'agent-at-limit' }, when: 'CustomerWrote' },
    named(row('CustomerCancelled', {})),
    named(row('BotAnswered', { turn: state.count.turn, answer: answer(['words'], { intake: 'cancelled' }) })),
    named(row('DeskTook', { deskId: 'desk-2', personId: null })),
    named(row('DeskAccepted', { ...desk, personId: null })),
    named(row('DeskRefused', desk)),
    named(row('DeskClosed', desk)),
    named(row('AgentClaimed', { claimId: 'claim-9', entry: state.count.entry, agentId: 'bert', epoch, offer: false })),
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
    named(row('AgentLeft', { ...left, then: 'requeue' })),
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
    { ...named(row('AgentLeft', { ...left, then: 'requeue' })), facts: nobody },
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
    named(row('AgentLeft', { ...left, then: 'close' })),
    { ...named(row('AvailabilityChanged', {})), facts: nobody },
    named(row('ContactBlocked', { blockId: 'block-3', expiresAt: null })),
    named(row('ContactUnblocked', { blockId: state.block?.blockId ?? '' })),
  ];
}

function commands(state: ConversationState): Tried[] {
  const offer = state.phase.name === 'queued' ? state.phase.offer : null;
  const claim = { agentId: offer?.agentId ?? 'bert', claimId: offer?.claimId ?? '' };
  return [
    named(requested),
    named(asks('Join', { agentId: 'bert', by: agent('bert') })),
    named(asks('Assign', { agentId: 'bert', override: false })),
    named(asks('Unassign', {})),
    { ...named(asks('Unassign', {})), facts: nobody },
    named(asks('Forward', { to: { kind: 'agent', agentId: 'bert' } })),
    named(asks('Forward', { to: toGroup })),
    named(asks('Forward', { to: toDesk })),
    named(asks('HandBack', {})),
    named(replies('anna', 'words')),
    named(resolves()),
    named(asks('Reopen', { agentId: 'anna', by: agent('anna') })),
    named(asks('Block', { blockId: 'block-4', expiresAt: null })),
    named(asks('Unblock', {})),
    named(asks('AcceptOffer', claim)),
    named(asks('DeclineOffer', claim)),
  ];
}

function results(state: ConversationState): Tried[] {
  return core.pending(state).flatMap((work) => {
    const came = outcomes(state, work.kind);
    return came.map((outcome) => ({ input: core.onDone(work, outcome), when: `${work.kind} (work)` }));
  });
}

function outcomes(state: ConversationState, kind: string): object[] {
  const upTo = state.waiting?.from ?? 0;
  switch (kind) {
    case 'AskBot':
      return [
        answered(['words'], { intake: 'done' }),
        answered(['words'], { intake: 'cancelled' }),
        failed('permanent'),
      ];
    case 'CheckPresence':
      return [{ kind: 'checked', online: true }];
    case 'CheckAnswer':
      return [{ kind: 'valid', upTo }, { kind: 'cancel', upTo }, failed('permanent')];
    case 'RouteHandover':
      return [routed(), routed({ situation: 'all-offline' }, { queue: { onAllOffline: 'bot' } }), failed('permanent')];
    case 'OpenAtDesk':
      return [{ kind: 'opened' }, { kind: 'refused' }, failed('permanent')];
    default:
      return [failed('permanent')];
  }
}

function named(input: Input): Tried {
  return { input, when: input.type };
}
