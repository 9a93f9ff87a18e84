/** Conversations as far as a checkpoint looks at them: an actor with a head, and the events that lead to it. */
import { inAccount, type Pool } from '../../../store/connection.ts';
import type { SeededAccount } from '../../support/account.ts';

const batch = 10_000;

/** Two events each. */
export async function fill(admin: Pool, account: SeededAccount, conversations: number): Promise<void> {
  for (let from = 0; from < conversations; from += batch) {
    const count = Math.min(batch, conversations - from);
    await inAccount(admin, account.accountId, async (tx) => {
      await tx.query('SET LOCAL statement_timeout = 0');
      await tx.query(
        `WITH one AS MATERIALIZED (SELECT gen_random_uuid() AS id, gen_random_uuid() AS contact FROM generate_series(1, $3::int)),
           met AS (INSERT INTO contacts (account_id, id, created_at) SELECT $1, contact, now() FROM one),
           begun AS (INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
             SELECT $1, id, $2, id::text, contact, now() FROM one),
           happened AS (INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, link, version, recorded_at)
             SELECT $1, id, no, 'SessionStarted', now(), '{}', encode(sha256(uuid_send(id)), 'hex'), 1, now()
             FROM one, generate_series(1, 2) AS no)
         INSERT INTO actors (account_id, conversation_id, version, event_no, head)
           SELECT $1, id, 1, 2, encode(sha256(uuid_send(id)), 'hex') FROM one`,
        [account.accountId, account.channelId, count],
      );
    });
  }
  await admin.query('ANALYZE');
}

/** One more event in as many of them. */
export async function recordInSome(admin: Pool, { accountId }: SeededAccount, count: number): Promise<void> {
  await inAccount(admin, accountId, (tx) =>
    tx.query(
      `WITH changed AS (UPDATE actors SET event_no = 3, version = 2 WHERE account_id = $1 AND conversation_id IN (
           SELECT conversation_id FROM actors WHERE account_id = $1 ORDER BY head LIMIT $2) RETURNING conversation_id, head)
       INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, link, version, recorded_at)
         SELECT $1, conversation_id, 3, 'SessionEnded', now(), '{}', head, 2, now() FROM changed`,
      [accountId, count],
    ),
  );
}
