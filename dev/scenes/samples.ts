/** One scene of every state, each reached by inputs alone, never put together by hand. */
import { given, policyFor, type Facts, type Scene } from './given.ts';
import {
  answered,
  asks,
  failed,
  join,
  replies,
  resolves,
  routed,
  row,
  toDesk,
  toGroup,
  wantsPerson,
  wrote,
} from './inputs.ts';

const bot = (facts: Facts = {}): Scene =>
  given(facts)
    .when(wrote('hello'))
    .done('AskBot', answered(['hi']));

const botBusy = (facts: Facts = {}): Scene => given(facts).when(wrote('hello'));

/** A person was asked for, and presence is being checked. */
const checking = (facts: Facts = {}): Scene =>
  given(facts)
    .when(wrote('hello'))
    .done('AskBot', answered(['one moment'], wantsPerson));

/** The bot's intake: the prechat event is out. */
const prechat = (facts: Facts = {}): Scene => checking(facts).done('CheckPresence', { kind: 'checked', online: true });

/** The customer has been asked, by the bot unless the facts say otherwise, and is to answer. */
const asked = (facts: Facts = {}): Scene => {
  const begun = prechat(facts);
  if (begun.pending('AskBot').length === 0) return begun;
  return begun.done('AskBot', answered(['your name?'], { intake: 'open' }));
};

const form = (facts: Facts = {}): Scene =>
  prechat({ ...facts, policy: { intake: { by: 'form', fields: 2 }, ...facts.policy } });

/** An answer to the form is being read. */
const answering = (facts: Facts = {}): Scene => form(facts).when(wrote('Ann'));

/** The intake is over, whoever asked, and the target is being looked up. */
const routing = (facts: Facts = {}): Scene => takenIn(prechat(facts));

function takenIn(scene: Scene): Scene {
  if (scene.state.handover?.step === 'routing') return scene;
  if (scene.pending('AskBot').length > 0) {
    const asked = scene.done('AskBot', answered(['your name?'], { intake: 'open' }));
    return asked.when(wrote('Ann')).done('AskBot', answered(['thanks'], { intake: 'done' }));
  }
  const answers = scene.when(wrote('Ann'));
  return takenIn(answers.done('CheckAnswer', { kind: 'valid', upTo: answers.seq }));
}

const queued = (facts: Facts = {}, route: Parameters<typeof routed>[0] = {}): Scene =>
  routing(facts).done('RouteHandover', routed({ policy: policyFor(route.target ?? toGroup, facts), ...route }));

const queuedAtDesk = (facts: Facts = {}): Scene => queued(facts, { target: toDesk });
const openedAtDesk = (facts: Facts = {}): Scene => queuedAtDesk(facts).done('OpenAtDesk', { kind: 'opened' });

const offered = (facts: Facts = {}): Scene => {
  const waiting = queued(facts);
  const epoch = waiting.state.baton.epoch;
  return waiting.when(row('AgentClaimed', { claimId: 'claim-1', entry: 1, agentId: 'anna', epoch, offer: true }));
};

const assigned = (facts: Facts = {}): Scene => queued(facts).when(join('anna'));
const replied = (facts: Facts = {}): Scene => assigned(facts).when(replies('anna', 'good morning'));

const heldByDesk = (facts: Facts = {}): Scene =>
  openedAtDesk(facts).when(row('DeskAccepted', { deskId: 'desk-1', handover: 1, personId: 'dora' }));

/** A desk took it out of the group's queue, unasked, and the customer has written since. */
const takenByDesk = (facts: Facts = {}): Scene =>
  queued(facts)
    .when(row('DeskTook', { deskId: 'desk-1', personId: 'dora' }))
    .when(wrote('hello?'));

/** What the agent wrote first was refused because the channel's window is closed; the second waits for the customer. */
const held = (facts: Facts = {}): Scene =>
  replied(facts)
    .when(replies('anna', 'are you there?'))
    .done('SendMessage', { kind: 'sent' })
    .done('SendMessage', failed('window-closed'));

const resolved = (facts: Facts = {}): Scene => replied(facts).when(resolves());
const over = (facts: Facts = {}): Scene => resolved(facts).fires('session');

const blocked = (facts: Facts = {}): Scene => bot(facts).when(asks('Block', { blockId: 'block-1', expiresAt: null }));

export const samples = {
  bot,
  botBusy,
  checking,
  prechat,
  asked,
  form,
  answering,
  routing,
  queued,
  queuedAtDesk,
  openedAtDesk,
  offered,
  assigned,
  replied,
  held,
  heldByDesk,
  takenByDesk,
  resolved,
  over,
  blocked,
};
