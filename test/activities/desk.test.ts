import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WorkOf } from '../../activities/contract.ts';
import { Chat, type Desk } from './chat.ts';
import { createSetting, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
beforeEach(() => setting.desk.script(() => null));
afterAll(() => setting.close());

const none = { kind: 'failed', retryAfterMs: null };

interface Case {
  chat: Chat;
  desk: Desk;
  handoverId: string;
}

async function handedOver(texts = ['hello']): Promise<Case> {
  const chat = await Chat.begin(setting.pool, await setting.account(), texts);
  const desk = { deskId: await setting.addDesk(chat.account.accountId), handover: 1 };
  return { chat, desk, handoverId: `${chat.actor.conversationId}:h1` };
}

const request = (chat: Chat, values: Record<string, unknown>) =>
  chat.query(
    `INSERT INTO handover_requests (account_id, conversation_id, id, reason, skill, webstore, channel_tag, priority, history, data, created_at)
     SELECT $1, $2, 'bot:1', r.reason, r.skill, r.webstore, r.channel_tag, coalesce(r.priority, 0),
            coalesce(r.history, '{"kind":"all"}'), coalesce(r.data, '{}'), now()
     FROM jsonb_populate_record(NULL::handover_requests, $3) AS r`,
    [chat.actor.accountId, chat.actor.conversationId, values],
  );

function open({ deskId, handover }: Desk, attempt = 1): WorkOf<'OpenAtDesk'> {
  const lane = `desk:${deskId}` as const;
  const id = `OpenAtDesk:1:${attempt}`;
  return { kind: 'OpenAtDesk', lane, id, notBeforeAt: 0, deskId, handover, requestId: 'bot:1', attempt };
}

async function line({ chat, desk }: Case, text: string): Promise<WorkOf<'SendToDesk'>> {
  const { outbound, attempt } = await chat.queue(text, { author: 'customer', desk });
  const { deskId, handover } = desk;
  const id = `SendToDesk:${outbound.seq}:1`;
  return { kind: 'SendToDesk', lane: `desk:${deskId}`, id, notBeforeAt: 0, deskId, handover, outbound, attempt };
}

const texts = (history: { content: { text?: string } }[]) => history.map(({ content }) => content.text);
const inbox = (chat: Chat) =>
  chat.query<{ type: string; payload: unknown }>('SELECT type, payload FROM inbox WHERE seq > 1 ORDER BY seq');

describe('S0-2: a hand-over is offered with what was said before, as far as was asked for', () => {
  test('facts, intake answers and the whole history, in order', async () => {
    const { chat, desk, handoverId } = await handedOver(['one', 'two']);
    await request(chat, {
      reason: 'angry',
      skill: 'returns',
      webstore: 'de',
      channel_tag: 'web',
      priority: 5,
      data: { order: 17 },
    });
    await chat.query(`INSERT INTO contact_addresses SELECT account_id, id, 'phone', '+4930123456' FROM contacts`);
    await chat.query(
      `INSERT INTO intake_answers (account_id, conversation_id, handover, name, label, value, answered_at)
       VALUES ($1, $2, 1, 'order', 'Order', '17', to_timestamp(1)), ($1, $2, 1, 'gone', NULL, NULL, to_timestamp(2)),
              ($1, $2, 1, 'city', NULL, 'Ulm', to_timestamp(3)), ($1, $2, 2, 'later', NULL, 'no', to_timestamp(4))`,
      [chat.actor.accountId, chat.actor.conversationId],
    );
    await chat.queue('the bot', { author: 'bot' });
    expect(await setting.work.openAtDesk(chat.actor, open(desk))).toEqual({ kind: 'opened' });

    const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
    expect(offer).toMatchObject({
      conversationId: chat.actor.conversationId,
      contact: { name: 'Ada Canary', phones: ['+4930123456'], emails: [] },
      reason: 'angry',
      skill: 'returns',
      webstore: 'de',
      channelTag: 'web',
      priority: 5,
      data: { order: 17 },
      intake: [
        { name: 'order', label: 'Order', value: '17' },
        { name: 'city', value: 'Ulm' },
      ],
    });
    expect(texts(offer?.history ?? [])).toEqual(['one', 'two', 'the bot']);
    expect(offer?.history.map(({ author }) => author)).toEqual(['customer', 'customer', 'bot']);
  });

  test.each([
    [{ kind: 'none' }, []],
    [{ kind: 'last', count: 2 }, ['two', 'three']],
    [{ kind: 'last', count: 0 }, []],
    [{ kind: 'all' }, ['one', 'two', 'three']],
  ])('%j: %j', async (history, expected) => {
    const { chat, desk, handoverId } = await handedOver(['one', 'two', 'three']);
    await request(chat, { history });
    await setting.work.openAtDesk(chat.actor, open(desk));
    const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
    expect(texts(offer?.history ?? [])).toEqual(expected);
  });

  test.each([
    [{ kind: 'all' }, 1_000, 6],
    [{ kind: 'last', count: 1_003 }, 1_000, 3],
    [{ kind: 'last', count: 10 }, 10, 0],
    [{ kind: 'none' }, 0, 0],
  ])(
    'of a long thread %j is its newest lines: %i, and it says that %i earlier ones were left out',
    async (history, given, omitted) => {
      const { chat, desk, handoverId } = await handedOver(['one']);
      await chat.query(
        `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, position, created_at)
       SELECT $1, gen_random_uuid(), $2, 'in', 'customer', 'received', jsonb_build_object('text', 'line ' || n), 10 + n, now()
       FROM generate_series(1, 1005) AS n`,
        [chat.actor.accountId, chat.actor.conversationId],
      );
      await request(chat, { history });
      await setting.work.openAtDesk(chat.actor, open(desk));
      const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
      expect(offer).toMatchObject({ historyOmitted: omitted });
      expect(offer?.history).toHaveLength(given);
      expect(texts(offer?.history ?? []).at(-1)).toBe(given === 0 ? undefined : 'line 1005');
    },
  );

  test('S0-2: nothing, where the request did not ask for it', async () => {
    const { chat, desk, handoverId } = await handedOver(['one']);
    await setting.work.openAtDesk(chat.actor, open(desk));
    const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
    expect(offer?.history).toEqual([]);
  });

  test('each line once: what goes to the desk as a line of its own is not in the history', async () => {
    const found = await handedOver(['one']);
    const { chat, desk, handoverId } = found;
    await request(chat, { history: { kind: 'all' } });
    const later = await line(found, 'written while waiting');
    await setting.work.openAtDesk(chat.actor, open(desk));
    await setting.work.sendToDesk(chat.actor, later);
    const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
    expect(texts(offer?.history ?? [])).toEqual(['one']);
    expect(setting.desk.lines(handoverId)).toEqual([{ text: 'written while waiting' }]);
  });

  test('not what never came to the customer, nor drafts, nor what was erased', async () => {
    const { chat, desk, handoverId } = await handedOver(['one', 'erased']);
    const cancelled = await chat.queue('cancelled', { author: 'bot' });
    await chat.query(`UPDATE outbound SET status = 'cancelled' WHERE seq = $1`, [cancelled.outbound.seq]);
    await chat.query(`UPDATE messages SET content = NULL WHERE content->>'text' = 'erased'`);
    await request(chat, { history: { kind: 'all' } });
    await setting.work.openAtDesk(chat.actor, open(desk));
    const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
    expect(texts(offer?.history ?? [])).toEqual(['one']);
  });

  test('S0-6: nothing of another conversation of the same contact', async () => {
    const { chat, desk, handoverId } = await handedOver(['one']);
    const other = await Chat.begin(setting.pool, chat.account, ['of another thread']);
    await chat.query('UPDATE conversations SET contact_id = (SELECT contact_id FROM conversations WHERE id = $1)', [
      other.actor.conversationId,
    ]);
    await request(chat, { history: { kind: 'all' } });
    await setting.work.openAtDesk(chat.actor, open(desk));
    const [offer] = setting.desk.offers().filter((one) => one.handoverId === handoverId);
    expect(texts(offer?.history ?? [])).toEqual(['one']);
  });

  test('all attempts have one key: the desk opens it once', async () => {
    const { chat, desk, handoverId } = await handedOver();
    await setting.work.openAtDesk(chat.actor, open(desk));
    await setting.work.openAtDesk(chat.actor, open(desk));
    expect(await setting.work.openAtDesk(chat.actor, open(desk, 2))).toEqual({ kind: 'opened' });
    expect(setting.desk.offers().filter((one) => one.handoverId === handoverId)).toHaveLength(1);
  });
});

describe('A desk’s answer to an offer', () => {
  test('refused', async () => {
    const { chat, desk } = await handedOver();
    setting.desk.script(() => ({ status: 200, body: { refused: true } }));
    expect(await setting.work.openAtDesk(chat.actor, open(desk))).toEqual({ kind: 'refused' });
  });

  test('accepted at once: the same news as an event of its own, once, and the actor learns no name', async () => {
    const { chat, desk } = await handedOver();
    setting.desk.script(() => ({ status: 200, body: { accepted: { person: { id: 'p1', name: 'Eve Canary' } } } }));
    expect(await setting.work.openAtDesk(chat.actor, open(desk))).toEqual({ kind: 'opened' });
    await setting.work.openAtDesk(chat.actor, open(desk, 2));
    const [person] = await chat.query<{ id: string; name: string }>('SELECT id, name FROM desk_people');
    expect(person?.name).toBe('Eve Canary');
    expect(await inbox(chat)).toEqual([
      { type: 'DeskAccepted', payload: { deskId: desk.deskId, handover: 1, personId: person?.id } },
    ]);
  });

  test.each([
    [
      { status: 503, headers: { 'retry-after': '7' } },
      { kind: 'failed', class: 'throttled', retryAfterMs: 7_000 },
    ],
    [{ status: 500 }, { ...none, class: 'retryable' }],
    ['drop' as const, { ...none, class: 'retryable' }],
    [{ status: 401 }, { ...none, class: 'auth' }],
    [{ status: 400 }, { ...none, class: 'permanent' }],
  ])('%j: by class', async (reply, outcome) => {
    const { chat, desk } = await handedOver();
    setting.desk.script(() => reply);
    expect(await setting.work.openAtDesk(chat.actor, open(desk))).toEqual(outcome);
    const tell = { ...open(desk), kind: 'TellDesk', no: 1, news: 'closed' } as const;
    expect(await setting.work.tellDesk(chat.actor, tell)).toMatchObject({ class: outcome.class });
  });

  test('a desk that is switched off, or another account’s, is not called', async () => {
    const { chat, desk } = await handedOver();
    const stranger = await setting.addDesk((await setting.account()).accountId);
    expect(await setting.work.openAtDesk(chat.actor, open({ ...desk, deskId: stranger }))).toEqual({
      ...none,
      class: 'permanent',
    });
    await chat.query('UPDATE desks SET disabled_at = now()');
    expect(await setting.work.openAtDesk(chat.actor, open(desk))).toEqual({ ...none, class: 'auth' });
  });
});

describe('Lines to a desk', () => {
  test('go once and in order, with the time at which they were written', async () => {
    const found = await handedOver();
    const { chat, handoverId } = found;
    for (const text of ['one', 'two', 'three']) {
      const work = await line(found, text);
      expect(await setting.work.sendToDesk(chat.actor, work)).toEqual({ kind: 'sent' });
      expect(await setting.work.sendToDesk(chat.actor, work)).toEqual({ kind: 'sent' });
    }
    expect(setting.desk.lines(handoverId)).toEqual([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
  });

  test('what may have arrived is sent again under its key, and counts once', async () => {
    const found = await handedOver();
    const { chat, handoverId } = found;
    const work = await line(found, 'one');
    await setting.work.sendToDesk(chat.actor, work);
    await chat.leaveSending(work);
    expect(await setting.work.sendToDesk(chat.actor, work)).toEqual({ kind: 'sent' });
    expect(setting.desk.lines(handoverId)).toEqual([{ text: 'one' }]);
    expect(await chat.row(work)).toMatchObject({ status: 'sent' });
  });

  test('a desk that lost the chat gets no line that was cancelled', async () => {
    const found = await handedOver();
    const { chat, handoverId } = found;
    const work = await line(found, 'one');
    await chat.query(`UPDATE outbound SET status = 'cancelled'`);
    expect(await setting.work.sendToDesk(chat.actor, work)).toEqual({ kind: 'superseded' });
    expect(setting.desk.lines(handoverId)).toEqual([]);
  });

  test('a Retry-After of the desk binds the next line of every conversation', async () => {
    const found = await handedOver();
    const other = await Chat.begin(setting.pool, found.chat.account);
    const [first, second] = [await line(found, 'one'), await line({ ...found, chat: other }, 'two')];
    setting.desk.script(() => ({ status: 429, headers: { 'retry-after': '30' } }));
    await setting.work.sendToDesk(found.chat.actor, first);
    setting.desk.script(() => null);
    expect(await setting.another().sendToDesk(other.actor, second)).toMatchObject({ kind: 'put-off' });
  });
});

describe('The news that it is over', () => {
  test('reaches the desk once per notice', async () => {
    const { chat, desk, handoverId } = await handedOver();
    const tell = { ...open(desk), kind: 'TellDesk', id: 'TellDesk:3:1', no: 3, news: 'taken' } as const;
    expect(await setting.work.tellDesk(chat.actor, tell)).toEqual({ kind: 'told' });
    expect(await setting.work.tellDesk(chat.actor, { ...tell, attempt: 2 })).toEqual({ kind: 'told' });
    const news = setting.desk.calls.filter(
      ({ type, data }) => type === 'desk.chat.taken' && data.handoverId === handoverId,
    );
    expect(news).toHaveLength(1);
  });
});
