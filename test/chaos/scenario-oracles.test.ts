/** The oracles of single scenarios can object, too: of the model (R12). */
import { describe, expect, test } from 'vitest';
import { conversationDecider as core } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import { judgeCommand, type Taken } from './model/judged.ts';
import type { Move } from './model/moves.ts';

describe('the model', () => {
  const by = { kind: 'supervisor', agentId: 'chief' } as const;
  const move = (command: object): Move => ({
    action: '',
    body: {},
    actor: { by, token: '', acts: null },
    command: { by, key: 'k', ...command } as Move['command'],
  });
  const unassign = move({ type: 'Unassign' });
  const tag = move({ type: 'Tag', add: ['urgent'], remove: [] });
  const before = { state: initialState, eventNo: 0 };
  const tagged: ConversationEvent = { at: 1, type: 'TagsChanged', added: ['urgent'], removed: [] };
  const nothing: Taken = { before, after: before, events: [] };
  const something: Taken = {
    before,
    after: { state: core.evolve(initialState, tagged), eventNo: 1 },
    events: [tagged],
  };
  const refusal = { code: 'wrong-state', allowed: ['RequestHandover', 'Block', 'Tag'] };

  test('has nothing against what the core says', () => {
    expect(judgeCommand(unassign, { status: 409, body: refusal }, nothing, 1)).toEqual([]);
    expect(judgeCommand(tag, { status: 200, body: { events: ['TagsChanged'] } }, something, 1)).toEqual([]);
  });

  test.each([
    ['an illegal action that is accepted', unassign, { status: 200, body: { events: [] } }, nothing],
    ['a legal one that is refused', tag, { status: 409, body: refusal }, nothing],
    ['another reason', unassign, { status: 409, body: { ...refusal, code: 'taken' } }, nothing],
    ['another list of what is allowed', unassign, { status: 409, body: { ...refusal, allowed: [] } }, nothing],
    ['a refusal with an effect', unassign, { status: 409, body: refusal }, something],
    ['other events than the core has', tag, { status: 200, body: { events: ['IdleWarned'] } }, something],
    [
      'a state that its events do not lead to',
      tag,
      { status: 200, body: { events: ['TagsChanged'] } },
      { ...something, after: before },
    ],
    ['a failure', tag, { status: 500, body: {} }, nothing],
  ])('%s', (_, asked, answered, taken) => {
    expect(judgeCommand(asked, answered, taken, 1)).not.toEqual([]);
  });
});
