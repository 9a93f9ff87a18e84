import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FeedPage, readFeedPage } from '../../store/feed.ts';
import { acceptInbound, type Accepted, type InboundItem } from '../../store/inbound.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { until } from '../support/until.ts';
import { withDatabase } from '../support/with-database.ts';

const at = Date.UTC(2026, 10, 22, 9);

let account: SeededAccount;
let conversationId: string;

const pools = withDatabase('api');
beforeEach(async () => {
  account = await seedAccount(pools.api);
  const [first] = await accept([
    { kind: 'message', externalId: 'm1', thread: 'ann', contact: { externalId: 'ann' }, content: { text: 'hi' } },
  ]);
  conversationId = first?.conversationId ?? '';
});

const accept = (items: InboundItem[], time = at): Promise<Accepted[]> =>
  acceptInbound(pools.api, { accountId: account.accountId, sourceId: account.channelId, at: time, items });

type Receipt = Extract<InboundItem, { kind: 'receipt' }>;

const receipt = (status: Receipt['status'], more: Partial<Receipt> = {}): Receipt => ({
  kind: 'receipt',
  externalId: null,
  providerId: 'p1',
  status,
  ...more,
});

/** A message on its way out, in this state. */
async function outbound(status: string, providerId: string | null = 'p1', seq = 1): Promise<void> {
  await pools.admin.query(
    `INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, author_kind, epoch, status, provider_id, queued_at)
     VALUES ($1, $2, $3, $4, 'channel', $5, 'agent', 1, $6, $7, $8)`,
    [account.accountId, conversationId, seq, uuid(), account.channelId, status, providerId, new Date(at)],
  );
}

async function statusOf(seq = 1): Promise<string> {
  const { rows } = await pools.admin.query<{ status: string }>(
    'SELECT status FROM outbound WHERE conversation_id = $1 AND seq = $2',
    [conversationId, seq],
  );
  return rows[0]?.status ?? 'absent';
}

/** What the actor was told, beyond the first message. */
async function told(): Promise<unknown[]> {
  const { rows } = await pools.admin.query<{ type: string; payload: object }>(
    'SELECT type, payload FROM inbox WHERE conversation_id = $1 AND seq > 1 ORDER BY seq',
    [conversationId],
  );
  return rows.map(({ type, payload }) => ({ type, ...payload }));
}

/** What the feed tells of a message, in its order. */
async function fed(seq = 1): Promise<string[]> {
  const after = { xid: 0n, feedId: 0n };
  // Transactions of other tests hold rows back, too.
  let page: FeedPage = { rows: [], held: true };
  await until(async () => {
    page = await readFeedPage(pools.api, account.accountId, { after, limit: 1_000 });
    return !page.held;
  });
  return page.rows.flatMap((row) =>
    row.kind === 'receipt' && row.receipt.outbound === seq ? [row.receipt.status] : [],
  );
}

describe('receipts raise what is shown, and wake no actor', () => {
  it('sent, delivered, read, in any order and repeated: never down', async () => {
    await outbound('sent');
    expect(await accept([receipt('read')])).toEqual([{ kind: 'stored' }]);
    expect(await accept([receipt('delivered'), receipt('sent'), receipt('read')])).toEqual([
      { kind: 'stored' },
      { kind: 'stored' },
      { kind: 'duplicate' },
    ]);
    expect(await statusOf()).toBe('read');
    expect(await fed()).toEqual(['read']);
    expect(await told()).toEqual([]);
  });

  it('delivered after failed stays failed; failed after delivered changes nothing (R7)', async () => {
    await outbound('failed', 'p1', 1);
    await outbound('delivered', 'p2', 2);
    await accept([receipt('delivered'), receipt('failed', { providerId: 'p2' })]);
    expect([await statusOf(1), await statusOf(2)]).toEqual(['failed', 'delivered']);
    expect([await fed(1), await fed(2)]).toEqual([[], []]);
    expect(await told()).toEqual([]);
  });

  it('many at once for one message end at the highest', async () => {
    await outbound('sending');
    const statuses = ['read', 'sent', 'delivered', 'delivered', 'read', 'sent'] as const;
    await Promise.all(statuses.map((status) => accept([receipt(status)])));
    expect(await statusOf()).toBe('read');
    const { rows } = await pools.admin.query('SELECT 1 FROM receipts WHERE account_id = $1', [account.accountId]);
    expect(rows).toHaveLength(3);
  });

  it('of another channel or account do not touch it', async () => {
    await outbound('sent');
    const other = await seedAccount(pools.api);
    await acceptInbound(pools.api, {
      accountId: other.accountId,
      sourceId: other.channelId,
      at,
      items: [receipt('read')],
    });
    await acceptInbound(pools.api, {
      accountId: other.accountId,
      sourceId: other.channelId,
      at,
      items: [receipt('read', { providerId: 'p9', key: `${conversationId}:1` })],
    });
    expect(await statusOf()).toBe('sent');
  });
});

describe('receipts that an actor waits for are inputs of its conversation', () => {
  it.each(['sent', 'delivered', 'read'] as const)('the answer to an ambiguous send: %s', async (status) => {
    await outbound('ambiguous');
    await accept([receipt(status)]);
    expect(await statusOf()).toBe(status);
    expect(await told()).toEqual([{ type: 'ReceiptCame', outbound: 1, status: 'sent' }]);
  });

  it.each(['sending', 'ambiguous', 'sent'])('a failure, of one that is %s, with its class', async (status) => {
    await outbound(status);
    await accept([receipt('failed', { class: 'recipient-unreachable' }), receipt('failed')]);
    expect(await statusOf()).toBe('failed');
    const failure = { status: 'failed', class: 'recipient-unreachable' };
    expect(await told()).toEqual([{ type: 'ReceiptCame', outbound: 1, ...failure }]);
    const { rows } = await pools.admin.query('SELECT failure_class FROM outbound WHERE conversation_id = $1', [
      conversationId,
    ]);
    expect(rows).toEqual([{ failure_class: 'recipient-unreachable' }]);
  });

  it('found by the send key where the provider never said its id', async () => {
    await outbound('ambiguous', null);
    await accept([receipt('delivered', { providerId: 'p7', key: `${conversationId}:1` })]);
    await accept([receipt('read', { providerId: 'p7' })]);
    expect(await statusOf()).toBe('read');
    expect(await told()).toEqual([{ type: 'ReceiptCame', outbound: 1, status: 'sent' }]);
  });

  it('a key that is none of ours is no key', async () => {
    await outbound('ambiguous', null);
    for (const [index, key] of [
      'x:1',
      `${conversationId}:`,
      `${conversationId}:1e9`,
      '------------------------------------:1',
    ].entries()) {
      expect(await accept([receipt('read', { providerId: `q${index}`, key })])).toEqual([{ kind: 'stored' }]);
    }
    expect(await statusOf()).toBe('ambiguous');
  });
});

describe('receipts that come too early', () => {
  /** The attempt learns under which id the provider has it. */
  const markSent = () =>
    pools.admin.query('SELECT mark_sent($1, $2, 1, $3, $4, $5)', [
      account.accountId,
      conversationId,
      'attempt',
      'p1',
      new Date(at),
    ]);

  it('are told in the order of rising once they are joined, and only as far as they raise', async () => {
    await outbound('sending', null);
    for (const [n, status] of (['delivered', 'read', 'sent'] as const).entries())
      await accept([receipt(status)], at + n);
    expect(await fed()).toEqual([]);
    await markSent();
    expect(await fed()).toEqual(['delivered', 'read']);
  });

  it('are kept, and joined when the provider id is known', async () => {
    await outbound('sending', null);
    await accept([receipt('delivered')]);
    expect(await statusOf()).toBe('sending');
    await markSent();
    expect(await statusOf()).toBe('delivered');
  });

  it('`sent` is told once, whoever says it first', async () => {
    await outbound('sending', null);
    await accept([receipt('sent')]);
    await markSent();
    await markSent();
    expect(await fed()).toEqual(['sent']);
  });

  it('joined or not: a receipt and the provider id that are stored at the same moment always meet', async () => {
    for (let seq = 1; seq <= 20; seq += 1) {
      await outbound('sending', null, seq);
      await Promise.all([
        accept([receipt('delivered', { providerId: `q${seq}` })]),
        pools.admin.query('SELECT mark_sent($1, $2, $3, $4, $5, $6)', [
          account.accountId,
          conversationId,
          seq,
          'attempt',
          `q${seq}`,
          new Date(at),
        ]),
      ]);
      expect(await statusOf(seq)).toBe('delivered');
    }
  });
});

it('a webhook may bring messages, receipts and what can not be read together', async () => {
  await outbound('ambiguous');
  const answers = await accept([
    { kind: 'message', externalId: 'm2', thread: 'ann', contact: { externalId: 'ann' }, content: { text: 'yes' } },
    receipt('delivered'),
    { kind: 'unreadable', externalId: null, because: 'odd', item: {} },
  ]);
  expect(answers.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'parked']);
  expect(await told()).toHaveLength(2);
});
