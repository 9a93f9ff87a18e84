import { expect, test } from 'vitest';
import { isOpen, projectConversation } from '../../../workflows/conversation/project.ts';
import { asks, resolves, row, supervisor } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, HOUR, T0, type Scene } from '../../../dev/scenes/given.ts';

const projected = (scene: Scene) => projectConversation(scene.state);
const DAY = 24 * HOUR;

test('a conversation that never began is no one’s and not open', () => {
  expect(projected(given())).toEqual({
    phase: 'bot',
    holderKind: 'engine',
    holderId: null,
    epoch: 0,
    sessionNo: 0,
    sessionEndsAt: null,
    locked: false,
    windowClosedAt: null,
    handoverNo: null,
    requestId: null,
    agentId: null,
    override: false,
    deskId: null,
    groupId: null,
    priority: 0,
    queue: null,
    resolvedAt: null,
    archived: false,
    blockId: null,
    tagIds: [],
    policyVersion: 0,
    open: false,
    outboxLength: 0,
  });
});

test('S4-3, B-3: queued: its entry, its age, and when the session would end', () => {
  expect(projected(samples.offered())).toMatchObject({
    phase: 'queued',
    holderKind: 'engine',
    groupId: 'group-1',
    deskId: null,
    agentId: null,
    handoverNo: 1,
    requestId: 'request-1',
    locked: true,
    sessionEndsAt: T0 + DAY,
    queue: {
      entry: 1,
      groupId: 'group-1',
      deskId: null,
      since: T0,
      waitingSince: T0,
      priority: 0,
      notTo: null,
      offer: { claimId: 'claim-1', agentId: 'anna' },
    },
  });
  expect(projected(samples.queuedAtDesk()).queue).toMatchObject({ groupId: null, deskId: 'desk-1' });
});

test('S4-3: assigned: its owner, whether above the limit, and the group that it belongs to', () => {
  const over = asks('Assign', { agentId: 'bert', override: true, by: supervisor });
  expect(projected(samples.queued().when(over))).toMatchObject({
    holderKind: 'agent',
    holderId: 'bert',
    agentId: 'bert',
    override: true,
    groupId: 'group-1',
    queue: null,
  });
  expect(projected(samples.heldByDesk())).toMatchObject({ holderKind: 'desk', deskId: 'desk-1', agentId: null });
});

test('S4-5: resolved leaves the list of hand-overs, and stays open as long as its session', () => {
  expect(projected(samples.resolved())).toMatchObject({
    phase: 'resolved',
    resolvedAt: T0,
    handoverNo: null,
    agentId: null,
    groupId: 'group-1',
    open: true,
  });
});

test('P10: once nothing is open the actor may complete', () => {
  const said = samples.over().done('SendMessage', { kind: 'sent' }).done('SendMessage', { kind: 'sent' });
  expect(isOpen(said.state)).toBe(false);
  expect(isOpen(samples.over().state)).toBe(true);
});

test('S1-8: blocked is archived, found by its block', () => {
  expect(projected(samples.blocked())).toMatchObject({ archived: true, blockId: 'block-1', holderKind: 'bot' });
  const news = row('ContactBlocked', { blockId: 'block-2', expiresAt: null });
  expect(projected(samples.assigned().when(news))).toMatchObject({ archived: true, agentId: null });
});

test('S4-7: tags are a set: added once, removed for good, a wish that is fulfilled changes nothing', () => {
  const tagged = samples.bot().when(asks('Tag', { add: ['b', 'a', 'b'], remove: [] }));
  expect(tagged.events).toMatchObject([{ type: 'TagsChanged', added: ['b', 'a'], removed: [] }]);
  expect(projected(tagged).tagIds).toEqual(['b', 'a']);
  expect(tagged.when(asks('Tag', { add: ['a'], remove: ['c'] })).because).toBe('tags-as-wanted');
  const less = tagged.when(asks('Tag', { add: ['c', 'b'], remove: ['b'] }));
  expect(projected(less).tagIds).toEqual(['a', 'c']);
  expect(projected(less.when(resolves())).tagIds).toEqual(['a', 'c']);
});
