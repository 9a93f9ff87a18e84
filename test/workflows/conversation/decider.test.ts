/** What the shell is promised by `Decider`. */
import { expect, test } from 'vitest';
import { allowed } from '../../../workflows/conversation/allowed.ts';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import { commandNames, type Command, type CommandName } from '../../../workflows/conversation/inputs.ts';
import { defaultPolicy } from '../../../workflows/conversation/policy.ts';
import { asks, join, requested, resolves, row, wrote } from '../../support/conversation-inputs.ts';
import { samples } from '../../support/conversation-samples.ts';
import { contextOf, given, T0, type Scene } from '../../support/given.ts';
import { columns } from './cells.ts';

const scenes = Object.entries(samples).map(([name, sample]) => [name, sample()] as const);

test('it begins with nothing: no session, the engine holds the baton, the default policy', () => {
  expect(core.initial).toMatchObject({
    phase: { name: 'bot' },
    baton: { holder: { kind: 'engine' }, epoch: 0 },
    session: null,
    policy: defaultPolicy,
  });
  expect(core.deadlines(core.initial)).toEqual([]);
});

test('facts are wanted only where a session begins or a policy is read anew', () => {
  const took = row('DeskTook', { deskId: 'desk-1', personId: null });
  const wants = (scene: Scene) =>
    [wrote('m'), requested, took, row('PolicyChanged', {}), join('anna')].map((input) =>
      core.needsContext(scene.state, input),
    );
  expect(wants(given())).toEqual([true, true, true, false, false]);
  expect(wants(samples.over())).toEqual([true, true, true, false, false]);
  expect(wants(samples.assigned())).toEqual([false, false, false, true, false]);
});

test('without its facts a command is let through, for the record lane to decide', () => {
  expect(core.decide(core.initial, requested, T0)).toEqual({ kind: 'ignored', because: 'no-context' });
});

test('facts and refusals are added to an input without changing it', () => {
  const input = wrote('m1');
  expect(core.withContext(input, contextOf())).toEqual({ ...input, context: contextOf() });
  expect(core.withRefusal(input, 'taken')).toEqual({ ...input, refused: 'taken' });
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
  const codes = [
    'agent-at-limit',
    'agent-offline',
    'agent-unknown',
    'group-unknown',
    'taken',
    'blocked',
    'draft-unknown',
  ];
  for (const refused of codes) {
    expect(samples.queued().when(core.withRefusal(join('anna'), refused)).because).toBe(refused);
  }
  expect(samples.queued().when(core.withRefusal(resolves(), 'inbox-waiting')).because).toBe('wrong-state');
});

function commandOf(name: CommandName, scene: Scene): Command {
  const column = columns[name];
  return (column ? column.input(scene) : asks('Resolve', {})) as Command;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
