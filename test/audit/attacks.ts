/** What somebody who can write all of Postgres might do to the record of a conversation; and undoing it. */
import { inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { link } from '../../store/chain.ts';
import { readEvents, type StoredEvent } from '../../store/event-log.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';

export type Attack = (tx: Transaction, id: ActorId, events: StoredEvent[]) => Promise<void>;

/** `admin`: superuser's. Attacks, looks, and puts everything back as it was. */
export async function underAttack<T>(admin: Pool, id: ActorId, attack: Attack, look: () => Promise<T>): Promise<T> {
  const { accountId, conversationId } = id;
  const ids = [accountId, conversationId];
  const events = await inAccount(admin, accountId, (tx) => readEvents(tx, accountId, conversationId));
  await admin.query(
    `CREATE TABLE kept_events AS SELECT * FROM domain_events WHERE conversation_id = '${conversationId}'`,
  );
  await admin.query(`CREATE TABLE kept_actor AS SELECT * FROM actors WHERE conversation_id = '${conversationId}'`);
  await admin.query(`CREATE TABLE kept_runs AS SELECT * FROM runs WHERE conversation_id = '${conversationId}'`);
  await admin.query(`CREATE TABLE kept_messages AS SELECT * FROM messages WHERE conversation_id = '${conversationId}'`);
  try {
    await inAccount(admin, accountId, (tx) => attack(tx, id, events));
    return await look();
  } finally {
    await inAccount(admin, accountId, async (tx) => {
      for (const table of ['domain_events', 'actors', 'runs', 'messages']) {
        await tx.query(`DELETE FROM ${table} WHERE account_id = $1 AND conversation_id = $2`, ids);
      }
      await tx.query('INSERT INTO domain_events SELECT * FROM kept_events');
      await tx.query('INSERT INTO actors SELECT * FROM kept_actor');
      await tx.query('INSERT INTO runs SELECT * FROM kept_runs');
      await tx.query('INSERT INTO messages SELECT * FROM kept_messages');
    });
    await admin.query('DROP TABLE kept_events, kept_actor, kept_runs, kept_messages');
  }
}

export const change =
  (no: number, columns: Partial<Record<'data' | 'digest' | 'link' | 'type', (before: string) => string>>): Attack =>
  async (tx, id, events) => {
    const event = events.find((one) => one.no === no);
    for (const [column, make] of Object.entries(columns)) {
      const before = event?.[column as 'data' | 'digest' | 'link' | 'type'] ?? '';
      await update(tx, id, no, column, make(before));
    }
  };

export const remove =
  (no: number): Attack =>
  async (tx, { accountId, conversationId }) => {
    await tx.query('DELETE FROM domain_events WHERE account_id = $1 AND conversation_id = $2 AND no = $3', [
      accountId,
      conversationId,
      no,
    ]);
  };

/** Two events change places; each keeps its content, digest and link, or gets the other's place only. */
export const swap =
  (a: number, b: number): Attack =>
  async (tx, id, events) => {
    const [one, other] = [a, b].map((no) => events.find((event) => event.no === no));
    for (const column of ['data', 'digest', 'link', 'type'] as const) {
      await update(tx, id, a, column, other?.[column] ?? null);
      await update(tx, id, b, column, one?.[column] ?? null);
    }
  };

/** Everything after `no` goes; `covered`: the actor's row is made to say so, too. */
export const cutAfter =
  (no: number, { covered }: { covered: boolean }): Attack =>
  async (tx, id, events) => {
    const { accountId, conversationId } = id;
    await tx.query('DELETE FROM domain_events WHERE account_id = $1 AND conversation_id = $2 AND no > $3', [
      accountId,
      conversationId,
      no,
    ]);
    if (covered) await writeHead(tx, id, no, events.find((event) => event.no === no)?.link ?? '');
  };

/** From `no` on: another content, and all links and the actor's head computed anew. */
export const rewriteFrom =
  (no: number): Attack =>
  async (tx, id, events) => {
    let previous = events.find((event) => event.no === no - 1)?.link ?? '';
    for (const event of events.filter((one) => one.no >= no)) {
      const data = event.no === no ? flipped(event.data) : event.data;
      previous = link(previous, data, event.digest);
      await update(tx, id, event.no, 'data', data);
      await update(tx, id, event.no, 'link', previous);
    }
    await writeHead(tx, id, events.length, previous);
  };

/** One character of a number or an id: still an event, but another. */
export function flipped(data: string): string {
  return data.replace(/"policy":(\d+)/, (_, policy: string) => `"policy":${Number(policy) + 1}`);
}

async function update(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  no: number,
  column: string,
  value: string | null,
): Promise<void> {
  await tx.query(`UPDATE domain_events SET ${column} = $4 WHERE account_id = $1 AND conversation_id = $2 AND no = $3`, [
    accountId,
    conversationId,
    no,
    value,
  ]);
}

async function writeHead(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  eventNo: number,
  head: string,
): Promise<void> {
  await tx.query('UPDATE actors SET event_no = $3, head = $4 WHERE account_id = $1 AND conversation_id = $2', [
    accountId,
    conversationId,
    eventNo,
    head,
  ]);
}
