import { describe, expect, test } from 'vitest';
import { asks, requested, resolves, row, replies, routed, toDesk, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, HOUR, MINUTE, policyOf, T0 } from '../../../dev/scenes/given.ts';

const DAY = 24 * HOUR;
const managers = (facts: Parameters<typeof routed>[0] = {}, policy: Parameters<typeof routed>[1] = {}) =>
  ({ kind: 'managers', requestId: 'responsible:1', route: routed(facts, policy).route }) as const;

describe('a session begins', () => {
  test("with the customer's first message, which the bot gets at once", () => {
    const begun = given().when(wrote('m1'));
    expect(begun.types).toEqual(['SessionStarted', 'CustomerMessageAccepted', 'MessageHeldForBot', 'BotTurnOpened']);
    expect(begun.state.baton).toEqual({ holder: { kind: 'bot', botId: 'bot-1' }, epoch: 1 });
    expect(begun.state.session).toMatchObject({ no: 1, startedAt: T0, botId: 'bot-1', locked: false });
    expect(begun.pending('AskBot')).toMatchObject([{ id: 'AskBot:1:1', messages: { from: 1, to: 1 }, epoch: 1 }]);
  });

  test('S2-1: in the queue, without a turn of the bot, where the responsible are managers', () => {
    const begun = given({ responsible: managers() }).when(wrote('m1'));
    expect(begun.types).toEqual([
      'SessionStarted',
      'HandoverRequested',
      'ConversationQueued',
      'CustomerMessageAccepted',
    ]);
    expect(begun.of('HandoverRequested')).toMatchObject([{ by: 'engine', request: { requestId: 'responsible:1' } }]);
    expect(begun.of('ConversationQueued')).toMatchObject([{ because: 'responsible', entry: 1, waitingSince: T0 }]);
    expect(begun.pending('AskBot')).toEqual([]);
  });

  test('S2-1, S2-4: and the reply for the situation is sent then, once', () => {
    const begun = given({ responsible: managers({ situation: 'all-busy' }) }).when(wrote('m1'));
    const told = begun.of('MessageQueued').map(({ what }) => what);
    expect(told).toEqual([{ kind: 'notice', notice: 'all-busy', situation: 'queued:1' }]);
    expect(begun.when(wrote('m2')).types).toEqual(['CustomerMessageAccepted']);
  });

  test('S2-1: for a desk that is responsible the first message is queued to it, in order, after the request', () => {
    const begun = given({ responsible: managers({ target: toDesk }) })
      .when(wrote('m1'))
      .when(wrote('m2'));
    expect(begun.pending('OpenAtDesk')).toHaveLength(1);
    expect(begun.pending('SendToDesk').map(({ outbound }) => outbound.what)).toEqual([
      { kind: 'message', messageId: 'm1' },
      { kind: 'message', messageId: 'm2' },
    ]);
  });

  test('S1-8: blocked, where the contact is blocked; the bot answers, and no block message is sent', () => {
    const begun = given({ block: { blockId: 'block-7', expiresAt: null } }).when(wrote('m1'));
    expect(begun.types).toEqual([
      'SessionStarted',
      'ConversationBlocked',
      'CustomerMessageAccepted',
      'MessageHeldForBot',
      'BotTurnOpened',
    ]);
    expect(begun.of('ConversationBlocked')).toMatchObject([{ here: false, block: { blockId: 'block-7' } }]);
  });

  test('S1-8: blocked before managers', () => {
    const block = { blockId: 'b', expiresAt: null };
    expect(given({ responsible: managers(), block }).when(wrote('m1')).state.phase.name).toBe('blocked');
  });

  test('S1-8: not at all, where the record says blocked against the facts; with new facts it does', () => {
    const refused = { ...wrote('m1'), refused: 'blocked' } as const;
    expect(given().when(refused).events).toMatchObject([{ type: 'InputDiscarded', because: 'blocked', ref: 'm1' }]);
    const block = { blockId: 'b', expiresAt: null };
    expect(given({ block }).when(refused).state.phase.name).toBe('blocked');
  });

  test.each([
    ['the group of the managers is gone', 'group-unknown'],
    ['the contact was erased after it was written', 'contact-erased'],
  ] as const)('with the bot after all, where %s', (_why, refused) => {
    const begun = given({ responsible: managers() }).when({ ...wrote('m1'), refused });
    expect(begun.state.phase.name).toBe('bot');
    expect(begun.of('HandoverFailed')).toMatchObject([{ step: 'routing' }]);
    expect(begun.of('CustomerMessageAccepted')).toHaveLength(1);
  });

  test('with the bot, where all managers are offline and the account wants the bot then', () => {
    const all = managers({ situation: 'all-offline' }, { queue: { onAllOffline: 'bot' } });
    const begun = given({ responsible: all }).when(wrote('m1'));
    expect(begun.state.phase.name).toBe('bot');
    expect(begun.of('ReturnedToBot')).toMatchObject([{ because: 'all-offline' }]);
    expect(begun.of('MessageQueued')).toMatchObject([{ what: { notice: 'all-offline' } }]);
  });

  test('with a request for a person through the API, and with a desk that takes the chat', () => {
    expect(given().when(requested).types).toEqual(['SessionStarted', 'HandoverRequested']);
    const took = given().when(row('DeskTook', { deskId: 'desk-1', personId: null }));
    expect(took.types.slice(0, 3)).toEqual(['SessionStarted', 'HandoverRequested', 'ConversationAssigned']);
  });

  test('under the policy, mode and bot of that moment, which stay for the session', () => {
    const begun = given({ policy: { version: 4 }, mode: 'business', botId: 'bot-2' }).when(wrote('m1'));
    expect(begun.state.policy.version).toBe(4);
    const later = begun.with({ mode: 'engagement', botId: 'bot-3' }).when(wrote('m2'));
    expect(later.state.session).toMatchObject({ mode: 'business', botId: 'bot-2' });
  });

  test('not while one runs, whatever facts come along', () => {
    const running = given().when(wrote('m1'));
    expect(running.when({ ...wrote('m2'), context: running.context }).of('SessionStarted')).toEqual([]);
  });

  test('only with facts: without them nothing is lost in silence', () => {
    const blind = { ...wrote('m1'), context: undefined } as unknown as ReturnType<typeof wrote>;
    const scene = given().when(blind);
    expect(scene.events).toMatchObject([{ type: 'InputDiscarded', because: 'no-context', ref: 'm1' }]);
  });
});

describe('a session ends', () => {
  test('S3-5: 24 h after the last message of customer or agent; what the system says does not move it', () => {
    const first = given().when(wrote('m1'));
    expect(first.dueAt('session')).toBe(T0 + DAY);
    expect(first.when(wrote('m2'), HOUR).dueAt('session')).toBe(T0 + HOUR + DAY);
    const assigned = samples.assigned();
    const at = assigned.dueAt('session');
    const told = assigned.passes(MINUTE).done('SendMessage', { kind: 'sent' });
    expect(told.dueAt('session')).toBe(at);
    expect(told.when(replies('anna', 'r1')).dueAt('session')).toBe(told.now + DAY);
  });

  test('S3-5: also a desk moves it, when it answers for the customer, and not when it is discarded', () => {
    const held = samples.heldByDesk();
    const said = { deskId: 'desk-1', personId: null, messageId: 'd1' };
    const late = held.when(row('DeskAnswered', { ...said, handover: 9 }), HOUR);
    expect(late.dueAt('session')).toBe(held.dueAt('session'));
    expect(late.when(row('DeskAnswered', { ...said, handover: 1 })).dueAt('session')).toBe(late.now + DAY);
  });

  test('S3-5: the message after that starts a new one with the bot', () => {
    const told = samples.over().done('SendMessage', { kind: 'sent' }).done('SendMessage', { kind: 'sent' });
    const next = told.when(wrote('m9'));
    expect(next.types).toEqual(['SessionStarted', 'CustomerMessageAccepted', 'MessageHeldForBot', 'BotTurnOpened']);
    expect(next.state.session).toMatchObject({ no: 2, locked: false });
  });

  test('a message that comes later than the end begins anew, even where the deadline has not fired yet', () => {
    const stale = samples.assigned();
    const facts = { ...wrote('m9'), context: stale.context };
    const next = stale.when(facts, DAY + HOUR);
    expect(next.types).toEqual(expect.arrayContaining(['ConversationResolved', 'SessionEnded', 'SessionStarted']));
    expect(next.state).toMatchObject({ phase: { name: 'bot' }, session: { no: 2 } });
  });

  test('in the queue and with an owner: resolved, the place is free, and nobody is told', () => {
    const ended = samples.assigned().fires('session');
    expect(ended.types).toEqual([
      'OwnerReleased',
      'ConversationResolved',
      'HandoverEnded',
      'SessionEnded',
      'MessageCancelled',
    ]);
    expect(ended.of('ConversationResolved')).toMatchObject([{ cause: 'session-end' }]);
    expect(samples.queued().fires('session').of('ConversationResolved')).toMatchObject([{ cause: 'session-end' }]);
  });

  test('in the middle of a hand-over: it is over too, and the engine holds the baton', () => {
    const ended = samples.checking().fires('session');
    expect(ended.of('HandoverEnded')).toMatchObject([{ no: 1, because: 'session-end' }]);
    expect(ended.state).toMatchObject({ phase: { name: 'bot' }, session: null, baton: { holder: { kind: 'engine' } } });
  });

  test('a turn that is out then is superseded, and what still waits is the next session’s', () => {
    const busy = samples.botBusy().when(wrote('m2'));
    const ended = busy.fires('session');
    expect(ended.types).toEqual(['SessionEnded', 'BotTurnSuperseded']);
    const next = ended.when(wrote('m3'));
    expect(next.of('BotTurnOpened')).toMatchObject([{ messages: { from: 2, to: 3 } }]);
  });
});

test('what waits for the next session waits through a block, and its end, between the two', () => {
  const facts = { block: { blockId: 'block-1', expiresAt: null } };
  const left = given(facts).when(wrote('m1')).when(wrote('m2')).fires('session');
  const again = left.when(row('ContactBlocked', { blockId: 'block-2', expiresAt: null }));
  const lifted = again.with({}).when(row('ContactUnblocked', { blockId: 'block-2' }));
  expect(lifted.when(wrote('m3')).of('BotTurnOpened')).toMatchObject([{ messages: { from: 2, to: 5 } }]);
});

describe('the lock', () => {
  test('S3-5: from queued on the bot gets nothing, through reply and resolve, until the session ends', () => {
    const scenes = [samples.queued(), samples.assigned(), samples.replied(), samples.resolved()];
    for (const scene of scenes) {
      expect(scene.state.session?.locked).toBe(true);
      expect(scene.when(wrote('more')).pending('AskBot')).toEqual([]);
    }
  });

  test('S3-7: resolve ends the lock where the account says so, and only there', () => {
    const until = { policy: { lock: { until: 'resolve' } } } as const;
    expect(samples.resolved(until).state.session?.locked).toBe(false);
    const next = samples.resolved(until).when(wrote('m9'));
    expect(next.types).toEqual([
      'CustomerMessageAccepted',
      'ConversationReopened',
      'ReturnedToBot',
      'MessageHeldForBot',
      'MessageCancelled',
      'BotTurnOpened',
    ]);
    expect(samples.resolved().state.session?.locked).toBe(true);
  });

  test('the bot hears again after a hand-back, a fallback, a refusal of the desk and a block', () => {
    const given = [
      samples.assigned().when(asks('HandBack', {})),
      samples.queued({ policy: { queue: { onWaitOver: 'bot' } } }).fires('queue-wait'),
      samples.openedAtDesk().when(row('DeskRefused', { deskId: 'desk-1', handover: 1 })),
      samples.assigned().when(asks('Block', { blockId: 'block-1', expiresAt: null })),
    ];
    for (const scene of given) {
      expect(scene.state.session?.locked).toBe(false);
      expect(scene.state.baton.holder).toEqual({ kind: 'bot', botId: 'bot-1' });
    }
  });
});

describe('policies', () => {
  test('S1-11, B-3: a changed number reaches open conversations, and with it every armed deadline', () => {
    const assigned = samples.assigned({ policy: { firstReplyMs: 5 * MINUTE } });
    expect(assigned.dueAt('first-reply')).toBe(assigned.now + 5 * MINUTE);
    const changed = assigned.with({ policy: { version: 2, firstReplyMs: 9 * MINUTE } }).when(row('PolicyChanged', {}));
    expect(changed.types).toEqual(['PolicyApplied']);
    expect(changed.dueAt('first-reply')).toBe(assigned.now + 9 * MINUTE);
  });

  test('the version in force is applied once, and without a session it waits for the next one', () => {
    const changed = samples.assigned().when(row('PolicyChanged', {}));
    expect(changed.because).toBe('policy-in-force');
    const over = samples
      .over()
      .with({ policy: { version: 9 } })
      .when(row('PolicyChanged', {}));
    expect(over.because).toBe('read-at-next-session');
    expect(over.when(wrote('m9')).state.policy).toEqual(policyOf({ version: 9 }));
  });

  test("routing puts the group's values in force", () => {
    const queued = samples.routing().done('RouteHandover', routed({}, { version: 3, queue: { waitMs: MINUTE } }));
    expect(queued.state.policy.version).toBe(3);
    expect(queued.dueAt('queue-wait')).toBe(queued.now + MINUTE);
  });
});

test('the session of a conversation without a bot is the engine’s', () => {
  const begun = given({ botId: null }).when(wrote('m1'));
  expect(begun.state.baton).toEqual({ holder: { kind: 'engine' }, epoch: 0 });
  expect(samples.resolved().when(resolves()).because).toBe('already-resolved');
});
