/** Which numbers are in force when: those of the group that has the conversation or is to get it, else the account's. */
import { describe, expect, test } from 'vitest';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import {
  agent,
  asks,
  join,
  replies,
  resolves,
  routed,
  row,
  toDesk,
  toGroup,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { required } from '../../support/required.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { HOUR, MINUTE, policyFor, policyOf, type Facts, type Scene } from '../../../dev/scenes/given.ts';

const other = { kind: 'group', groupId: 'group-2' } as const;

/** Nobody's numbers are anybody else's. */
const facts: Facts = {
  policy: { version: 1, lock: { sessionMs: 24 * HOUR }, queue: { waitMs: 60 * MINUTE } },
  groups: {
    'group-1': {
      assignment: 'manual',
      firstReplyMs: 10 * MINUTE,
      queue: { waitMs: 30 * MINUTE },
      lock: { sessionMs: 20 * HOUR },
    },
    'group-2': {
      assignment: 'automatic',
      firstReplyMs: 3 * MINUTE,
      queue: { waitMs: 7 * MINUTE },
      lock: { sessionMs: 12 * HOUR },
    },
  },
};
const newer: Facts = { ...facts, policy: { ...facts.policy, version: 2, queue: { waitMs: 50 * MINUTE } } };

const expectAccounts = (scene: Scene): void => expect(scene.state.policy).toEqual(policyOf(scene.facts.policy));
const expectGroups = (target: typeof toGroup | typeof other, scene: Scene): void =>
  expect(scene.state.policy).toEqual(policyFor(target, scene.facts));

const forwarded = (scene: Scene, to: typeof other | typeof toGroup | typeof toDesk = other): Scene =>
  scene.when(asks('Forward', { to }));
const changed = (scene: Scene): Scene => scene.with(newer).when(row('PolicyChanged', {}));

describe('the numbers in force are those of the group', () => {
  test('that the conversation waits for, was taken from, and was resolved in', () => {
    for (const sample of ['queued', 'offered', 'assigned', 'replied', 'takenByDesk', 'resolved'] as const) {
      expectGroups(toGroup, samples[sample](facts));
    }
  });

  test('S1-6: to which it is forwarded: who may join, and what is armed, is the new group’s to say', () => {
    const toAutomatic = forwarded(samples.assigned(facts));
    expectGroups(other, toAutomatic);
    expect(toAutomatic.dueAt('queue-wait')).toBe(toAutomatic.now + 7 * MINUTE);
    expect(toAutomatic.when(join('bert')).because).toBe('auto-assignment-enabled');
    const assigned = toAutomatic.when(asks('Assign', { agentId: 'bert', override: false }));
    expect(assigned.dueAt('first-reply')).toBe(assigned.now + 3 * MINUTE);
    const toManual = forwarded(assigned, toGroup);
    expectGroups(toGroup, toManual);
    const joined = toManual.when(join('anna'));
    expect(joined.dueAt('first-reply')).toBe(joined.now + 10 * MINUTE);
  });

  test('S1-10: to which an agent’s chats go when they leave, and the own again where that is gone', () => {
    const assigned = samples.assigned(facts);
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
    const left = row('AgentLeft', { agentId: 'anna', then: 'forward', groupId: 'group-2' });
    expectGroups(other, assigned.when(left));
    expectGroups(toGroup, assigned.when({ ...left, refused: 'group-unknown' }));
  });

  test('that gets it back by a deadline, by unassigning and by the customer who reopens', () => {
    const moved = forwarded(samples.assigned(facts)).when(asks('Assign', { agentId: 'bert', override: false }));
    expectGroups(other, moved.fires('first-reply'));
    expectGroups(other, moved.when(asks('Unassign', {})));
    const resolved = moved.when(resolves());
    expectGroups(other, resolved);
    expectGroups(other, resolved.when({ ...wrote('m9'), refused: 'agent-at-limit' }));
    expectGroups(
      toGroup,
      samples.takenByDesk(facts).done('SendToDesk', { kind: 'failed', class: 'auth', retryAfterMs: null }),
    );
  });

  test('of a forward to an agent nothing changes: the chat goes back where it came from', () => {
    const to = { kind: 'agent', agentId: 'bert' } as const;
    expectGroups(toGroup, samples.assigned(facts).when(asks('Forward', { to })));
  });
});

describe('the numbers in force are the account’s', () => {
  test('with the bot and in the intake', () => {
    for (const sample of ['bot', 'checking', 'prechat', 'form', 'routing', 'blocked'] as const) {
      expectAccounts(samples[sample](facts));
    }
  });

  test('where a desk is asked, or has the chat that no group had', () => {
    for (const sample of ['queuedAtDesk', 'openedAtDesk', 'heldByDesk'] as const)
      expectAccounts(samples[sample](facts));
    expectAccounts(forwarded(samples.assigned(facts), toDesk));
    expectAccounts(samples.bot(facts).when(row('DeskTook', { deskId: 'desk-1', personId: null })));
  });

  test('again with the bot: handed back, given up, and blocked', () => {
    const assigned = samples.assigned(facts);
    expectAccounts(assigned.when(asks('HandBack', {})));
    expectAccounts(samples.queued(facts).when(row('CustomerCancelled', {})));
    const blocked = assigned.when(asks('Block', { blockId: 'block-1', expiresAt: null }));
    expectAccounts(blocked);
    expectAccounts(blocked.when(asks('Unblock', {})));
    expect(blocked.dueAt('session')).toBe(assigned.now + 24 * HOUR);
  });

  test('and from a new session on', () => {
    const over = samples.over(facts);
    expectAccounts(over.when(wrote('m9')));
  });
});

describe('a new version', () => {
  test('is in force as that of the group where a group has the conversation, also resolved', () => {
    for (const sample of ['queued', 'assigned', 'replied', 'takenByDesk', 'resolved'] as const) {
      const scene = changed(samples[sample](facts));
      expect(scene.types).toEqual(['PolicyApplied']);
      expectGroups(toGroup, scene);
      expect(scene.state.accountPolicy).toEqual(policyOf(newer.policy));
    }
  });

  test('stays in force when the conversation moves on', () => {
    expectGroups(other, forwarded(changed(samples.assigned(facts))));
    expectAccounts(changed(samples.assigned(facts)).when(asks('HandBack', {})));
    expectAccounts(changed(samples.heldByDesk(facts)));
  });

  test('is applied once', () => {
    const twice = changed(changed(samples.queued(facts)));
    expect(twice.because).toBe('policy-in-force');
  });

  test('that a queue brought along is applied all the same when its news come', () => {
    const queued = samples.routing(facts).done('RouteHandover', routed({ policy: policyFor(toGroup, newer) }));
    expect(queued.state.policy.version).toBe(2);
    const told = changed(queued);
    expect(told.types).toEqual(['PolicyApplied']);
    expectAccounts(told.when(row('CustomerCancelled', {})));
  });

  test('that came while the hand-over was being routed is not undone: it is routed again, at once', () => {
    const told = changed(samples.routing(facts));
    const again = told.done('RouteHandover', routed({ policy: policyFor(toGroup, facts) }));
    expect(again.of('RouteOutdated')).toMatchObject([{ attempt: 2, notBeforeAt: again.now }]);
    expectGroups(toGroup, again.done('RouteHandover', routed({ policy: policyFor(toGroup, newer) })));
  });

  test('that only the record knows of is asked for by routing again', () => {
    const routes = samples.routing(facts);
    const [work] = routes.pending('RouteHandover');
    const done = core.onDone(required(work), routed({ policy: policyFor(toGroup, facts) }));
    expect(routes.when(core.withRefusal(done, 'context-changed')).types).toEqual(['RouteOutdated']);
  });

  test('of a group that is gone is the account’s', () => {
    const input = { ...row('PolicyChanged', {}), context: { ...samples.assigned(newer).context, route: null } };
    const told = samples.assigned(facts).when(input);
    expect(told.state.policy).toEqual(policyOf(newer.policy));
    expect(told.when(replies('anna', 'r')).decision.kind).toBe('accepted');
  });
});

test('a decision that is only tried, without facts, is under the account’s numbers', () => {
  const scene = samples.assigned(facts);
  const blind = { ...asks('Unassign', { by: agent('anna') }), context: undefined };
  expect(scene.when(blind as unknown as ReturnType<typeof asks<'Unassign'>>).of('ConversationQueued')).toMatchObject([
    { policy: policyOf(facts.policy) },
  ]);
});
