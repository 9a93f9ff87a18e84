import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountOptions } from '../support/account.ts';
import { addGroup } from '../support/conversation-rows.ts';
import { openTimedWorld, type TimedConversation, type TimedWorld } from '../support/timed-conversation.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';

const minute = 60_000;
const hour = 60 * minute;

let world: TimedWorld;
beforeAll(async () => {
  world = await openTimedWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.bot.answer = (turn) => ({
    messages: [],
    handover: turn.event.type === 'messages' ? { priority: 0 } : null,
    intake: null,
  });
});

type Numbers = NonNullable<AccountOptions['numbers']>;
const noIntake: Numbers = { intake: { by: 'none' } };

async function queued(numbers: Numbers = {}): Promise<TimedConversation> {
  const conversation = await world.conversation({ numbers: { ...noIntake, ...numbers } });
  await conversation.write('a person, please');
  await conversation.sees('ConversationQueued');
  return conversation;
}

async function assigned(numbers: Numbers = {}): Promise<TimedConversation> {
  const conversation = await queued(numbers);
  expect(await conversation.send('Join')).toMatchObject({ ok: true, phase: 'assigned' });
  return conversation;
}

/** A desk has the chat, and is out of reach since the time that is answered. */
async function loseDesk(conversation: TimedConversation): Promise<number> {
  const deskId = await conversation.addDesk();
  await conversation.put('DeskTook', { deskId, personId: null });
  await conversation.hand();
  await conversation.sees('ConversationAssigned');
  world.desk = 'away';
  await conversation.write('hello?');
  return (await conversation.sees('DeskLost')).at;
}

/** The bot's intake has begun with its question. */
async function asked(): Promise<TimedConversation> {
  world.bot.answer = (turn) => ({
    messages: [{ text: 'what is it about?' }],
    handover: turn.event.type === 'messages' ? { priority: 0 } : null,
    intake: turn.event.type === 'prechat' ? { status: 'open', answers: [] } : null,
  });
  const conversation = await world.conversation();
  await conversation.write('a person, please');
  await conversation.sees('BotTurnAnswered', 2);
  return conversation;
}

/** R11: not a millisecond before, and at the very time. */
async function firesAt(conversation: TimedConversation, at: number, type: ConversationEvent['type']): Promise<void> {
  const before = await conversation.count(type);
  await conversation.passTo(at - 1);
  const early = await conversation.count(type);
  // Between two skips this clock goes on: where the millisecond is over by now, the event's own time is all that shows it.
  const isOver = (await world.now()) >= at;
  expect(isOver ? before : early).toBe(before);
  await conversation.passTo(at);
  const event = await conversation.sees(type, before + 1);
  expect(event.at).toBe(at);
}

describe('R11, B-3: timers fire at their time, not a millisecond before', () => {
  test('S3-5: the session ends after 24 h without a message of customer or agent', async () => {
    const conversation = await assigned();
    expect(await conversation.reply('hello')).toMatchObject({ ok: true });
    const { at } = await conversation.sees('OwnerReplied');
    await firesAt(conversation, at + 24 * hour, 'SessionEnded');
    expect((await conversation.sees('ConversationResolved')).cause).toBe('session-end');
  });

  test('an abandoned intake goes back to the bot 10 min after its question', async () => {
    const conversation = await asked();
    const { at } = await conversation.sees('BotTurnAnswered', 2);
    await firesAt(conversation, at + 10 * minute, 'ReturnedToBot');
  });

  test('who waits 30 min in the queue is told, and waits on', async () => {
    const conversation = await queued();
    const { at } = await conversation.sees('ConversationQueued');
    await firesAt(conversation, at + 30 * minute, 'QueueWaitPassed');
  });

  test('by setting, the end of the wait gives the customer back to the bot', async () => {
    const conversation = await queued({ queue: { onWaitOver: 'bot' } });
    const { at } = await conversation.sees('ConversationQueued');
    await firesAt(conversation, at + 30 * minute, 'ReturnedToBot');
  });

  test('by setting, it closes the chat', async () => {
    const conversation = await queued({ queue: { onWaitOver: 'close' } });
    const { at } = await conversation.sees('ConversationQueued');
    await firesAt(conversation, at + 30 * minute, 'ConversationResolved');
    expect((await conversation.sees('ConversationResolved')).cause).toBe('queue-wait');
  });

  test('S1-11: without a first reply the chat goes back to the queue, keeping its age', async () => {
    const conversation = await assigned({ firstReplyMs: 5 * minute });
    const { at } = await conversation.sees('ConversationAssigned');
    const { waitingSince } = await conversation.sees('ConversationQueued');
    await firesAt(conversation, at + 5 * minute, 'OwnerReleased');
    expect((await conversation.sees('ConversationQueued', 2)).waitingSince).toBe(waitingSince);
  });

  test('S1-6, S1-11: a chat that is forwarded goes by the times of its new group', async () => {
    const conversation = await assigned({ firstReplyMs: 5 * minute });
    const { accountId, agentIds } = conversation.account;
    const [agentId = ''] = agentIds;
    const numbers = { firstReplyMs: 2 * minute, queue: { waitMs: 7 * minute } };
    const groupId = await addGroup(world.pool, accountId, agentId, numbers);
    await conversation.send('Forward', { to: { kind: 'group', groupId } });
    const { at } = await conversation.sees('ConversationQueued', 2);
    await firesAt(conversation, at + 7 * minute, 'QueueWaitPassed');
    expect(await conversation.send('Join')).toMatchObject({ ok: true, phase: 'assigned' });
    const assignedAt = (await conversation.sees('ConversationAssigned', 2)).at;
    await firesAt(conversation, assignedAt + 2 * minute, 'ConversationQueued');
  });

  test('an idle customer is warned after 10 min, and the chat is closed where the account says so', async () => {
    const conversation = await assigned({ idle: { warnMs: 10 * minute, closeMs: 20 * minute } });
    await conversation.reply('are you there?');
    const { at } = await conversation.sees('OwnerReplied');
    await firesAt(conversation, at + 10 * minute, 'IdleWarned');
    await firesAt(conversation, at + 20 * minute, 'ConversationResolved');
  });

  test('S1-8: a block with an expiry ends at it', async () => {
    const conversation = await assigned();
    const now = await world.now();
    const blockId = await conversation.draftBlock('spam', now + hour);
    await conversation.send('Block', { blockId, expiresAt: now + hour });
    await firesAt(conversation, now + hour, 'ConversationUnblocked');
  });

  test('a bot that answered 202 has 60 s for its answer', async () => {
    world.bot.answer = () => 'deferred';
    const conversation = await world.conversation();
    await conversation.write('hello');
    const { at } = await conversation.sees('BotTurnDeferred');
    await firesAt(conversation, at + minute, 'BotTurnFailed');
  });

  test('a bot that fails gets three tries, with twice the wait before the third, and then the customer an apology', async () => {
    world.bot.answer = () => 'fails';
    const before = world.bot.turns.length;
    const conversation = await world.conversation();
    await conversation.write('hello');
    const second = await conversation.sees('BotTurnRetried');
    expect(second.notBeforeAt).toBe(second.at + 250);
    await conversation.passTo(second.notBeforeAt);
    const third = await conversation.sees('BotTurnRetried', 2);
    expect(third.at).toBeGreaterThanOrEqual(second.notBeforeAt);
    expect(third.notBeforeAt).toBe(third.at + 500);
    await conversation.passTo(third.notBeforeAt);
    const failed = await conversation.sees('BotTurnFailed');
    expect(failed.at).toBeGreaterThanOrEqual(third.notBeforeAt);
    expect(world.bot.turns.length - before).toBe(3);
    expect(await conversation.historyLength()).toBeLessThan(100);
    const told = await conversation.sees('MessageQueued');
    expect(told.what).toMatchObject({ kind: 'notice', notice: 'bot-failed' });
  });

  test('a desk that is out of reach for 5 min loses the chat to the queue', async () => {
    const conversation = await queued();
    const at = await loseDesk(conversation);
    await firesAt(conversation, at + 5 * minute, 'OwnerReleased');
    await conversation.sees('ConversationQueued', 2);
    world.desk = 'there';
  });

  test('by setting, to the bot', async () => {
    const conversation = await queued({ desk: { onLost: 'bot' } });
    const at = await loseDesk(conversation);
    await firesAt(conversation, at + 5 * minute, 'ReturnedToBot');
    expect((await conversation.sees('ReturnedToBot')).because).toBe('desk-lost');
    world.desk = 'there';
  });

  test('what a closed window has held for too long is given up', async () => {
    const conversation = await assigned({ idle: { warnMs: null }, delivery: { maxAgeMs: hour } });
    await conversation.reply('one');
    const { seq } = await conversation.sees('MessageQueued', 2);
    await conversation.sees('MessageSettled', 2);
    await conversation.put('ReceiptCame', { outbound: seq, status: 'failed', class: 'window-closed' });
    await conversation.hand();
    await conversation.sees('WindowClosed');
    await conversation.reply('two');
    const { at } = await conversation.sees('MessageQueued', 3);
    await firesAt(conversation, at + hour, 'MessageSettled');
  });

  test('S3-5: a reopen window of 72 h prolongs the lock', async () => {
    const conversation = await assigned({ reopen: { windowMs: 72 * hour } });
    await conversation.send('Resolve');
    const { at } = await conversation.sees('ConversationResolved');
    await firesAt(conversation, at + 72 * hour, 'SessionEnded');
  });

  test('an offer that nobody accepts ends after 120 s', async () => {
    const conversation = await queued();
    const { entry, at } = await conversation.sees('ConversationQueued');
    const claimId = await conversation.claim(entry);
    await conversation.put('AgentClaimed', {
      claimId,
      entry,
      agentId: conversation.account.agentIds[0],
      epoch: 2,
      offer: true,
    });
    await conversation.hand();
    const offered = await conversation.sees('OfferMade');
    expect(offered.at).toBeGreaterThanOrEqual(at);
    await firesAt(conversation, offered.at + 2 * minute, 'OfferEnded');
  });
});

interface Silence {
  conversation: TimedConversation;
  ends: number;
}

const silences: [ConversationEvent['type'], () => Promise<Silence>][] = [
  [
    'SessionEnded',
    async () => {
      const conversation = await assigned();
      const { lastActivityAt } = (await conversation.sees('SessionStarted')).session;
      return { conversation, ends: lastActivityAt + 24 * hour };
    },
  ],
  [
    'ReturnedToBot',
    async () => {
      const conversation = await asked();
      return { conversation, ends: (await conversation.sees('BotTurnAnswered', 2)).at + 10 * minute };
    },
  ],
  [
    'IdleWarned',
    async () => {
      const conversation = await assigned();
      await conversation.reply('are you there?');
      return { conversation, ends: (await conversation.sees('OwnerReplied')).at + 10 * minute };
    },
  ],
  [
    'OwnerReleased',
    async () => {
      const conversation = await assigned({ firstReplyMs: 5 * minute });
      return { conversation, ends: (await conversation.sees('ConversationAssigned')).at + 5 * minute };
    },
  ],
];

/** The customer's words don't break it: it is over all the same, at its time. */
const ofAgent = new Set<ConversationEvent['type']>(['OwnerReleased']);

describe.each(silences)('R11: what was stored before the silence is over counts before it: %s', (type, arrange) => {
  test.each([-1, 0])('a message of %i ms from its end, however late it is delivered', async (ms) => {
    const { conversation, ends } = await arrange();
    await conversation.store('still here', ends + ms);
    await conversation.passTo(ends + 500);
    expect(await conversation.count(type)).toBe(0);
    await conversation.hand();
    expect((await conversation.sees('CustomerMessageAccepted', 2)).at).toBe(ends + ms);
    const ended = await conversation.count(type);
    expect(ended === 0 || ofAgent.has(type)).toBe(true);
  });

  test('one of a millisecond after it does not', async () => {
    const { conversation, ends } = await arrange();
    await conversation.store('too late', ends + 1);
    await conversation.passTo(ends);
    expect((await conversation.sees(type)).at).toBe(ends);
    await conversation.passTo(ends + 1);
    await conversation.hand();
    expect((await conversation.sees('CustomerMessageAccepted', 2)).at).toBeGreaterThan(ends);
  });
});

test('R11, S1-11: the time for a first reply waits for what was stored before its end, and is over at its own', async () => {
  const conversation = await assigned({ firstReplyMs: 5 * minute });
  const ends = (await conversation.sees('ConversationAssigned')).at + 5 * minute;
  await conversation.store('still here', ends - 1);
  await conversation.passTo(ends + 500);
  expect(await conversation.count('OwnerReleased')).toBe(0);
  await conversation.hand();
  expect((await conversation.sees('OwnerReleased')).at).toBe(ends);
  const types = (await conversation.events()).map(({ type }) => type);
  expect(types.lastIndexOf('CustomerMessageAccepted')).toBeLessThan(types.indexOf('OwnerReleased'));
});

describe('R11: what was stored before a deadline counts before it, however late it is delivered', () => {
  test('a message stored a millisecond before the session ends prolongs it', async () => {
    const conversation = await assigned();
    const { lastActivityAt } = (await conversation.sees('SessionStarted')).session;
    const ends = lastActivityAt + 24 * hour;
    await conversation.store('still here', ends - 1);
    await conversation.passTo(ends + 500);
    expect(await conversation.count('SessionEnded')).toBe(0);
    await conversation.hand();
    await conversation.sees('CustomerMessageAccepted', 2);
    await firesAt(conversation, ends - 1 + 24 * hour, 'SessionEnded');
  });

  test('a message stored after it begins a new session with the bot', async () => {
    const conversation = await assigned();
    const { lastActivityAt } = (await conversation.sees('SessionStarted')).session;
    await conversation.passTo(lastActivityAt + 24 * hour + 1);
    await conversation.sees('SessionEnded');
    await conversation.write('hello again');
    expect(await conversation.count('SessionStarted')).toBe(2);
  });
});
