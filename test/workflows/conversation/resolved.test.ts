import { describe, expect, test } from 'vitest';
import { agent, asks, failed, replies, requested, resolves, routed, row, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, HOUR, MINUTE } from '../../../dev/scenes/given.ts';

const reopen = asks('Reopen', { agentId: 'bert', by: agent('bert') });

describe('the next message of the customer', () => {
  test('goes to the same agent, whose place is taken again and who is told of anew', () => {
    const again = samples.resolved().when(wrote('m9'));
    expect(again.of('ConversationReopened')).toMatchObject([{ by: 'customer' }]);
    expect(again.of('HandoverRequested')).toMatchObject([{ no: 2, by: 'engine', request: { requestId: 'engine:2' } }]);
    expect(again.of('ConversationAssigned')).toMatchObject([
      { owner: { agentId: 'anna' }, by: 'reopen', claimId: null },
    ]);
    expect(again.of('MessageQueued')).toMatchObject([{ what: { notice: 'assigned', situation: 'assigned:5' } }]);
    expect(again.state.phase).toMatchObject({ replied: false, silentSince: null, waitingSince: again.now });
  });

  test.each(['agent-at-limit', 'agent-offline', 'agent-unknown'] as const)(
    'S1-3: goes to the queue where that agent can’t (%s)',
    (refused) => {
      const again = samples.resolved().when({ ...wrote('m9'), refused });
      expect(again.of('ConversationQueued')).toMatchObject([{ because: 'reopen', target: { groupId: 'group-1' } }]);
      expect(again.of('CustomerMessageAccepted')).toHaveLength(1);
    },
  );

  test.each([
    ['even the group is gone', 'group-unknown'],
    ['the contact was erased after it was written', 'contact-erased'],
  ] as const)('goes to the bot where %s', (_why, refused) => {
    const again = samples.resolved().when({ ...wrote('m9'), refused });
    expect(again.of('ConversationQueued')).toEqual([]);
    expect(again.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'messages' } }]);
  });

  test('goes to the queue or to the bot, by the policy', () => {
    const queue = samples.resolved({ policy: { reopen: { to: 'queue' } } }).when(wrote('m9'));
    expect(queue.of('ConversationQueued')).toMatchObject([{ because: 'reopen', entry: 2, notTo: null }]);
    const bot = samples.resolved({ policy: { reopen: { to: 'bot' } } }).when(wrote('m9'));
    expect(bot.of('ReturnedToBot')).toMatchObject([{ no: null, because: 'reopened' }]);
    expect(bot.pending('AskBot')).toMatchObject([{ about: { kind: 'messages' }, messages: { from: 3, to: 3 } }]);
  });

  test('without a bot goes to the queue even where the policy wants the bot', () => {
    const policy = { reopen: { to: 'bot' }, bot: { onFailure: 'hand-over' } } as const;
    const asked = given({ botId: null, policy }).when(wrote('m1')).done('CheckPresence', failed());
    const resolved = asked.done('RouteHandover', routed({}, policy)).when(resolves());
    expect(resolved.when(wrote('m9')).of('ConversationQueued')).toMatchObject([{ because: 'reopen' }]);
    const gone = resolved.when({ ...wrote('m9'), refused: 'group-unknown' });
    expect(gone.of('HandoverRequested')).toMatchObject([{ by: 'engine', no: 2 }]);
    expect(gone.state.phase.name).toBe('bot');
  });

  test('goes to the queue where the last owner was nobody, or a desk, which is asked anew under a new number', () => {
    const nobody = samples.queued().when(resolves()).when(wrote('m9'));
    expect(nobody.of('ConversationQueued')).toMatchObject([{ because: 'reopen' }]);
    const desk = samples
      .heldByDesk()
      .when(row('DeskClosed', { deskId: 'desk-1', handover: 1 }))
      .when(wrote('m9'));
    expect(desk.pending('OpenAtDesk')).toMatchObject([{ deskId: 'desk-1', handover: 2 }]);
    expect(desk.pending('SendToDesk')).toMatchObject([{ handover: 2, outbound: { what: { messageId: 'm9' } } }]);
  });

  test('cancels what is still unsent of the farewell', () => {
    const again = samples.resolved().when(wrote('m9'));
    expect(again.of('MessageCancelled')).toMatchObject([{ because: 'situation-over' }]);
  });
});

describe('the reopen window', () => {
  test('lasts as long as the session', () => {
    const resolved = samples.resolved();
    expect(resolved.dueAt('session')).toBe(resolved.now + 24 * HOUR);
  });

  test('of up to 72 h prolongs the lock; after it the next message begins anew with the bot', () => {
    const resolved = samples.resolved({ policy: { reopen: { windowMs: 72 * HOUR } } });
    expect(resolved.dueAt('session')).toBe(resolved.now + 72 * HOUR);
    expect(resolved.passes(71 * HOUR).when(wrote('m9')).state.phase.name).toBe('assigned');
    const anew = resolved.passes(72 * HOUR).when(wrote('m9'));
    expect(anew.state).toMatchObject({ phase: { name: 'bot' }, session: { no: 2 } });
  });

  test('that is shorter ends the session with it', () => {
    const resolved = samples.resolved({ policy: { reopen: { windowMs: 5 * MINUTE } } });
    expect(resolved.dueAt('session')).toBe(resolved.now + 5 * MINUTE);
  });

  test('counts for nothing where resolving ended the lock', () => {
    const policy = { lock: { until: 'resolve' }, reopen: { windowMs: 5 * MINUTE } } as const;
    const resolved = samples.resolved({ policy });
    expect(resolved.dueAt('session')).toBe(resolved.now + 24 * HOUR);
  });

  test('reopened, the session is as long as ever', () => {
    const again = samples.resolved({ policy: { reopen: { windowMs: 72 * HOUR } } }).when(wrote('m9'), HOUR);
    expect(again.dueAt('session')).toBe(again.now + 24 * HOUR);
  });
});

describe('an agent reopens', () => {
  test('for themselves, within the lock', () => {
    const again = samples.resolved().when(reopen);
    expect(again.of('ConversationReopened')).toMatchObject([{ by: 'agent' }]);
    expect(again.of('ConversationAssigned')).toMatchObject([{ owner: { agentId: 'bert' }, by: 'reopen' }]);
    expect(again.when(replies('bert', 'r9')).decision.kind).toBe('accepted');
  });

  test('not above the limit (S1-3), not after the session, not once the lock has ended', () => {
    expect(samples.resolved().when({ ...reopen, refused: 'agent-at-limit' }).rejection?.code).toBe('agent-at-limit');
    expect(samples.over().when(reopen).rejection).toMatchObject({ code: 'session-ended' });
    const unlocked = samples.resolved({ policy: { lock: { until: 'resolve' } } });
    expect(unlocked.when(reopen).rejection?.code).toBe('lock-ended');
    expect(unlocked.when(reopen).rejection?.allowed).not.toContain('Reopen');
  });
});

describe('S4-5: resolve again', () => {
  test('is accepted, and nothing happens, also after the session', () => {
    expect(samples.resolved().when(resolves()).decision).toEqual({ kind: 'ignored', because: 'already-resolved' });
    expect(samples.over().when(resolves()).because).toBe('already-resolved');
  });
});

test('a request for a person waits for the customer, or for the next session', () => {
  expect(samples.resolved().when(requested).rejection?.code).toBe('wrong-state');
  const anew = samples.over().when(requested);
  expect(anew.types.slice(0, 2)).toEqual(['SessionStarted', 'HandoverRequested']);
});

test('a desk takes it up: reopened, with a hand-over of its own', () => {
  const took = samples.resolved().when(row('DeskTook', { deskId: 'desk-1', personId: 'dora' }));
  expect(took.of('ConversationReopened')).toMatchObject([{ by: 'desk' }]);
  expect(took.state.handover).toMatchObject({ no: 2, requestId: 'engine:2', step: 'held' });
});

test('not one of a contact who was erased: what the desk says of it is discarded, visibly', () => {
  const took = row('DeskTook', { deskId: 'desk-1', personId: 'dora' });
  const refused = samples.resolved().when({ ...took, refused: 'contact-erased' });
  expect(refused.events).toMatchObject([{ type: 'InputDiscarded', because: 'contact-erased', ref: 'desk-1' }]);
  expect(refused.state.phase.name).toBe('resolved');
});

test('the urgency of the first hand-over is kept', () => {
  const urgent = asks('RequestHandover', { request: { requestId: 'r', priority: 5 } });
  const queued = samples.bot({ policy: { intake: { by: 'none' } } }).when(urgent);
  const resolved = queued
    .done('CheckPresence', { kind: 'checked', online: true })
    .when(row('DeskTook', { deskId: 'desk-1', personId: null }))
    .when(resolves());
  expect(resolved.when(wrote('m9')).state.handover?.priority).toBe(5);
});
