import { describe, expect, test } from 'vitest';
import { actorFormat, createUnpack, packState, shownState, unpackState } from '../../store/actor-state.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import { defaultPolicy } from '../../workflows/conversation/policy.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import { samples } from '../../dev/scenes/samples.ts';

type Fields = Record<string, unknown>;

const stored = (state: ConversationState): { state: Fields } =>
  JSON.parse(packState(state, ['key'])) as { state: Fields };

describe('A row of this build’s format', () => {
  test.each(Object.keys(samples) as (keyof typeof samples)[])('is what was packed: %s', (name) => {
    const { state } = samples[name]();
    expect(unpackState(stored(state), actorFormat)).toEqual({ state, keys: ['key'] });
  });

  test('that is empty says that nothing has been recorded', () => {
    expect(unpackState(null, actorFormat)).toEqual({ state: null, keys: [] });
  });
});

describe('A field that came later, which a row lacks, is read as at the beginning of a conversation', () => {
  const { state } = samples.replied();

  test.each(Object.keys(initialState).filter((field) => field !== 'accountPolicy'))('%s', (field) => {
    const row = stored(state);
    delete row.state[field];
    expect(unpackState(row, actorFormat).state).toEqual({
      ...state,
      [field]: initialState[field as keyof ConversationState],
    });
  });

  test('the account’s own numbers, as those in force', () => {
    const { accountPolicy, ...older } = stored(state).state;
    expect(accountPolicy).not.toEqual(older['policy']);
    expect(unpackState({ state: older }, actorFormat).state).toEqual({ ...older, accountPolicy: older['policy'] });
  });

  test.each(Object.keys(initialState.count))('count.%s', (field) => {
    const row = stored(state);
    delete (row.state['count'] as Fields)[field];
    expect(unpackState(row, actorFormat).state).toEqual({ ...state, count: { ...state.count, [field]: 0 } });
  });

  test('a number of the policy, and a whole section of it', () => {
    const row = stored(state);
    const policy = row.state['policy'] as Record<string, Fields>;
    delete policy['delivery'];
    delete policy['queue']?.['waitMs'];
    const { delivery } = defaultPolicy;
    expect(unpackState(row, actorFormat).state).toEqual({ ...state, policy: { ...state.policy, delivery } });
  });

  test('the form of a phase is that of the policy in force', () => {
    const asking = samples.answering().state;
    const row = stored(asking);
    delete (row.state['phase'] as Fields)['form'];
    expect(unpackState(row, actorFormat).state).toEqual(asking);
  });

  test('the time of the last question is that of the first', () => {
    const asking = samples.form().state;
    const row = stored(asking);
    delete (row.state['phase'] as Fields)['askedAt'];
    expect(unpackState(row, actorFormat).state).toEqual(asking);
  });

  test('the keys', () => {
    expect(unpackState({ state }, actorFormat)).toEqual({ state, keys: [] });
  });
});

describe('A row of another build’s format', () => {
  const row = stored(samples.assigned().state);
  const renamed = (from: string, to: string) => (state: Fields) => {
    const { [from]: value, ...rest } = state;
    return { ...rest, [to]: value };
  };
  const unpack = createUnpack(3, { 1: renamed('older', 'old'), 2: renamed('old', 'tagIds') });
  const without = Object.fromEntries(Object.entries(row.state).filter(([field]) => field !== 'tagIds'));

  test('is brought here step by step, from as far back as steps go', () => {
    expect(unpack({ state: { ...without, older: ['t'] } }, 1).state).toMatchObject({ tagIds: ['t'] });
    expect(unpack({ state: { ...without, old: ['t'] } }, 2).state).toMatchObject({ tagIds: ['t'] });
    expect(() => unpack(row, 0)).toThrow('actor-format-0');
  });

  test('the next, is read as it is, and what is not known here is kept', () => {
    expect(unpack({ state: { ...row.state, later: 1 } }, 4).state).toEqual({ ...row.state, later: 1 });
  });

  test('newer than the next, is refused by name, and shown by nobody', () => {
    expect(() => unpack(row, 5)).toThrow(expect.objectContaining({ code: 'actor-format-5' }) as Error);
    expect(shownState(row, actorFormat + 2)).toBe(null);
    expect(shownState(row, actorFormat + 1)).toEqual(row.state);
  });

  test('there is a step from every format that was ever written', () => {
    for (let format = 1; format <= actorFormat; format += 1) expect(unpackState(row, format).state).not.toBe(null);
  });
});

describe('A row with which this code can’t live is refused by name, before a workflow has it, and shown by nobody', () => {
  const { state } = stored(samples.queued().state);
  test.each<[what: string, state: Fields]>([
    ['it can’t be completed', { ...state, phase: null }],
    ['it has no deadlines', { ...state, phase: { ...(state['phase'] as Fields), name: 'unheard-of' } }],
    ['nothing can be done for it', { ...state, outbox: 'none' }],
  ])('%s', (_what, broken) => {
    expect(() => unpackState({ state: broken }, actorFormat)).toThrow(
      expect.objectContaining({ code: 'actor-state' }) as Error,
    );
    expect(shownState({ state: broken }, actorFormat)).toBe(null);
  });
});
