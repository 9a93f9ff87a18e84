/** Every state and every input of the table test, and how the outcome of a cell is written. */
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import type { CommandName, DeadlineKind, InboxInput, Input } from '../../../workflows/conversation/inputs.ts';
import type { PhaseName } from '../../../workflows/conversation/state.ts';
import type { WorkKind } from '../../../workflows/conversation/work.ts';
import {
  agent,
  answer,
  answered,
  asks,
  failed,
  join,
  replies,
  requested,
  resolves,
  routed,
  row,
  toGroup,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { contextOf, MINUTE, T0, type Scene } from '../../../dev/scenes/given.ts';

/** Everything that was said has arrived, so what a decision cancels is only what it must. */
function delivered(scene: Scene): Scene {
  return scene.pending('SendMessage').length > 0 ? delivered(scene.done('SendMessage', { kind: 'sent' })) : scene;
}

const policy = { firstReplyMs: 5 * MINUTE, idle: { warnMs: 10 * MINUTE, closeMs: 60 * MINUTE } };
const facts = { policy };
const noIntake = { policy: { intake: { by: 'none' } } } as const;

const later = (scene: Scene) => scene.done('AskBot', { kind: 'deferred' });
const unheard = (scene: Scene) => scene.when(wrote('anybody there?'));
const lost = (scene: Scene) => unheard(scene).done('SendToDesk', failed());
const held = () => samples.heldByDesk(facts);
/** The last message was refused because the channel's window is closed, so those before it are held. */
const shut = (scene: Scene) =>
  scene.when(row('ReceiptCame', { outbound: scene.state.count.outbound, status: 'failed', class: 'window-closed' }));
const expiring = asks('Block', { blockId: 'block-1', expiresAt: T0 + MINUTE });

/** A state, and `over`: resolved, and its session has ended, so that whatever comes next begins one. */
export type SceneName = PhaseName | 'over';

export function phaseOf(name: SceneName): PhaseName {
  return name === 'over' ? 'resolved' : name;
}

/** The first is how the state is most of the time; the others stand in when an input is about something that it lacks. */
export const scenes: Record<SceneName, Scene[]> = {
  bot: [
    delivered(samples.botBusy(facts)),
    samples.bot(facts),
    later(samples.botBusy(facts)),
    samples.checking(facts),
    samples.routing(noIntake),
    held().when(asks('HandBack', {})),
    shut(
      samples
        .bot(facts)
        .when(wrote('more'))
        .done('AskBot', answered(['one', 'two'])),
    ),
  ],
  prechat: [
    delivered(samples.prechat(facts)),
    samples.answering(facts),
    later(samples.prechat(facts)),
    samples.routing(facts),
    shut(samples.prechat(facts).done('AskBot', answered(['your name?'], { intake: 'open' }))),
  ],
  queued: [
    delivered(samples.offered(facts)),
    samples.queuedAtDesk(facts),
    unheard(samples.openedAtDesk(facts)),
    held().when(asks('Forward', { to: toGroup })),
    shut(samples.queued(facts)),
  ],
  assigned: [
    delivered(samples.replied(facts)),
    samples.assigned(facts),
    lost(held()),
    held().when(asks('Assign', { agentId: 'anna', override: false })),
    samples.held(facts),
  ],
  resolved: [
    delivered(samples.resolved(facts)),
    samples.resolved(facts),
    unheard(held()).when(resolves()),
    shut(samples.resolved(facts)),
  ],
  over: [
    delivered(samples.over(facts)),
    samples.over(facts),
    unheard(held()).when(resolves()).fires('session'),
    shut(samples.resolved(facts)).fires('session'),
  ],
  blocked: [
    delivered(unheard(samples.blocked(facts))),
    later(unheard(samples.blocked(facts))),
    samples.bot(facts).when(expiring),
    unheard(held()).when(expiring),
    shut(samples.blocked(facts)),
  ],
};

/** An input as it is right for a scene: it names the turn, the hand-over, the entry and the offer that are current. */
export interface Column {
  input: (scene: Scene) => Input;
  /** What it is about is there. */
  suits: (scene: Scene) => boolean;
}

const anywhere = () => true;
const any = (input: Column['input']): Column => ({ input, suits: anywhere });
const deskOf = ({ phase }: Scene['state']) =>
  phase.name === 'queued' ? phase.target.kind === 'desk' : phase.name === 'assigned' && phase.owner.kind === 'desk';

function deskSaid<T extends 'DeskAccepted' | 'DeskRefused' | 'DeskAnswered' | 'DeskClosed'>(type: T): Column {
  const said = (scene: Scene) => ({ deskId: 'desk-1', handover: scene.state.handover?.no ?? 1, personId: null });
  const input = (scene: Scene) => ({ type, seq: 0, ...said(scene), messageId: 'words' }) as unknown as Input;
  return { input, suits: ({ state }) => deskOf(state) };
}

const deadline = (kind: DeadlineKind): Column => ({
  input: () => ({ type: 'DeadlinePassed', kind }),
  suits: (scene) => scene.dueAt(kind) !== null,
});

/** Of the work that is pending; else of some that was. */
const result = (kind: WorkKind, outcome: (scene: Scene) => object): Column => ({
  input(scene) {
    const work = scene.pending(kind)[0] ?? { id: `${kind}:9:1`, kind };
    return core.onDone(work as Parameters<typeof core.onDone>[0], outcome(scene));
  },
  suits: (scene) => scene.pending(kind).length > 0,
});

export const columns = {
  CustomerWrote: any(() => wrote('another')),
  CustomerCancelled: any(() => row('CustomerCancelled', {})),
  BotAnswered: any(({ state }) => row('BotAnswered', { turn: state.turn?.no ?? 9, answer: answer(['words']) })),
  DeskTook: any(() => row('DeskTook', { deskId: 'desk-2', personId: null })),
  DeskAccepted: deskSaid('DeskAccepted'),
  DeskRefused: deskSaid('DeskRefused'),
  DeskAnswered: deskSaid('DeskAnswered'),
  DeskClosed: deskSaid('DeskClosed'),
  AgentClaimed: {
    input({ state }) {
      const { epoch } = state.baton;
      const { entry } = state.count;
      return row('AgentClaimed', { claimId: 'claim-2', entry, agentId: 'bert', epoch, offer: false });
    },
    suits: ({ state }) => state.phase.name === 'queued' && !state.phase.offer && !deskOf(state),
  },
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
  AgentLeft: any(() => row('AgentLeft', { agentId: 'anna', then: 'requeue', groupId: null })),
  ReceiptCame: {
    input: ({ state }) => row('ReceiptCame', { outbound: state.outbox[0]?.seq ?? 99, status: 'sent' }),
    suits: ({ state }) => state.outbox.length > 0,
  },
  ContactBlocked: any(() => row('ContactBlocked', { blockId: 'block-2', expiresAt: null })),
  ContactUnblocked: any(() => row('ContactUnblocked', { blockId: 'block-1' })),
  PolicyChanged: any(() => ({ ...row('PolicyChanged', {}), context: contextOf({ policy: { version: 2 } }) })),
  AvailabilityChanged: {
    input({ state, facts: known }) {
      const target = state.phase.name === 'queued' ? state.phase.target : null;
      const context = contextOf({ ...known, situation: 'all-offline' }, { target });
      return { ...row('AvailabilityChanged', {}), context };
    },
    suits: ({ state }) => state.phase.name === 'queued' && !deskOf(state),
  },

  RequestHandover: any(() => requested),
  Join: any(() => join('bert')),
  Assign: any(() => asks('Assign', { agentId: 'bert', override: false })),
  Unassign: any(() => asks('Unassign', { by: agent('anna') })),
  Forward: any(() => asks('Forward', { by: agent('anna'), to: toGroup })),
  HandBack: any(() => asks('HandBack', { by: agent('anna') })),
  Reply: any(() => replies('anna', 'words')),
  Resolve: any(() => resolves(agent('anna'))),
  Reopen: any(() => asks('Reopen', { by: agent('anna'), agentId: 'anna' })),
  Block: any(() => asks('Block', { blockId: 'block-3', expiresAt: null })),
  Unblock: any(() => asks('Unblock', {})),
  Tag: any(() => asks('Tag', { add: ['tag-1'], remove: [] })),
  AcceptOffer: any(() => asks('AcceptOffer', { by: agent('anna'), agentId: 'anna', claimId: 'claim-1' })),
  DeclineOffer: any(() => asks('DeclineOffer', { by: agent('anna'), agentId: 'anna', claimId: 'claim-1' })),

  session: deadline('session'),
  'prechat-abandoned': deadline('prechat-abandoned'),
  'queue-wait': deadline('queue-wait'),
  offer: deadline('offer'),
  'first-reply': deadline('first-reply'),
  'idle-warning': deadline('idle-warning'),
  'idle-close': deadline('idle-close'),
  'block-expiry': deadline('block-expiry'),
  'bot-turn': deadline('bot-turn'),
  'desk-lost': deadline('desk-lost'),
  'held-too-long': deadline('held-too-long'),

  AskBot: result('AskBot', () => answered(['words'])),
  CheckPresence: result('CheckPresence', () => ({ kind: 'checked', online: true })),
  RouteHandover: result('RouteHandover', () => routed()),
  CheckAnswer: result('CheckAnswer', ({ seq }) => ({ kind: 'valid', upTo: seq })),
  SendMessage: result('SendMessage', () => ({ kind: 'sent' })),
  OpenAtDesk: result('OpenAtDesk', () => ({ kind: 'opened' })),
  SendToDesk: result('SendToDesk', () => ({ kind: 'sent' })),
  TellDesk: result('TellDesk', () => ({ kind: 'told' })),
} satisfies Record<InboxInput['type'] | CommandName | DeadlineKind | WorkKind, Column>;

export type ColumnName = keyof typeof columns;

/** What each state makes of an input, as `cell` writes it. */
export type Outcomes = Record<SceneName, string>;

/** `no code` for a rejection, `- because` where it is ignored, else the events and where they lead. */
export function cell(name: SceneName, { input: inputOf, suits }: Column): string {
  const scene = scenes[name].find(suits) ?? scenes[name][0];
  if (scene === undefined) throw new Error(`no scene is ${name}`);
  const input = inputOf(scene);
  const due = input.type === 'DeadlinePassed' ? scene.dueAt(input.kind) : null;
  const after = due === null || input.type !== 'DeadlinePassed' ? scene.when(input) : scene.fires(input.kind);
  if (after.rejection) return `no ${after.because}`;
  if (after.events.length === 0) return `- ${after.because}`;
  const to = after.state.phase.name;
  return `${after.types.join(' ')}${to === scene.state.phase.name ? '' : ` → ${to}`}`;
}
