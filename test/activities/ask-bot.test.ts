import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReplyToken } from '../../adapters/reply-token.ts';
import { storeBotAnswer } from '../../store/turns.ts';
import type { WorkOf } from '../../activities/contract.ts';
import { Chat } from './chat.ts';
import { createSetting, type Setting } from './setting.ts';

type AskBot = WorkOf<'AskBot'>;

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

function ask(chat: Chat, changes: Partial<AskBot> = {}): AskBot {
  const { turn = 1, attempt = 1 } = changes;
  return {
    kind: 'AskBot',
    lane: 'ask',
    id: `AskBot:${turn}:${attempt}`,
    notBeforeAt: 0,
    turn,
    botId: chat.account.botId,
    about: { kind: 'messages' },
    messages: { from: 1, to: 1 },
    epoch: 0,
    attempt,
    timeoutMs: 5_000,
    deferMs: 60_000,
    ...changes,
  };
}

async function answered(chat: Chat, work: AskBot) {
  const outcome = await setting.work.askBot(chat.actor, work);
  if (outcome.kind !== 'answered') throw new Error(`not answered: ${JSON.stringify(outcome)}`);
  return outcome.answer;
}

const drafts = (chat: Chat) =>
  chat.query<{ text: string; status: string }>(
    `SELECT content->>'text' AS text, status FROM messages WHERE author_kind = 'bot' ORDER BY created_at, id`,
  );

describe('A turn', () => {
  test('gives the bot the messages of its range, in order, and where and how to answer later', async () => {
    const { bot, deps } = setting;
    const chat = await Chat.begin(setting.pool, await setting.account(), ['zero', 'one', 'two', 'three']);
    const { accountId, conversationId } = chat.actor;
    await chat.query(`UPDATE messages SET content = NULL WHERE inbox_seq = 3`);
    await answered(chat, ask(chat, { turn: 7, messages: { from: 2, to: 3 } }));

    const turn = bot.tries.at(-1)?.turn;
    expect(turn).toMatchObject({
      turnId: `${conversationId}:t7`,
      conversation: { id: conversationId, channel: { id: chat.account.channelId, type: 'http' } },
      contact: { name: 'Ada Canary' },
      intake: false,
      event: { type: 'messages', messages: [{ content: { text: 'one' } }] },
    });
    expect(turn?.conversation.capabilities.text).toMatchObject({ dir: 'both' });
    expect(turn?.reply).toMatchObject({
      url: `http://baton.test/v1/bot-replies/${accountId}/${conversationId}/7`,
      deadlineMs: 60_000,
    });
    expect(verifyReplyToken(deps.tokenKey, accountId, `${conversationId}:t7`, turn?.reply.token ?? '')).toBe(true);
  });

  test('S3-2, S3-3: prechat says whether somebody is there; what follows in prechat is the intake', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    await chat.query(`UPDATE conversations SET phase = 'prechat', handover_no = 1`);
    await answered(chat, ask(chat, { about: { kind: 'prechat', agentStatus: 'offline' }, messages: null }));
    expect(bot.tries.at(-1)?.turn).toMatchObject({ intake: true, event: { type: 'prechat', agentStatus: 'offline' } });
    await answered(chat, ask(chat, { turn: 2 }));
    expect(bot.tries.at(-1)?.turn).toMatchObject({ intake: true, event: { type: 'messages' } });
  });

  test('B-2: a bot that has the customer back is told why', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    await answered(chat, ask(chat, { about: { kind: 'returned', because: 'hand-back' }, messages: null }));
    expect(bot.tries.at(-1)?.turn.event).toEqual({ type: 'returned', because: 'hand-back' });
  });
});

describe('An answer', () => {
  test('is stored as drafts in order, with their digests', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    bot.script(() => ({ messages: ['one', { text: 'two', buttons: [{ title: 'Yes', payload: 'y' }] }] }));
    const answer = await answered(chat, ask(chat));
    expect(answer).toMatchObject({ handover: null, intake: null });
    expect(await drafts(chat)).toEqual([
      { text: 'one', status: 'draft' },
      { text: 'two', status: 'draft' },
    ]);
    const rows = await chat.query<{ id: string; digested: boolean }>(
      `SELECT id, digest IS NOT NULL AS digested FROM messages WHERE author_kind = 'bot' ORDER BY created_at, id`,
    );
    expect(rows).toEqual(answer.messageIds.map((id) => ({ id, digested: true })));
  });

  test('S3-1: livechat with skill, webstore and channel tag is saved as a request before anything follows', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    bot.script(() => ({
      answer: 'I will get you somebody',
      livechat: true,
      skill: 'returns',
      mscWebstore: 'shop-de',
      mscChannel: 'web',
      group: 'SUPPORT',
    }));
    const { handover } = await answered(chat, ask(chat, { turn: 4 }));
    expect(handover).toEqual({ requestId: 'bot:4', priority: 0 });
    expect(await chat.query('SELECT id, skill, webstore, channel_tag, group_id FROM handover_requests')).toEqual([
      { id: 'bot:4', skill: 'returns', webstore: 'shop-de', channel_tag: 'web', group_id: chat.account.groupId },
    ]);
  });

  test('S0-4: a native request carries reason, group, priority, history and data', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    const { groupId } = chat.account;
    const handover = {
      reason: 'angry',
      groupId,
      priority: 5,
      history: { kind: 'last', count: 3 },
      data: { order: 17 },
    };
    bot.script(() => ({ handover }));
    expect((await answered(chat, ask(chat))).handover).toEqual({ requestId: 'bot:1', priority: 5 });
    const [row] = await chat.query('SELECT reason, group_id, priority, history, data FROM handover_requests');
    expect(row).toEqual({
      reason: 'angry',
      group_id: groupId,
      priority: 5,
      history: { kind: 'last', count: 3 },
      data: { order: 17 },
    });
  });

  test('a group or desk that isn’t there is as if none was named', async () => {
    const { bot } = setting;
    const [chat, stranger] = [await setting.chat(), await setting.account()];
    bot.script(() => ({ handover: { groupId: stranger.groupId, deskId: 'no such desk' } }));
    await answered(chat, ask(chat));
    expect(await chat.query('SELECT group_id, desk_id FROM handover_requests')).toEqual([
      { group_id: null, desk_id: null },
    ]);
  });

  test('S3-3: intake answers stand with the turn, whatever hand-over is open by now; the last of a name counts', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    await chat.query(`UPDATE conversations SET phase = 'prechat', handover_no = 2`);
    const answers = [
      { name: 'order', value: '1' },
      { name: 'order', label: 'Your order', value: '2' },
    ];
    bot.script(() => ({ intake: { status: 'done', answers } }));
    expect((await answered(chat, ask(chat))).intake).toBe('done');
    expect(await chat.query('SELECT turn, intake FROM bot_answers')).toEqual([
      { turn: 1, intake: [{ name: 'order', label: 'Your order', value: '2' }] },
    ]);
    expect(await chat.query('SELECT name FROM intake_answers')).toEqual([]);
  });

  test('what Postgres can’t store is replaced, not refused', async () => {
    const { pool } = setting;
    const chat = await setting.chat();
    const words = { messages: [{ text: 'a\0b \ud800 \\u0000 \\\\ud800' }], handover: null, intake: null };
    await storeBotAnswer(pool, chat.actor, { turn: 1, botId: chat.account.botId, words, at: Date.now() });
    expect(await drafts(chat)).toEqual([{ text: 'a\ufffdb \ufffd \\u0000 \\\\ud800', status: 'draft' }]);
  });

  test('nothing is stored of a contact who was erased meanwhile', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    bot.script(() => ({
      messages: ['Dear Ada Canary'],
      handover: { reason: 'Ada Canary', data: { name: 'Canary' } },
      intake: { status: 'done', answers: [{ name: 'name', value: 'Ada Canary' }] },
    }));
    await chat.query('UPDATE contacts SET erased_at = now(), digest_key = NULL, name = NULL');
    await answered(chat, ask(chat));
    expect(await drafts(chat)).toEqual([{ text: null, status: 'draft' }]);
    expect(await chat.query('SELECT reason, data FROM handover_requests')).toEqual([{ reason: null, data: {} }]);
    expect(await chat.query('SELECT intake FROM bot_answers')).toEqual([{ intake: null }]);
  });
});

describe('The tries of a turn share its answer: the first wins', () => {
  test('two tries at once with two answers: both answer the same, and nothing is left of the other', async () => {
    const { bot, another } = setting;
    for (let round = 0; round < 20; round += 1) {
      const chat = await setting.chat();
      bot.script((_, no) => ({ messages: [`answer of try ${no}`], handover: { reason: `try ${no}` } }));
      const outcomes = await Promise.all([
        setting.work.askBot(chat.actor, ask(chat, { attempt: 1 })),
        another().askBot(chat.actor, ask(chat, { attempt: 2 })),
      ]);
      expect(outcomes[0]).toEqual(outcomes[1]);
      expect(await drafts(chat)).toHaveLength(1);
      expect(await chat.query('SELECT 1 FROM handover_requests')).toHaveLength(1);
    }
  });

  test('a repeat of the activity (the worker died before Temporal heard of it) doesn’t ask the bot again', async () => {
    const { bot } = setting;
    const chat = await setting.chat();
    bot.script((_, no) => ({ messages: [`answer of try ${no}`] }));
    const first = await answered(chat, ask(chat));
    const asked = bot.tries.length;
    expect(await answered(chat, ask(chat))).toEqual(first);
    expect(await answered(chat, ask(chat, { attempt: 2 }))).toEqual(first);
    expect(bot.tries).toHaveLength(asked);
  });

  test('an answer that came through the API while a try was out is the turn’s', async () => {
    const { bot, pool } = setting;
    const chat = await setting.chat();
    const { botId } = chat.account;
    const words = { messages: [{ text: 'from the API' }], handover: null, intake: null };
    bot.script(async () => {
      await storeBotAnswer(pool, chat.actor, { turn: 1, botId, words, at: Date.now() });
      return { messages: ['from the call'] };
    });
    await answered(chat, ask(chat));
    expect(await drafts(chat)).toEqual([{ text: 'from the API', status: 'draft' }]);
    const again = await storeBotAnswer(pool, chat.actor, { turn: 1, botId, words, at: Date.now() });
    expect(again.first).toBe(false);
  });

  test('a bot that answers 202 owes its answer', async () => {
    const chat = await setting.chat();
    setting.bot.script(() => 'defer');
    expect(await setting.work.askBot(chat.actor, ask(chat))).toEqual({ kind: 'deferred' });
  });
});

describe('A try that fails answers its class, and no word of the bot', () => {
  const none = { kind: 'failed', retryAfterMs: null };

  test.each([
    ['drop' as const, 'retryable'],
    ['hang' as const, 'retryable'],
    [{ status: 500, body: { error: 'secret words' } }, 'retryable'],
    [{ status: 401 }, 'auth'],
    [{ status: 404 }, 'permanent'],
    [{ messages: 17, text: 'secret words' }, 'content-rejected'],
  ])('%j: %s', async (says, failureClass) => {
    const chat = await setting.chat();
    setting.bot.script(() => says);
    const outcome = await setting.work.askBot(chat.actor, ask(chat, { timeoutMs: 300 }));
    expect(outcome).toEqual({ ...none, class: failureClass });
    expect(await drafts(chat)).toEqual([]);
  });

  test('a bot that asks to be left alone is left alone by every worker', async () => {
    const { bot, work, another } = setting;
    const account = await setting.account();
    const [one, other] = [await Chat.begin(setting.pool, account), await Chat.begin(setting.pool, account)];
    bot.script(() => ({ status: 429, headers: { 'retry-after': '30' } }));
    const throttled = { kind: 'failed', class: 'throttled', retryAfterMs: 30_000 };
    expect(await work.askBot(one.actor, ask(one))).toEqual(throttled);
    const asked = bot.tries.length;
    expect(await another().askBot(other.actor, ask(other))).toMatchObject({ class: 'throttled' });
    expect(bot.tries).toHaveLength(asked);
  });

  test('a bot that is switched off, is of no known type, or is another account’s is not asked', async () => {
    const { bot, work } = setting;
    const [chat, other] = [await setting.chat(), await setting.account()];
    const asked = bot.tries.length;
    expect(await work.askBot(chat.actor, ask(chat, { botId: other.botId }))).toEqual({ ...none, class: 'permanent' });
    await chat.query('UPDATE bots SET disabled_at = now()');
    expect(await work.askBot(chat.actor, ask(chat))).toEqual({ ...none, class: 'auth' });
    await chat.query(`UPDATE bots SET disabled_at = NULL, type = 'unheard-of'`);
    expect(await work.askBot(chat.actor, ask(chat))).toEqual({ ...none, class: 'permanent' });
    expect(bot.tries).toHaveLength(asked);
  });
});
