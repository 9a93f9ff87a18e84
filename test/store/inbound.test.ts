import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { acceptInbound, type Accepted, type InboundItem } from '../../store/inbound.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { withDatabase } from '../support/with-database.ts';

const at = Date.UTC(2026, 10, 22, 9);

let account: SeededAccount;

const pools = withDatabase('api');
beforeEach(async () => {
  account = await seedAccount(pools.api);
});

type Message = Extract<InboundItem, { kind: 'message' }>;

function message(externalId: string, thread = 'ann', more: Partial<Message> = {}): Message {
  return {
    kind: 'message',
    externalId,
    thread,
    contact: { externalId: thread },
    content: { text: externalId },
    ...more,
  };
}

const accept = (items: InboundItem[], time = at): Promise<Accepted[]> =>
  acceptInbound(pools.api, { accountId: account.accountId, sourceId: account.channelId, at: time, items });

async function select<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
  const { rows } = await pools.admin.query<T>(text, [account.accountId, ...values]);
  return rows;
}

const inboxOf = (conversationId: string | undefined): Promise<{ seq: number; type: string; external_id: string }[]> =>
  select('SELECT seq, type, external_id FROM inbox WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq', [
    conversationId,
  ]);

describe('a webhook is stored as a whole, in one transaction', () => {
  it('a first message makes contact, identity, conversation, mailbox and actor, and has the first place', async () => {
    const [answer] = await accept([
      message('m1', 'ann', { contact: { externalId: 'ann', name: 'Ann', phones: ['+4930'], emails: ['a@b.c'] } }),
    ]);
    expect(answer).toMatchObject({ kind: 'stored', seq: 1, at });
    const [row] = await select(
      `SELECT k.name, length(k.digest_key) AS key, c.phase, m.last_seq, m.handed_seq, a.version, w.content, w.digest, w.status,
              w.inbox_seq, w.author_kind, w.author_id = k.id::text AS by_contact
       FROM conversations c
         JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
         JOIN mailboxes m ON m.account_id = c.account_id AND m.conversation_id = c.id
         JOIN actors a ON a.account_id = c.account_id AND a.conversation_id = c.id
         JOIN messages w ON w.account_id = c.account_id AND w.conversation_id = c.id
       WHERE c.account_id = $1 AND c.id = $2 AND w.id = $3`,
      [answer?.conversationId, answer?.messageId],
    );
    expect(row).toEqual({
      name: 'Ann',
      key: 32,
      phase: 'bot',
      last_seq: 1,
      handed_seq: 0,
      version: 0,
      content: { text: 'm1' },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      status: 'received',
      inbox_seq: 1,
      author_kind: 'customer',
      by_contact: true,
    });
    expect(await select('SELECT kind, value FROM contact_addresses WHERE account_id = $1 ORDER BY kind')).toEqual([
      { kind: 'email', value: 'a@b.c' },
      { kind: 'phone', value: '+4930' },
    ]);
  });

  it('the digest is the one that the audit chain computes under the key of the contact', async () => {
    const [answer] = await accept([message('m1', 'ann', { content: { text: 'Grüße 👋', buttons: [] } })]);
    const [row] = await select(
      `SELECT w.digest = content_digest($1, c.contact_id, w.content) AS same
       FROM messages w JOIN conversations c ON c.account_id = w.account_id AND c.id = w.conversation_id
       WHERE w.account_id = $1 AND w.id = $2`,
      [answer?.messageId],
    );
    expect(row).toEqual({ same: true });
  });

  it('its items get their places in the order of the webhook, whatever their threads', async () => {
    const answers = await accept([message('b1', 'bob'), message('a1'), message('b2', 'bob'), message('a2')]);
    expect(answers.map(({ seq }) => seq)).toEqual([1, 1, 2, 2]);
    expect((await inboxOf(answers[0]?.conversationId)).map((row) => row.external_id)).toEqual(['b1', 'b2']);
    expect((await inboxOf(answers[1]?.conversationId)).map((row) => row.external_id)).toEqual(['a1', 'a2']);
  });

  it('B-6: in one thread they keep that order, whoever wrote them and whatever they are', async () => {
    const by = (externalId: string) => ({ contact: { externalId } });
    const answers = await accept([
      message('z1', 'club', by('zoe')),
      message('a1', 'club', by('ann')),
      { kind: 'cancel', externalId: 'c1', thread: 'club' },
      message('z2', 'club', { ...by('zoe'), endChannel: 'newest' }),
      message('a2', 'ann', { ...by('ann'), endChannel: 'other' }),
    ]);
    expect(answers.map(({ kind, seq }) => [kind, seq])).toEqual([1, 2, 3, 4, 1].map((seq) => ['stored', seq]));
    expect((await inboxOf(answers[0]?.conversationId)).map((row) => row.external_id)).toEqual(['z1', 'a1', 'c1', 'z2']);
    const [row] = await select('SELECT end_channel FROM conversations WHERE account_id = $1 AND id = $2', [
      answers[0]?.conversationId,
    ]);
    expect(row).toEqual({ end_channel: 'newest' });
  });

  it('an item that can not be read is parked, and the others go on', async () => {
    const unreadable: InboundItem = { kind: 'unreadable', externalId: 'x', because: 'no-text', item: { odd: [1] } };
    const answers = await accept([message('m1'), unreadable, message('m2')]);
    expect(answers.map(({ kind }) => kind)).toEqual(['stored', 'parked', 'stored']);
    expect(await accept([unreadable])).toEqual([{ kind: 'duplicate' }]);
    expect(await select('SELECT external_id, error, item FROM parked WHERE account_id = $1')).toEqual([
      { external_id: 'x', error: 'no-text', item: { odd: [1] } },
    ]);
  });

  it('what Postgres can not store as it is does no harm', async () => {
    const nested: unknown = JSON.parse('['.repeat(3_000) + ']'.repeat(3_000));
    const answers = await accept([
      message('nul\u0000', 'ann\u0000', { content: { text: 'a\u0000b\ud800c' } }),
      message('x'.repeat(5_000)),
      { kind: 'unreadable', externalId: null, because: 'odd', item: nested },
      { kind: 'receipt', externalId: null, providerId: 'p'.repeat(5_000), status: 'read' },
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['stored', 'parked', 'parked', 'parked']);
    const [row] = await select('SELECT content FROM messages WHERE account_id = $1 AND id = $2', [
      answers[0]?.messageId,
    ]);
    expect(row).toEqual({ content: { text: 'a\ufffdb\ufffdc' } });
  });

  it('one that fails leaves nothing of the others', async () => {
    const noContent = { ...message('m2', 'bob'), contact: { externalId: null } } as unknown as InboundItem;
    await expect(accept([message('m1'), noContent])).rejects.toThrow('not-null');
    expect(await select('SELECT id FROM conversations WHERE account_id = $1')).toEqual([]);
    expect(await select('SELECT id FROM contacts WHERE account_id = $1')).toEqual([]);
  });

  it('a customer who cancels is an input of the conversation; a cancel where nobody wrote is none', async () => {
    const [first] = await accept([message('m1')]);
    const answers = await accept([
      { kind: 'cancel', externalId: 'c1', thread: 'ann' },
      { kind: 'cancel', externalId: 'c2', thread: 'nobody' },
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['stored', 'unknown']);
    expect((await inboxOf(first?.conversationId)).map((row) => row.type)).toEqual([
      'CustomerWrote',
      'CustomerCancelled',
    ]);
  });
});

describe('the same input has one effect', () => {
  it('ten times the same webhook, at once and again later: one effect, one answer (R6)', async () => {
    const webhook = [message('m1'), { kind: 'cancel', externalId: 'c1', thread: 'ann' } as const];
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(webhook)));
    answers.push(await accept(webhook, at + 60_000));
    expect(answers.filter(([one]) => one?.kind === 'stored')).toHaveLength(1);
    expect(new Set(answers.map(([one]) => `${one?.messageId} ${one?.seq} ${one?.at}`)).size).toBe(1);
    expect(await inboxOf(answers[0]?.[0]?.conversationId)).toHaveLength(2);
    expect(await select('SELECT id FROM messages WHERE account_id = $1')).toHaveLength(1);
  });

  it('twice within one webhook counts once', async () => {
    const answers = await accept([message('m1'), message('m1')]);
    expect(answers.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['stored', 1],
      ['duplicate', 1],
    ]);
  });

  it('twice within one webhook, in two threads, counts for the first', async () => {
    const answers = await accept([message('m1', 'zoe'), message('m1', 'ann'), message('m2', 'ann')]);
    expect(answers).toMatchObject([
      { kind: 'stored', seq: 1 },
      { kind: 'duplicate', seq: 1 },
      { kind: 'stored', seq: 1 },
    ]);
    expect(answers[1]?.conversationId).toBe(answers[0]?.conversationId);
    expect(await inboxOf(answers[2]?.conversationId)).toMatchObject([{ seq: 1, external_id: 'm2' }]);
  });

  it('in ten threads at the same moment: one has it, and no place is left empty', async () => {
    const threads = Array.from({ length: 10 }, (_, index) => `thread-${index}`);
    await accept(threads.map((thread) => message(`hello-${thread}`, thread)));
    const answers = (await Promise.all(threads.map((thread) => accept([message('same', thread)])))).flat();
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual([
      ...Array.from({ length: 9 }, () => 'duplicate'),
      'stored',
    ]);
    expect(new Set(answers.map(({ conversationId }) => conversationId)).size).toBe(1);
    const after = await accept(threads.map((thread) => message(`bye-${thread}`, thread)));
    const winner = answers[0]?.conversationId;
    for (const { conversationId, seq } of after) expect(seq).toBe(conversationId === winner ? 3 : 2);
  });

  it('an external id is known per channel: two networks may use the same', async () => {
    const other = await seedAccount(pools.api);
    await accept([message('m1')]);
    const [answer] = await acceptInbound(pools.api, {
      accountId: other.accountId,
      sourceId: other.channelId,
      at,
      items: [message('m1')],
    });
    expect(answer?.kind).toBe('stored');
  });
});

describe('places have no gaps', () => {
  it('20 messages at the same moment from a new customer make one conversation with places 1 to 20 (B-6)', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => accept([message(`m${index}`)])));
    expect(new Set(answers.map(([one]) => one?.conversationId)).size).toBe(1);
    expect(answers.map(([one]) => one?.seq ?? 0).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(await select('SELECT id FROM contacts WHERE account_id = $1')).toHaveLength(1);
    expect(await select('SELECT id FROM conversations WHERE account_id = $1')).toHaveLength(1);
  });

  it('webhooks of many customers in any order neither block each other for good nor leave a gap', async () => {
    const threads = Array.from({ length: 6 }, (_, index) => `thread-${index}`);
    const webhooks = Array.from({ length: 30 }, (_, n) =>
      threads
        .map((thread, index) => ({ thread, rank: (index * 7 + n * 5) % 11 }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ thread }) => message(`${thread}-${n}`, thread, { endChannel: `c${n % 3}`, stream: true })),
    );
    await Promise.all(webhooks.map((items) => accept(items)));
    const gaps = await select(
      `SELECT conversation_id, max(seq) AS last, count(*)::int AS count FROM inbox WHERE account_id = $1 GROUP BY 1`,
    );
    expect(gaps).toHaveLength(6);
    for (const row of gaps) expect(row).toMatchObject({ last: 30, count: 30 });
    const streams = await select(
      `SELECT max(place) AS last, count(*)::int AS count FROM visitor_stream WHERE account_id = $1 GROUP BY conversation_id`,
    );
    for (const row of streams) expect(row).toEqual({ last: 30, count: 30 });
  });

  it('one webhook of new and known customers, some of them again: each thread goes on where it was', async () => {
    await accept([message('a1', 'ann'), message('b1', 'bob')]);
    const cancel: InboundItem = { kind: 'cancel', externalId: 'a3', thread: 'ann' };
    const items = [
      message('c1', 'cyd'),
      message('b1', 'bob'),
      message('a2', 'ann'),
      cancel,
      message('b2', 'bob'),
      message('a4', 'ann'),
    ];
    const answers = await accept(items);
    expect(answers.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['stored', 1],
      ['duplicate', 1],
      ['stored', 2],
      ['stored', 3],
      ['stored', 2],
      ['stored', 4],
    ]);
    expect((await inboxOf(answers[2]?.conversationId)).map(({ seq, external_id }) => [seq, external_id])).toEqual([
      [1, 'a1'],
      [2, 'a2'],
      [3, 'a3'],
      [4, 'a4'],
    ]);
  });

  it('time never runs backwards: neither behind what is stored nor behind what is recorded', async () => {
    const [first] = await accept([message('m1')], at + 5_000);
    const [second] = await accept([message('m2')], at);
    expect(second?.at).toBe(at + 5_000);
    await pools.admin.query('UPDATE actors SET last_at = $2 WHERE conversation_id = $1', [
      first?.conversationId,
      new Date(at + 9_000),
    ]);
    const [third] = await accept([message('m3')], at + 7_000);
    expect(third?.at).toBe(at + 9_000);
  });
});

describe('what a message tells of the customer', () => {
  it('a name is learned once and kept; addresses and the page are added', async () => {
    await accept([message('m1')]);
    await accept([message('m2', 'ann', { contact: { externalId: 'ann', name: 'Ann', pageUrl: 'https://a/1' } })]);
    await accept([
      message('m3', 'ann', { contact: { externalId: 'ann', name: 'Anna', phones: ['+1'], pageUrl: 'https://a/2' } }),
    ]);
    expect(await select('SELECT name, attributes FROM contacts WHERE account_id = $1')).toEqual([
      { name: 'Ann', attributes: { pageUrl: 'https://a/2' } },
    ]);
    expect(await select('SELECT value FROM contact_addresses WHERE account_id = $1')).toEqual([{ value: '+1' }]);
  });

  it('one person in two threads of a channel is one contact with two conversations', async () => {
    const both = await accept([
      message('m1', 'thread-1', { contact: { externalId: 'ann' } }),
      message('m2', 'thread-2', { contact: { externalId: 'ann' } }),
    ]);
    expect(new Set(both.map(({ conversationId }) => conversationId)).size).toBe(2);
    expect(await select('SELECT id FROM contacts WHERE account_id = $1')).toHaveLength(1);
  });

  it('the end channel that a platform reports stands with the conversation', async () => {
    const [answer] = await accept([message('m1', 'ann', { endChannel: 'instagram' })]);
    await accept([message('m2')]);
    expect(
      await select('SELECT end_channel FROM conversations WHERE account_id = $1 AND id = $2', [answer?.conversationId]),
    ).toEqual([{ end_channel: 'instagram' }]);
  });

  it('a message of the web chat has its place in the stream', async () => {
    const answers = await accept([
      message('m1', 'v', { stream: true, clientId: 'c1' }),
      message('m2', 'v', { stream: true }),
    ]);
    expect(answers.map(({ place }) => place)).toEqual([1, 2]);
    expect(await select('SELECT place, message_id FROM visitor_stream WHERE account_id = $1 ORDER BY place')).toEqual(
      answers.map(({ place, messageId }) => ({ place, message_id: messageId })),
    );
  });
});

describe('only the account itself', () => {
  it('another account can not be written to, and without an account nothing can be read', async () => {
    const other = await seedAccount(pools.api);
    await expect(
      acceptInbound(pools.api, { accountId: account.accountId, sourceId: other.channelId, at, items: [message('m1')] }),
    ).rejects.toThrow('foreign key');
    await expect(pools.api.query('SELECT 1 FROM inbox')).rejects.toThrow(/uuid|baton\.account/);
    const stolen = await inAccount(pools.api, other.accountId, (tx) =>
      tx.query('SELECT id FROM channels WHERE id = $1', [account.channelId]),
    );
    expect(stolen.rows).toEqual([]);
  });

  it('an id that is not of this account is unknown', async () => {
    await accept([message('m1')]);
    const other = await seedAccount(pools.api);
    const [answer] = await acceptInbound(pools.api, {
      accountId: other.accountId,
      sourceId: other.channelId,
      at,
      items: [{ kind: 'cancel', externalId: uuid(), thread: 'ann' }],
    });
    expect(answer).toEqual({ kind: 'unknown' });
  });
});
