import { describe, expect, test } from 'vitest';
import {
  agent,
  answered,
  asks,
  failed,
  join,
  resolves,
  routed,
  row,
  supervisor,
  toDesk,
  toGroup,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, MINUTE, SECOND, type Scene } from '../../../dev/scenes/given.ts';

const accepts = (handover = 1, deskId = 'desk-1') => row('DeskAccepted', { deskId, handover, personId: 'dora' });
const refuses = (handover = 1, deskId = 'desk-1') => row('DeskRefused', { deskId, handover });
const closes = (handover = 1, deskId = 'desk-1') => row('DeskClosed', { deskId, handover });
const takes = (deskId = 'desk-1') => row('DeskTook', { deskId, personId: 'dora' });
const says = (messageId: string, handover = 1, deskId = 'desk-1') =>
  row('DeskAnswered', { deskId, handover, personId: 'dora', messageId });
const lines = (scene: Scene) =>
  scene.pending('SendToDesk').map(({ outbound: { what } }) => (what.kind === 'message' ? what.messageId : ''));

describe('S0-2: a desk that is asked', () => {
  test('gets nothing of the dialog before, and every message after the transfer, in order', () => {
    const routing = samples.routing().when(wrote('before'));
    expect(routing.pending('SendToDesk')).toEqual([]);
    const queued = routing
      .done('RouteHandover', routed({ target: toDesk }))
      .when(wrote('m1'))
      .when(wrote('m2'));
    expect(lines(queued)).toEqual(['m1', 'm2']);
    const held = queued.done('OpenAtDesk', { kind: 'opened' }).when(accepts()).when(wrote('m3'));
    expect(lines(held)).toEqual(['m1', 'm2', 'm3']);
    expect(held.pending('SendToDesk')[0]).toMatchObject({ outbound: { author: 'customer' }, lane: 'desk:desk-1' });
  });

  test('accepts: it holds the baton as an agent does', () => {
    const held = samples.openedAtDesk().when(accepts());
    expect(held.of('ConversationAssigned')).toMatchObject([
      { owner: { kind: 'desk', deskId: 'desk-1', personId: 'dora' }, by: 'desk-accepted', target: toDesk },
    ]);
    expect(held.of('MessageQueued')).toMatchObject([{ what: { notice: 'assigned' } }]);
    expect(held.state.baton).toMatchObject({ holder: { kind: 'desk', deskId: 'desk-1' }, epoch: 3 });
  });

  test('is asked once: what it has opened is not asked again', () => {
    expect(samples.queuedAtDesk().pending('OpenAtDesk')).toHaveLength(1);
    expect(samples.openedAtDesk().pending('OpenAtDesk')).toEqual([]);
    expect(samples.openedAtDesk().state.handover).toMatchObject({ opened: true, step: 'waiting' });
  });

  test('may accept faster than its own "opened" is told', () => {
    const held = samples.queuedAtDesk().when(accepts());
    expect(held.state.phase.name).toBe('assigned');
    expect(held.pending('OpenAtDesk')).toEqual([]);
  });

  test.each([
    ['at once', (scene: Scene) => scene.done('OpenAtDesk', { kind: 'refused' }), samples.queuedAtDesk],
    ['later', (scene: Scene) => scene.when(refuses()), samples.openedAtDesk],
  ])('refuses %s: the customer is the bot’s again, and told', (_name, refused, sample) => {
    const back = refused(sample());
    expect(back.of('ReturnedToBot')).toMatchObject([{ because: 'desk-refused' }]);
    expect(back.of('MessageQueued')).toMatchObject([{ what: { notice: 'handover-failed' } }]);
    expect(back.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'returned', because: 'desk-refused' } }]);
    expect(back.of('DeskNoticeQueued')).toEqual([]);
  });

  test('and can’t be reached is tried again for as long as a desk counts as reachable, then it has failed', () => {
    const once = samples.queuedAtDesk().done('OpenAtDesk', failed('retryable'));
    expect(once.events).toMatchObject([{ type: 'WorkDelayed', work: 'OpenAtDesk', attempt: 2 }]);
    expect(once.pending('OpenAtDesk')).toMatchObject([{ id: 'OpenAtDesk:1:2', notBeforeAt: once.now + SECOND }]);
    const much = once.done('OpenAtDesk', failed('retryable'), 5 * MINUTE);
    expect(much.of('HandoverFailed')).toMatchObject([{ step: 'waiting', class: 'retryable' }]);
    expect(much.of('ReturnedToBot')).toMatchObject([{ because: 'desk-failed' }]);
    const wait = samples.queuedAtDesk().done('OpenAtDesk', failed('throttled', 10 * MINUTE));
    expect(wait.of('ReturnedToBot')).toHaveLength(1);
    const never = samples.queuedAtDesk().done('OpenAtDesk', failed('auth'));
    expect(never.of('HandoverFailed')).toMatchObject([{ class: 'auth' }]);
  });

  test('and closes before anybody accepted: resolved', () => {
    expect(samples.openedAtDesk().when(closes()).of('ConversationResolved')).toMatchObject([{ cause: 'desk-closed' }]);
  });
});

describe('a desk that takes the chat unasked', () => {
  test.each([
    ['bot', samples.botBusy, 1],
    ['checking', samples.checking, 1],
    ['prechat', samples.prechat, 1],
    ['form', samples.answering, 1],
    ['queued', samples.queued, 1],
    ['assigned', samples.assigned, 1],
    ['resolved', samples.resolved, 2],
  ])('has it at once, from %s', (_name, sample, handover) => {
    const took = sample().when(takes());
    expect(took.state.phase).toMatchObject({ name: 'assigned', owner: { deskId: 'desk-1' }, by: 'desk-took' });
    expect(took.state.handover).toMatchObject({ no: handover, step: 'held' });
    expect(took.state.session?.locked).toBe(true);
  });

  test('our own claim is released in the same decision, and another desk is told', () => {
    const fromAnna = samples.assigned().when(takes());
    expect(fromAnna.of('OwnerReleased')).toMatchObject([{ owner: { agentId: 'anna' }, because: 'desk-took' }]);
    const fromDesk = samples.heldByDesk().when(wrote('m5')).when(takes('desk-2'));
    expect(fromDesk.of('DeskNoticeQueued')).toMatchObject([{ deskId: 'desk-1', kind: 'taken', handover: 1 }]);
    expect(fromDesk.of('MessageCancelled')).toMatchObject([
      { because: 'desk-lost-chat' },
      { because: 'situation-over' },
    ]);
    expect(lines(fromDesk)).toEqual([]);
  });

  test('has it already: nothing happens; was asked: it has accepted', () => {
    expect(samples.heldByDesk().when(takes()).because).toBe('already-holds');
    const took = samples.openedAtDesk().when(wrote('m5')).when(takes());
    expect(took.of('DeskNoticeQueued')).toEqual([]);
    expect(lines(took)).toEqual(['m5']);
  });

  test('may name no hand-over of ours, since it was never told one', () => {
    const took = samples.bot().when(takes());
    expect(took.when(says('d1', 0)).types).toEqual(['MessageQueued', 'OwnerReplied']);
    expect(took.when(closes(0)).of('ConversationResolved')).toHaveLength(1);
    expect(samples.heldByDesk().when(says('d1', 0)).types).toEqual(['InputDiscarded', 'DraftDiscarded']);
  });

  test('the engine asks for the hand-over, and it goes back to where it was queued', () => {
    expect(samples.bot().when(takes()).of('HandoverRequested')).toMatchObject([
      { by: 'engine', request: { requestId: 'engine:1' } },
    ]);
    expect(samples.queued().when(takes()).state.phase).toMatchObject({ target: toGroup });
    expect(samples.bot().when(takes()).state.phase).toMatchObject({ target: toDesk });
  });
});

describe('what a desk says', () => {
  test('counts while it holds the conversation, and is its reply', () => {
    const said = samples.heldByDesk().when(says('d1'));
    expect(said.of('MessageQueued')).toMatchObject([{ author: 'desk', what: { messageId: 'd1' }, epoch: 3 }]);
    expect(said.state.phase).toMatchObject({ replied: true, silentSince: said.now });
  });

  test.each([
    ['of another hand-over', samples.heldByDesk, says('d1', 9), 'another-handover'],
    ['of another desk', samples.heldByDesk, says('d1', 1, 'desk-2'), 'not-the-holder'],
    ['before it has accepted', samples.openedAtDesk, says('d1'), 'not-the-holder'],
    ['beside an agent', samples.assigned, says('d1'), 'not-the-holder'],
    ['to the bot’s customer', samples.bot, says('d1', 0), 'another-handover'],
  ])('%s is discarded, visibly, with its words', (_name, sample, input, because) => {
    const scene = sample().when(input);
    expect(scene.events).toMatchObject([
      { type: 'InputDiscarded', input: 'DeskAnswered', because, ref: input.deskId },
      { type: 'DraftDiscarded', messageId: 'd1', because: 'not-the-holder' },
    ]);
  });

  test.each([
    ['accepts', accepts(9)],
    ['refuses', refuses(9)],
    ['closes', closes(9)],
    ['accepts for another desk', accepts(1, 'desk-2')],
  ])('about another hand-over or desk changes nothing: it %s', (_name, input) => {
    expect(samples.openedAtDesk().when(input).types).toEqual(['InputDiscarded']);
  });

  test('closes its chat: resolved, and its last words still go out', () => {
    const closed = samples.heldByDesk().when(says('bye')).when(closes());
    expect(closed.of('ConversationResolved')).toMatchObject([{ cause: 'desk-closed', by: null }]);
    expect(closed.of('DeskNoticeQueued')).toEqual([]);
    expect(closed.state.outbox.map(({ author }) => author)).toEqual(['desk', 'engine']);
  });
});

describe('a desk that loses the chat', () => {
  test('loses its unsent lines, is told, and hears nothing more', () => {
    const lost = samples
      .heldByDesk()
      .when(says('d1'))
      .when(wrote('m5'))
      .when(asks('Forward', { to: toGroup }));
    expect(lost.of('MessageCancelled').map(({ because }) => because)).toEqual([
      'desk-lost-chat',
      'desk-lost-chat',
      'situation-over',
    ]);
    expect(lost.of('DeskNoticeQueued')).toMatchObject([{ kind: 'taken', deskId: 'desk-1', handover: 1 }]);
    expect(lines(lost.when(wrote('m6')))).toEqual([]);
    expect(lost.when(says('d2')).types).toEqual(['InputDiscarded', 'DraftDiscarded']);
  });

  test('keeps what it said in an earlier stint that it closed by itself', () => {
    const closed = samples.heldByDesk().when(says('bye')).when(closes());
    const again = closed.when(wrote('m9')).when(asks('Assign', { agentId: 'anna', override: false, by: supervisor }));
    expect(again.state.outbox.map(({ author }) => author)).toContain('desk');
    expect(again.of('DeskNoticeQueued')).toMatchObject([{ kind: 'taken', handover: 2 }]);
  });

  test('loses the lines of this hand-over alone: those of an earlier one still go out', () => {
    const again = samples.heldByDesk().when(wrote('m5')).when(resolves()).when(wrote('m6'));
    const lost = again.when(asks('Assign', { agentId: 'anna', override: false, by: supervisor }));
    expect(lines(again)).toEqual(['m5', 'm6']);
    expect(lines(lost)).toEqual(['m5']);
  });

  test('while we resolve hears the last lines first, then that it is over', () => {
    const closed = samples.heldByDesk().when(wrote('m5')).when(resolves());
    expect(closed.of('MessageCancelled').filter(({ because }) => because === 'desk-lost-chat')).toEqual([]);
    const lane = [...closed.pending('SendToDesk'), ...closed.pending('TellDesk')].map(({ kind }) => kind);
    expect(lane).toEqual(['SendToDesk', 'TellDesk']);
    expect(closed.pending('TellDesk')).toMatchObject([{ news: 'closed', handover: 1, no: 1 }]);
  });

  test('and is asked again is asked under a new number, since it would take the old one for done', () => {
    const taken = samples.openedAtDesk().when(asks('Assign', { agentId: 'anna', override: false, by: supervisor }));
    const again = taken.when(asks('Unassign', { by: agent('anna') }));
    expect(again.of('HandoverEnded')).toMatchObject([{ no: 1, because: 'continued' }]);
    expect(again.of('HandoverRequested')).toMatchObject([{ no: 2, by: 'bot', request: { requestId: 'request-1' } }]);
    expect(again.pending('OpenAtDesk')).toMatchObject([{ id: 'OpenAtDesk:2:1', handover: 2, requestId: 'request-1' }]);
    expect(again.when(accepts(1)).types).toEqual(['InputDiscarded']);
    expect(again.when(accepts(2)).state.phase.name).toBe('assigned');
  });

  test('but not where it is asked for the first time', () => {
    const forwarded = samples.assigned().when(asks('Forward', { to: toDesk }));
    expect(forwarded.of('HandoverEnded')).toEqual([]);
  });

  test('news for it are told until it has heard them, or they are a day old', () => {
    const closed = samples.heldByDesk().when(resolves());
    expect(closed.done('TellDesk', { kind: 'told' }).pending('TellDesk')).toEqual([]);
    expect(closed.done('TellDesk', { kind: 'told' }).of('DeskNoticeSettled')).toMatchObject([{ no: 1, told: true }]);
    const later = closed.done('TellDesk', failed('retryable'));
    expect(later.pending('TellDesk')).toMatchObject([{ id: 'TellDesk:1:2', notBeforeAt: later.now + SECOND }]);
    const old = later.done('TellDesk', failed('retryable'), 24 * 60 * MINUTE);
    expect(old.of('DeskNoticeSettled')).toMatchObject([{ told: false }]);
    expect(closed.done('TellDesk', failed('permanent')).of('DeskNoticeSettled')).toMatchObject([{ told: false }]);
  });
});

describe('a desk out of reach', () => {
  const unheard = (facts = {}) => samples.heldByDesk(facts).when(wrote('m5'));

  test('is lost from its first failure on, and found by the first line that arrives', () => {
    const lost = unheard().done('SendToDesk', failed('retryable'));
    expect(lost.types).toEqual(['SendDelayed', 'DeskLost']);
    expect(lost.dueAt('desk-lost')).toBe(lost.now + 5 * MINUTE);
    const still = lost.done('SendToDesk', failed('ambiguous'), SECOND);
    expect(still.of('DeskLost')).toEqual([]);
    expect(still.dueAt('desk-lost')).toBe(lost.now + 5 * MINUTE);
    const found = lost.done('SendToDesk', { kind: 'sent' });
    expect(found.types).toEqual(['MessageSettled', 'DeskFound']);
    expect(found.dueAt('desk-lost')).toBeNull();
  });

  test('for too long loses the customer to the queue, or to the bot, by the policy', () => {
    const tookFromGroup = samples.queued().when(takes()).when(wrote('m5')).done('SendToDesk', failed());
    const queued = tookFromGroup.fires('desk-lost');
    expect(queued.of('ConversationQueued')).toMatchObject([{ because: 'desk-lost', target: toGroup }]);
    expect(queued.of('DeskNoticeQueued')).toMatchObject([{ kind: 'taken' }]);
    const bot = unheard({ policy: { desk: { onLost: 'bot' } } })
      .done('SendToDesk', failed())
      .fires('desk-lost');
    expect(bot.of('ReturnedToBot')).toMatchObject([{ because: 'desk-lost' }]);
    expect(bot.of('MessageQueued')).toMatchObject([{ what: { notice: 'handover-failed' } }]);
  });

  test('by the queue it came from is asked anew there; who is the only one has one more chance', () => {
    const again = unheard().done('SendToDesk', failed()).fires('desk-lost');
    expect(again.pending('OpenAtDesk')).toMatchObject([{ deskId: 'desk-1', handover: 2 }]);
  });

  test('for good is left at once: to its group’s queue, else to the bot', () => {
    const toBot = unheard().done('SendToDesk', failed('permanent'));
    expect(toBot.of('ReturnedToBot')).toMatchObject([{ because: 'desk-failed' }]);
    const toQueue = samples.queued().when(takes()).when(wrote('m5')).done('SendToDesk', failed('auth'));
    expect(toQueue.of('ConversationQueued')).toMatchObject([{ because: 'desk-lost', target: toGroup }]);
    const waiting = samples.openedAtDesk().when(wrote('m5')).done('SendToDesk', failed('recipient-unreachable'));
    expect(waiting.of('HandoverFailed')).toMatchObject([{ step: 'waiting', class: 'recipient-unreachable' }]);
  });

  test('where the queue is gone the bot takes over, at once or in time', () => {
    const held = samples.queued().when(takes()).when(wrote('m5'));
    const [work] = held.pending('SendToDesk');
    const done = { type: 'WorkDone', workId: work?.id ?? '', work: 'SendToDesk', outcome: failed('auth') } as const;
    const atOnce = held.when({ ...done, refused: 'group-unknown' });
    expect(atOnce.of('ReturnedToBot')).toMatchObject([{ because: 'desk-failed' }]);
    const lost = held.done('SendToDesk', failed());
    const inTime = lost.when({ type: 'DeadlinePassed', kind: 'desk-lost', refused: 'group-unknown' }, 5 * MINUTE);
    expect(inTime.of('ReturnedToBot')).toMatchObject([{ because: 'desk-lost' }]);
  });

  test('for good, with a line of a hand-over that is over, is nobody’s loss', () => {
    const over = samples.queued().when(takes()).when(wrote('m5')).when(resolves());
    const queued = over.when(wrote('m6'));
    const failedLate = queued.done('SendToDesk', failed('permanent'));
    expect(failedLate.types).toEqual(['MessageSettled']);
    expect(failedLate.state.phase).toMatchObject({ name: 'queued', target: toGroup });
  });

  test('a line that it won’t take says nothing about the desk', () => {
    const refused = unheard().done('SendToDesk', failed('content-rejected'));
    expect(refused.events).toMatchObject([{ type: 'MessageSettled', as: 'failed', class: 'content-rejected' }]);
  });

  test('in the queue is tried again without a clock: the wait has one', () => {
    const delayed = samples.openedAtDesk().when(wrote('m5')).done('SendToDesk', failed());
    expect(delayed.types).toEqual(['SendDelayed']);
    expect(delayed.dueAt('desk-lost')).toBeNull();
  });
});

test('S4-4: an agent of ours doesn’t join what a desk holds', () => {
  expect(samples.heldByDesk().when(join('anna')).rejection).toMatchObject({ code: 'taken', ownerId: 'desk-1' });
});

test('without facts for a session a desk that takes a chat is discarded, not swallowed', () => {
  const blind = { ...takes(), context: undefined } as unknown as ReturnType<typeof takes>;
  expect(given().when(blind).events).toMatchObject([{ type: 'InputDiscarded', because: 'no-context' }]);
});

test('a bot’s turn in flight is void once a desk has accepted', () => {
  const held = samples.openedAtDesk().when(accepts());
  const late = { type: 'WorkDone', workId: 'AskBot:3:1', work: 'AskBot', outcome: answered(['late']) } as const;
  expect(held.when(late).types).toEqual(['InputDiscarded', 'DraftDiscarded']);
});
