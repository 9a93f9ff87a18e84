import { v7 as uuid } from 'uuid';
import type { WorkOf } from '../../activities/contract.ts';
import type { Content } from '../../adapters/contract/content.ts';
import { inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { acceptInbound } from '../../store/inbound.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { Outbound } from '../../workflows/conversation/state.ts';
import type { SeededAccount } from '../support/database.ts';

/** A conversation whose customer has written these texts, each in its place of the inbox and of the transcript. */
export class Chat {
  readonly pool: Pool;
  readonly account: SeededAccount;
  readonly actor: ActorId;
  readonly thread: string;
  private sequence = 0;

  private constructor(pool: Pool, account: SeededAccount, conversationId: string, thread: string) {
    this.pool = pool;
    this.account = account;
    this.actor = { accountId: account.accountId, conversationId };
    this.thread = thread;
  }

  static async begin(pool: Pool, account: SeededAccount, texts: string[] = ['hello']): Promise<Chat> {
    const thread = uuid();
    let conversationId = '';
    for (const text of texts) {
      conversationId = (await write(pool, account, thread, { text })).conversationId;
    }
    const chat = new Chat(pool, account, conversationId, thread);
    await chat.query('UPDATE messages SET position = inbox_seq WHERE conversation_id = $1', [conversationId]);
    await chat.query('UPDATE conversations SET positions = $2, policy_version = 1 WHERE id = $1', [
      conversationId,
      texts.length,
    ]);
    return chat;
  }

  in<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inAccount(this.pool, this.actor.accountId, work);
  }

  async query<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
    return this.in(async (tx) => (await tx.query<R>(text, values)).rows);
  }

  async say(text: string, rest: Partial<Content> = {}): Promise<number> {
    return (await write(this.pool, this.account, this.thread, { text, ...rest })).seq;
  }

  /** Words that a record has queued, and the work that sends them. */
  async queue(
    content: Content | string,
    { author = 'agent', epoch = 0, desk = null }: { author?: string; epoch?: number; desk?: Desk | null } = {},
  ): Promise<WorkOf<'SendMessage'>> {
    const seq = ++this.sequence;
    const id = uuid();
    const { accountId, conversationId } = this.actor;
    const [toKind, toId] = desk ? ['desk', desk.deskId] : ['channel', this.account.channelId];
    await this.in(async (tx) => {
      await tx.query('UPDATE conversations SET positions = positions + 1 WHERE id = $1', [conversationId]);
      await tx.query(
        `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_name, status, content,
                               position, created_at)
         SELECT account_id, $3, id, 'out', $4, 'Ann', 'queued', $5, positions, now()
         FROM conversations WHERE account_id = $1 AND id = $2`,
        [accountId, conversationId, id, author, typeof content === 'string' ? { text: content } : content],
      );
      await tx.query(
        `INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, handover, author_kind,
                               epoch, queued_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())`,
        [accountId, conversationId, seq, id, toKind, toId, desk?.handover ?? null, author, epoch],
      );
    });
    return sendWork(seq, id, author, epoch);
  }

  key({ outbound }: { outbound: Outbound }): string {
    return `${this.actor.conversationId}:${outbound.seq}`;
  }

  async row({ outbound }: { outbound: Outbound }): Promise<Row> {
    const [row] = await this.query<Row>(
      `SELECT status, attempt_id AS "attemptId", attempts, provider_id AS "providerId", failure_class AS class,
              not_before IS NOT NULL AS waits FROM outbound WHERE conversation_id = $1 AND seq = $2`,
      [this.actor.conversationId, outbound.seq],
    );
    if (!row) throw new Error('no row');
    return row;
  }

  /** What was tried, in order of the begun attempts. */
  async tried({ outbound }: { outbound: Outbound }): Promise<string[]> {
    const rows = await this.query<{ outcome: string }>(
      `SELECT outcome FROM outbound_attempts WHERE conversation_id = $1 AND seq = $2
       ORDER BY at, attempt_id, outcome <> 'begun'`,
      [this.actor.conversationId, outbound.seq],
    );
    return rows.map(({ outcome }) => outcome);
  }

  /** As a worker leaves it that was killed between the call and the mark. */
  async leaveSending({ outbound }: { outbound: Outbound }): Promise<void> {
    await this.query(
      `UPDATE outbound SET status = 'sending', attempt_id = 'SendMessage:killed', attempts = attempts + 1
       WHERE conversation_id = $1 AND seq = $2`,
      [this.actor.conversationId, outbound.seq],
    );
  }
}

export interface Desk {
  deskId: string;
  handover: number;
}

export interface Row {
  status: string;
  attemptId: string | null;
  attempts: number;
  providerId: string | null;
  class: string | null;
  waits: boolean;
}

async function write(pool: Pool, account: SeededAccount, thread: string, content: Content) {
  const { accountId, channelId: sourceId } = account;
  const contact = { externalId: `visitor-${thread}`, name: 'Ada Canary' };
  const item = { kind: 'message', externalId: uuid(), thread, contact, content } as const;
  const [stored] = await acceptInbound(pool, { accountId, sourceId, at: Date.now(), items: [item] });
  if (stored?.conversationId === undefined || stored.seq === undefined) throw new Error('not stored');
  return { conversationId: stored.conversationId, seq: stored.seq };
}

function sendWork(seq: number, messageId: string, author: string, epoch: number, attempt = 1) {
  const outbound: Outbound = {
    seq,
    to: { kind: 'channel' },
    what: { kind: 'message', messageId },
    author: author as Outbound['author'],
    epoch,
    queuedAt: 0,
    attempt,
    notBeforeAt: 0,
    ambiguous: false,
    unclear: 0,
  };
  const work: WorkOf<'SendMessage'> = {
    kind: 'SendMessage',
    lane: 'channel',
    id: `SendMessage:${seq}:${attempt}`,
    notBeforeAt: 0,
    outbound,
    attempt,
  };
  return work;
}

/** The next attempt at the same message, as the core would list it. */
export function again(work: WorkOf<'SendMessage'>): WorkOf<'SendMessage'> {
  const attempt = work.attempt + 1;
  return {
    ...work,
    attempt,
    id: `SendMessage:${work.outbound.seq}:${attempt}`,
    outbound: { ...work.outbound, attempt },
  };
}

/** After an attempt of which nobody knows what came. */
export function againUnclear(work: WorkOf<'SendMessage'>): WorkOf<'SendMessage'> {
  const next = again(work);
  return { ...next, outbound: { ...next.outbound, ambiguous: true, unclear: next.outbound.unclear + 1 } };
}
