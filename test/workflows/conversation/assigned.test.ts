import { describe, expect, test } from 'vitest';
import type { By } from '../../../workflows/conversation/inputs.ts';
import {
  agent,
  api,
  asks,
  failed,
  join,
  replies,
  requested,
  resolves,
  routed,
  row,
  supervisor,
  toDesk,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { contextOf, given, MINUTE, policyFor, type Scene } from '../../../dev/scenes/given.ts';

const anna = agent('anna');
const otherGroup = { kind: 'group', groupId: 'group-2' } as const;
const toBert = { kind: 'agent', agentId: 'bert' } as const;
const left = (agentId: string, then: 'requeue' | 'forward' | 'close', groupId: string | null = null) =>
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
  row('AgentLeft', { agentId, then, groupId });

describe('replies', () => {
  test("S4-4: the owner's reply goes out, under the epoch of then", () => {
    const said = samples.assigned().when(replies('anna', 'r1'));
    expect(said.types).toEqual(['MessageQueued', 'OwnerReplied']);
    expect(said.of('MessageQueued')).toMatchObject([{ author: 'agent', epoch: 3, what: { messageId: 'r1' } }]);
  });

  test('S4-4: nobody else’s does: 409 with the owner', () => {
    const turned = samples.assigned().when(replies('bert', 'r1'));
    // What it says is possible instead is so for who asked.
    const instead = ['RequestHandover', 'Block', 'Tag'];
    expect(turned.rejection).toMatchObject({ code: 'not-the-owner', ownerId: 'anna', allowed: instead });
    const supervisor = { kind: 'supervisor', agentId: 'bert' } as const;
    const asked = samples.assigned().when({ ...replies('bert', 'r1'), by: supervisor });
    expect(asked.rejection?.allowed).toEqual(expect.arrayContaining(['Unassign', 'Forward', 'HandBack', 'Resolve']));
    expect(asked.rejection?.allowed).not.toContain('Reply');
    const pretended = samples.assigned().when({ ...replies('anna', 'r1'), by: agent('bert') });
    expect(pretended.rejection?.code).toBe('not-the-owner');
    expect(samples.heldByDesk().when(replies('anna', 'r1')).rejection).toMatchObject({
      code: 'not-the-owner',
      ownerId: 'desk-1',
    });
  });

  test('a draft that the record doesn’t know is refused', () => {
    const turned = samples.assigned().when({ ...replies('anna', 'r1'), refused: 'draft-unknown' });
    expect(turned.rejection?.code).toBe('draft-unknown');
  });

  test('an accepted reply is sent whatever becomes of the chat', () => {
    const said = samples.replied();
    const later = [
      said.when(asks('Unassign', { by: anna })),
      said.when(asks('Forward', { to: toBert, by: anna })),
      said.when(asks('HandBack', { by: anna })),
      said.when(resolves()),
      said.when(asks('Block', { blockId: 'b', expiresAt: null })),
      said.when(row('DeskTook', { deskId: 'desk-1', personId: null })),
      said.fires('session'),
    ];
    for (const scene of later) {
      expect(scene.decision.kind).toBe('accepted');
      expect(scene.state.outbox.filter(({ author }) => author === 'agent')).toHaveLength(1);
    }
  });
});

describe('who has it', () => {
  test('S4-4: a second agent learns who was first; the first joins again without effect', () => {
    expect(samples.assigned().when(join('bert')).rejection).toMatchObject({ code: 'taken', ownerId: 'anna' });
    expect(samples.assigned().when(join('anna')).because).toBe('already-owner');
  });

  test('B-20: a supervisor, or a backend, gives it to another; an agent doesn’t take it away', () => {
    const assigns = (by: typeof supervisor) => asks('Assign', { agentId: 'bert', override: false, by });
    const given = samples.assigned().when(assigns(supervisor));
    expect(given.types.slice(0, 2)).toEqual(['OwnerReleased', 'ConversationAssigned']);
    expect(given.state.phase).toMatchObject({ owner: { agentId: 'bert' }, replied: false });
    expect(samples.assigned().when(assigns(api)).decision.kind).toBe('accepted');
    expect(samples.assigned().when(assigns(agent('bert'))).rejection?.code).toBe('taken');
    const again = asks('Assign', { agentId: 'anna', override: false, by: supervisor });
    expect(samples.assigned().when(again).because).toBe('already-owner');
  });

  test.each([
    ['Unassign', asks('Unassign', { by: agent('bert') })],
    ['Forward', asks('Forward', { to: toBert, by: agent('bert') })],
    ['HandBack', asks('HandBack', { by: agent('bert') })],
    ['Resolve', resolves(agent('bert'))],
  ])('%s is the owner’s, a supervisor’s or a backend’s', (_name, command) => {
    expect(samples.assigned().when(command).rejection).toMatchObject({ code: 'not-the-owner', ownerId: 'anna' });
    for (const by of [anna, supervisor, api]) {
      expect(samples.assigned().when({ ...command, by }).decision.kind).toBe('accepted');
    }
    expect(samples.assigned().when({ ...command, by: { kind: 'bot', botId: 'bot-1' } }).because).toBe('not-the-owner');
  });
});

describe('giving it up', () => {
  test('S4-6: unassign: the place is free, back in the queue by age, not straight back', () => {
    const queued = samples.queued();
    const back = queued.when(join('anna'), MINUTE).when(asks('Unassign', { by: anna }));
    expect(back.of('OwnerReleased')).toMatchObject([{ owner: { agentId: 'anna' }, because: 'unassign' }]);
    expect(back.of('ConversationQueued')).toMatchObject([
      { entry: 2, because: 'unassign', notTo: 'anna', waitingSince: queued.now },
    ]);
    expect(back.state.baton).toEqual({ holder: { kind: 'engine' }, epoch: 4 });
    expect(back.of('MessageCancelled').map(({ because }) => because)).toEqual(['situation-over']);
  });

  describe('where its group is gone', () => {
    const unassign = asks('Unassign', { by: anna });

    test('S4-6: unassign: back in the queue that stands for it, at the place of its age', () => {
      const queued = samples.queued();
      const context = contextOf({}, { target: otherGroup });
      const back = queued.when(join('anna'), MINUTE).when({ ...unassign, context });
      expect(back.of('ConversationQueued')).toMatchObject([
        { target: otherGroup, because: 'unassign', notTo: 'anna', waitingSince: queued.now },
      ]);
      expect(back.state.policy).toEqual(policyFor(otherGroup));
    });

    test.each([['bot-1'], [null]])('S4-6: or, where none does, the customer is the bot’s again (%s)', (botId) => {
      const asked = given({ botId, policy: { intake: { by: 'none' } } }).when(requested);
      const routes = asked.done('CheckPresence', { kind: 'checked', online: true });
      const held = routes.done('RouteHandover', routed()).when(join('anna'));
      const free = held.when({ ...unassign, refused: 'group-unknown' });
      expect(free.of('OwnerReleased')).toMatchObject([{ owner: { agentId: 'anna' } }]);
      expect(free.of('ReturnedToBot')).toMatchObject([{ because: 'handover-failed' }]);
      expect(free.state).toMatchObject({ phase: { name: 'bot' }, handover: null });
    });

    test('that is no way round whose it is', () => {
      const others = { ...asks('Unassign', { by: agent('bert') }), refused: 'group-unknown' } as const;
      expect(samples.assigned().when(others).because).toBe('not-the-owner');
    });
  });

  test('S1-6: forward to a group: queued there in the same decision, or nothing changes', () => {
    const forward = asks('Forward', { to: otherGroup, by: anna });
    const moved = samples.assigned().when(forward);
    expect(moved.types.slice(0, 2)).toEqual(['OwnerReleased', 'ConversationQueued']);
    expect(moved.of('ConversationQueued')).toMatchObject([{ because: 'forward', target: otherGroup }]);
    const refused = samples.assigned().when({ ...forward, refused: 'group-unknown' });
    expect(refused.rejection?.code).toBe('group-unknown');
    expect(refused.state.phase).toMatchObject({ owner: { agentId: 'anna' } });
  });

  test('B-5: forward to an agent who must have a place; the new owner is told of as every owner', () => {
    const forward = asks('Forward', { to: toBert, by: anna });
    const moved = samples.assigned().when(forward);
    expect(moved.of('ConversationAssigned')).toMatchObject([{ owner: toBert, by: 'forward', override: false }]);
    expect(moved.of('MessageQueued')).toMatchObject([{ what: { notice: 'assigned', situation: 'assigned:4' } }]);
    expect(samples.assigned().when({ ...forward, refused: 'agent-at-limit' }).rejection?.code).toBe('agent-at-limit');
    const self = asks('Forward', { to: { kind: 'agent', agentId: 'anna' }, by: anna });
    expect(samples.assigned().when(self).because).toBe('already-owner');
  });

  test('forward to a desk: the desk is asked, and hears of the customer from then on', () => {
    const moved = samples.assigned().when(asks('Forward', { to: toDesk, by: anna }));
    expect(moved.pending('OpenAtDesk')).toMatchObject([{ deskId: 'desk-1', handover: 1 }]);
    expect(moved.when(wrote('hello')).pending('SendToDesk')).toHaveLength(1);
    const back = samples.heldByDesk().when(asks('Forward', { to: toDesk }));
    expect(back.because).toBe('already-owner');
  });

  test('B-5: at most ten in a row; a reply or a resolve starts the count anew', () => {
    const names = ['anna', 'bert'];
    const owner = (scene: Scene) =>
      scene.state.phase.name === 'assigned' && scene.state.phase.owner.kind === 'agent'
        ? scene.state.phase.owner.agentId
        : '';
    const pass = (scene: Scene) => {
      const to = names.find((name) => name !== owner(scene)) ?? '';
      return scene.when(asks('Forward', { to: { kind: 'agent', agentId: to } }));
    };
    const ten = Array.from({ length: 10 }).reduce<Scene>(pass, samples.assigned());
    expect(ten.decision.kind).toBe('accepted');
    expect(pass(ten).rejection?.code).toBe('too-many-transfers');
    expect(pass(ten.when(replies(owner(ten), 'r1'))).decision.kind).toBe('accepted');
    expect(ten.when(resolves()).state.transfers).toBe(0);
    const toGroups = samples
      .assigned()
      .when(asks('Forward', { to: otherGroup, by: anna }))
      .when(asks('Assign', { agentId: 'bert', override: false }));
    expect(pass(toGroups).state.transfers).toBe(2);
  });

  describe('B-5: to be assigned to one after another', () => {
    const over = (from: Scene, by: By) => {
      const { phase } = from.state;
      const isAnnas = phase.name === 'assigned' && phase.owner.kind === 'agent' && phase.owner.agentId === 'anna';
      return from.when(asks('Assign', { agentId: isAnnas ? 'bert' : 'anna', override: false, by }));
    };
    const often = (by: By) => Array.from({ length: 10 }).reduce<Scene>((scene) => over(scene, by), samples.assigned());

    test('a key can do so ten times in a row, forwards counted, until somebody replies', () => {
      const ten = often(api);
      expect(ten.decision.kind).toBe('accepted');
      expect(over(ten, api).rejection?.code).toBe('too-many-transfers');
      expect(ten.when(asks('Forward', { to: toBert, by: anna })).rejection?.code).toBe('too-many-transfers');
      expect(over(ten.when(replies('anna', 'r1')), api).decision.kind).toBe('accepted');
    });

    test('a supervisor as often as they like: a person’s decision is no loop, and is not counted', () => {
      const ten = often(supervisor);
      expect(over(ten, supervisor).decision.kind).toBe('accepted');
      expect(ten.state.transfers).toBe(0);
      expect(over(often(api), supervisor).decision.kind).toBe('accepted');
    });

    test('a key that takes it away and assigns it anew passes it on as well, however often the queue is between', () => {
      const around = (from: Scene) => over(from.when(asks('Unassign', { by: api })), api);
      const ten = Array.from({ length: 10 }).reduce<Scene>(around, samples.assigned());
      expect(ten.state).toMatchObject({ phase: { name: 'assigned' }, transfers: 10 });
      expect(ten.when(asks('Unassign', { by: api })).rejection?.code).toBe('too-many-transfers');
      expect(ten.when(asks('Unassign', { by: supervisor })).decision.kind).toBe('accepted');
    });

    test('an agent who lets go passes it on to nobody, and always can', () => {
      const letsGo = (from: Scene) => from.when(asks('Unassign', { by: anna })).when(join('anna'));
      const often = Array.from({ length: 11 }).reduce<Scene>(letsGo, samples.assigned());
      expect(often.state).toMatchObject({ phase: { name: 'assigned' }, transfers: 0 });
    });

    test('nor is it counted where it came out of the queue', () => {
      const taken = samples.queued().when(asks('Assign', { agentId: 'bert', override: false }));
      expect(taken.state.transfers).toBe(0);
      expect(
        taken.when(asks('Forward', { to: { kind: 'agent', agentId: 'anna' }, by: agent('bert') })).state.transfers,
      ).toBe(1);
    });
  });

  test('B-2: a hand-back wakes the bot at once, with a turn of its own and a new epoch', () => {
    const back = samples.assigned().when(asks('HandBack', { by: anna }));
    expect(back.types).toEqual([
      'OwnerReleased',
      'HandoverEnded',
      'ReturnedToBot',
      'BotTurnOpened',
      'MessageCancelled',
    ]);
    expect(back.of('BotTurnOpened')).toMatchObject([
      { about: { kind: 'returned', because: 'hand-back' }, epoch: 4, messages: null },
    ]);
    expect(back.state).toMatchObject({ session: { locked: false }, handover: null });
    expect(back.when(wrote('m9')).done('AskBot', { kind: 'answered', answer: silent }).pending('AskBot')).toMatchObject(
      [{ about: { kind: 'messages' } }],
    );
  });

  test('a bot that can’t be woken never hands over again by itself', () => {
    const policy = { bot: { tries: 1, onFailure: 'hand-over' } } as const;
    const back = samples.assigned({ policy }).when(asks('HandBack', { by: anna }));
    expect(back.done('AskBot', failed()).types).toEqual(['BotTurnFailed', 'MessageQueued']);
  });
});

const silent = { answerId: 'answer-silent', messageIds: [], handover: null, intake: null };

describe('S1-10: an agent who goes offline', () => {
  test('requeue, forward or close, each in one decision', () => {
    const requeued = samples.assigned().when(left('anna', 'requeue'));
    expect(requeued.of('ConversationQueued')).toMatchObject([
      { because: 'agent-left', target: { groupId: 'group-1' }, notTo: 'anna' },
    ]);
    const forwarded = samples.assigned().when(left('anna', 'forward', 'group-2'));
    expect(forwarded.of('ConversationQueued')).toMatchObject([{ target: otherGroup }]);
    const closed = samples.assigned().when(left('anna', 'close'));
    expect(closed.of('ConversationResolved')).toMatchObject([{ cause: 'agent-offline' }]);
  });

  test('a group that is gone falls back to the own queue', () => {
    const refused = samples.assigned().when({ ...left('anna', 'forward', 'group-9'), refused: 'group-unknown' });
    expect(refused.of('ConversationQueued')).toMatchObject([{ target: { groupId: 'group-1' } }]);
  });

  test('a forward to its own group, which is gone, leaves the bot', () => {
    const own = samples.assigned().state.phase;
    const groupId = own.name === 'assigned' && own.target.kind === 'group' ? own.target.groupId : '';
    const refused = samples.assigned().when({ ...left('anna', 'forward', groupId), refused: 'group-unknown' });
    expect(refused.types).toContain('ReturnedToBot');
  });

  test('an own group that is gone leaves the bot, told that nobody comes', () => {
    const refused = samples.assigned().when({ ...left('anna', 'requeue'), refused: 'group-unknown' });
    expect(refused.of('ReturnedToBot')).toMatchObject([{ because: 'handover-failed' }]);
  });

  test('only that agent’s chats', () => {
    expect(samples.assigned().when(left('bert', 'close')).because).toBe('not-their-conversation');
    expect(samples.heldByDesk().when(left('anna', 'close')).because).toBe('not-their-conversation');
  });
});

describe('S1-11: the first reply', () => {
  const policy = { firstReplyMs: 5 * MINUTE };

  test('in time it stops the clock; else the chat goes back, keeping its place by age', () => {
    const assigned = samples.assigned({ policy });
    expect(assigned.dueAt('first-reply')).toBe(assigned.now + 5 * MINUTE);
    expect(assigned.when(replies('anna', 'r1')).dueAt('first-reply')).toBeNull();
    const back = assigned.fires('first-reply');
    expect(back.of('ConversationQueued')).toMatchObject([
      { because: 'no-reply', notTo: 'anna', waitingSince: assigned.now },
    ]);
  });

  test('a group that is gone meanwhile leaves the bot', () => {
    const input = { type: 'DeadlinePassed', kind: 'first-reply', refused: 'group-unknown' } as const;
    const back = samples.assigned({ policy }).when(input, 5 * MINUTE);
    expect(back.of('ReturnedToBot')).toMatchObject([{ because: 'handover-failed' }]);
  });

  test('each owner has the time; a desk has its own rules', () => {
    const moved = samples.assigned({ policy }).when(asks('Forward', { to: toBert, by: anna }), 4 * MINUTE);
    expect(moved.dueAt('first-reply')).toBe(moved.now + 5 * MINUTE);
    expect(samples.heldByDesk({ policy }).dueAt('first-reply')).toBeNull();
    expect(samples.assigned().dueAt('first-reply')).toBeNull();
  });
});

describe('a customer who is silent', () => {
  const policy = { idle: { warnMs: 10 * MINUTE, closeMs: 20 * MINUTE } };

  test('is warned once, then the chat is closed', () => {
    const said = samples.replied({ policy });
    expect(said.dueAt('idle-warning')).toBe(said.now + 10 * MINUTE);
    const warned = said.fires('idle-warning');
    expect(warned.types).toEqual(['IdleWarned', 'MessageQueued']);
    expect(warned.dueAt('idle-warning')).toBeNull();
    const closed = warned.fires('idle-close');
    expect(closed.now).toBe(said.now + 20 * MINUTE);
    expect(closed.of('ConversationResolved')).toMatchObject([{ cause: 'idle' }]);
    expect(closed.of('MessageQueued')).toMatchObject([{ what: { notice: 'resolved' } }]);
  });

  test('owes an answer only after the owner has written, and no more once it came', () => {
    const assigned = samples.assigned({ policy });
    expect([assigned.dueAt('idle-warning'), assigned.dueAt('idle-close')]).toEqual([null, null]);
    const warned = samples.replied({ policy }).fires('idle-warning');
    const answered = warned.when(wrote('I am here'));
    expect([answered.dueAt('idle-warning'), answered.dueAt('idle-close')]).toEqual([null, null]);
    expect(answered.of('MessageCancelled')).toMatchObject([{ because: 'situation-over' }]);
    const again = answered.when(replies('anna', 'r2'));
    expect(again.dueAt('idle-warning')).toBe(again.now + 10 * MINUTE);
  });

  test('a further word of the owner begins the silence anew', () => {
    const warned = samples.replied({ policy }).fires('idle-warning');
    const more = warned.when(replies('anna', 'still there?'));
    expect(more.dueAt('idle-warning')).toBe(more.now + 10 * MINUTE);
  });
});

describe('S4-5, S1-7: resolve', () => {
  test('frees the place, ends the hand-over, tells the customer once', () => {
    const closed = samples.replied().when(resolves(anna));
    expect(closed.types).toEqual([
      'OwnerReleased',
      'ConversationResolved',
      'HandoverEnded',
      'MessageQueued',
      'MessageCancelled',
    ]);
    expect(closed.of('ConversationResolved')).toMatchObject([{ cause: 'agent', by: 'anna' }]);
    expect(closed.of('MessageQueued')).toMatchObject([{ what: { notice: 'resolved', situation: 'resolved:1' } }]);
    expect(closed.when(resolves(anna)).because).toBe('already-resolved');
  });
});
