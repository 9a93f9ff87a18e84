/** What the shell is promised by `Decider`. */
import { expect, test } from 'vitest';
import { allowed } from '../../../workflows/conversation/allowed.ts';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import { commandNames, type Command, type CommandName, type Input } from '../../../workflows/conversation/inputs.ts';
import { defaultPolicy } from '../../../workflows/conversation/policy.ts';
import type { ConversationWork } from '../../../workflows/conversation/work.ts';
import {
  agent,
  asks,
  failed,
  join,
  requested,
  resolves,
  row,
  toDesk,
  toGroup,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { contextOf, given, T0, type Scene } from '../../../dev/scenes/given.ts';
import { columns } from './cells.ts';

const scenes = Object.entries(samples).map(([name, sample]) => [name, sample()] as const);

test('it begins with nothing: no session, the engine holds the baton, the default policy', () => {
  expect(core.initial).toMatchObject({
    phase: { name: 'bot' },
    baton: { holder: { kind: 'engine' }, epoch: 0 },
    session: null,
    policy: defaultPolicy,
    accountPolicy: defaultPolicy,
  });
  expect(core.deadlines(core.initial)).toEqual([]);
});

const wants = (scene: Scene, ...inputs: Input[]) => inputs.map((input) => core.needsContext(scene.state, input));

test('facts are wanted where a session begins or a policy is read anew', () => {
  const took = row('DeskTook', { deskId: 'desk-1', personId: null });
  const inputs = [wrote('m'), requested, took, row('PolicyChanged', {}), join('anna')];
  const beginning = core.loadAnswers;
  expect(wants(given(), ...inputs)).toEqual([beginning, beginning, beginning, null, null]);
  expect(wants(samples.over(), ...inputs)).toEqual([beginning, beginning, beginning, null, null]);
  expect(wants(samples.assigned(), ...inputs)).toEqual([null, null, null, { target: toGroup }, null]);
  expect(wants(samples.bot(), ...inputs)).toEqual([null, null, null, { target: null }, null]);
});

test('and of a queue where an input may lead into it, whoever the record turns away', () => {
  const by = agent('anna');
  const other = { kind: 'group', groupId: 'group-2' } as const;
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
  const left = row('AgentLeft', { agentId: 'anna', then: 'forward', groupId: 'group-2' });
  const refused = { ...left, refused: 'group-unknown' } as const;
  const noReply = { type: 'DeadlinePassed', kind: 'first-reply' } as const;
  const inputs = [asks('Unassign', { by }), asks('Forward', { by, to: other }), left, refused, noReply];
  const own = { target: toGroup, orDefault: true };
  expect(wants(samples.assigned(), ...inputs)).toEqual([own, { target: other }, { target: other }, own, own]);
  expect(wants(samples.assigned(), asks('Forward', { by, to: toGroup }))).toEqual([{ target: toGroup }]);
  expect(wants(samples.queued(), ...inputs)).toEqual([null, null, null, null, null]);
  expect(wants(samples.resolved(), wrote('m'), { ...wrote('m'), refused: 'agent-at-limit' })).toEqual([own, own]);
  expect(wants(samples.resolved({ policy: { reopen: { to: 'bot' } } }), wrote('m'))).toEqual([null]);
});

test('and of a desk’s queue where it may be lost', () => {
  const lost = { type: 'DeadlinePassed', kind: 'desk-lost' } as const;
  const taken = samples.takenByDesk();
  const [line] = taken.pending('SendToDesk');
  const fails = (failure: 'permanent' | 'retryable') => core.onDone(line as ConversationWork, failed(failure));
  const own = { target: toGroup, orDefault: true };
  expect(wants(taken, lost, fails('permanent'), fails('retryable'))).toEqual([own, own, null]);
  const bot = samples.takenByDesk({ policy: { desk: { onLost: 'bot' } } });
  expect(wants(bot, lost, fails('permanent'))).toEqual([null, null]);
  expect(wants(samples.heldByDesk(), lost)).toEqual([{ target: toDesk, orDefault: true }]);
});

test('nothing is asked for an input that is turned away', () => {
  const by = agent('bert');
  const left = { agentId: 'anna', groupId: null };
  const inputs = [
    asks('Unassign', { by }),
    asks('Forward', { by, to: toGroup }),
    asks('Forward', { to: { kind: 'agent', agentId: 'bert' } }),
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
    row('AgentLeft', { ...left, then: 'close' }),
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
    row('AgentLeft', { ...left, agentId: 'bert', then: 'requeue' }),
  ];
  expect(wants(samples.assigned(), ...inputs)).toEqual(inputs.map(() => null));
});

test('without its facts a command is let through, for the record lane to decide', () => {
  expect(core.decide(core.initial, requested, T0)).toEqual({ kind: 'ignored', because: 'no-context' });
});

test('facts and refusals are added to an input without changing it', () => {
  const input = wrote('m1');
  expect(core.withContext(input, contextOf())).toEqual({ ...input, context: contextOf() });
  expect(core.withRefusal(input, 'blocked')).toEqual({ ...input, refused: 'blocked' });
  expect(input).toEqual(wrote('m1'));
});

test('a deadline and an outcome become inputs', () => {
  const deadline = { kind: 'queue-wait', at: T0, silence: false };
  expect(core.onDeadline(deadline)).toEqual({ type: 'DeadlinePassed', kind: 'queue-wait' });
  const [work] = core.pending(samples.botBusy().state);
  expect(work && core.onDone(work, { kind: 'deferred' })).toEqual({
    type: 'WorkDone',
    workId: 'AskBot:1:1',
    work: 'AskBot',
    outcome: { kind: 'deferred' },
  });
});

test.each(scenes)('in %s nothing is mutated by any input', (_name, scene) => {
  const frozen = deepFreeze(JSON.parse(JSON.stringify(scene.state)) as typeof scene.state);
  for (const { input } of Object.values(columns)) {
    const decision = core.decide(frozen, deepFreeze(input(scene)), scene.now);
    if (decision.kind === 'accepted') decision.events.map(deepFreeze).reduce(core.evolve, frozen);
  }
  expect(frozen).toEqual(scene.state);
});

test.each(scenes)('in %s what is allowed is never wrong-state, and what is not never has an effect', (_name, scene) => {
  const tried = commandNames.map((name) => ({ name, turned: scene.when(commandOf(name, scene)) }));
  const listed = allowed(scene.state);
  const wrong = tried.filter(({ name, turned }) => listed.includes(name) && turned.because === 'wrong-state');
  const effective = tried.filter(({ name, turned }) => !listed.includes(name) && turned.events.length > 0);
  expect([...wrong, ...effective].map(({ name }) => name)).toEqual([]);
});

test('every refusal of the record has its code towards a caller', () => {
  const codes = ['agent-at-limit', 'agent-offline', 'agent-unknown', 'group-unknown', 'blocked', 'draft-unknown'];
  for (const refused of codes) {
    expect(samples.queued().when(core.withRefusal(join('anna'), refused)).because).toBe(refused);
  }
  expect(samples.queued().when(core.withRefusal(resolves(), 'inbox-waiting')).because).toBe('wrong-state');
});

test('who is refused because the contact was erased is told what can still be done: to end it', () => {
  const { rejection } = samples.queued().when(core.withRefusal(join('anna'), 'contact-erased'));
  expect(rejection).toMatchObject({ code: 'contact-erased', allowed: ['Resolve'] });
});

function commandOf(name: CommandName, scene: Scene): Command {
  return columns[name].input(scene) as Command;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
