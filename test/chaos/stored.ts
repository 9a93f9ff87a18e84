/** What the product says of itself: read from Postgres by a superuser, all of an account by one statement a table. */
import type { Pool } from '../../store/connection.ts';
import type { ChannelName, ChaosAccount } from './account.ts';

export interface StoredThread {
  thread: string;
  channel: ChannelName;
  id: string;
  phase: string;
  holder: { kind: string; id: string | null };
  flagged: boolean;
  /** Networks' ids of what came, in their places. */
  received: string[];
  /** Places of the customer's messages, as they were decided on. */
  accepted: number[];
  outbound: StoredOutbound[];
}

export interface StoredOutbound {
  key: string;
  author: string;
  text: string;
  status: string;
  attempts: number;
  /** Attempts of which nobody knows whether they arrived. */
  unclear: number;
}

export async function readThreads(admin: Pool, account: ChaosAccount): Promise<StoredThread[]> {
  const { rows } = await admin.query<
    Omit<StoredThread, 'channel' | 'holder'> & { channelId: string; holderKind: string; holderId: string | null }
  >(threadsQuery, [account.accountId]);
  return rows.map(({ channelId, holderKind, holderId, ...row }) => ({
    ...row,
    channel: channelId === account.channels.forgetful.id ? 'forgetful' : 'knowing',
    holder: { kind: holderKind, id: holderId },
  }));
}

const threadsQuery = `
  SELECT c.external_thread AS thread, c.channel_id AS "channelId", c.id, c.phase, c.flagged,
         c.holder_kind AS "holderKind", c.holder_id AS "holderId",
         coalesce(i.received, '{}') AS received, coalesce(e.accepted, '{}') AS accepted, coalesce(o.outbound, '[]') AS outbound
  FROM conversations c
  LEFT JOIN LATERAL (
    SELECT array_agg(external_id ORDER BY seq) AS received FROM inbox
    WHERE account_id = c.account_id AND conversation_id = c.id AND type = 'CustomerWrote') i ON true
  LEFT JOIN LATERAL (
    SELECT array_agg((data #>> '{event,place}')::int ORDER BY no) AS accepted FROM domain_events
    WHERE account_id = c.account_id AND conversation_id = c.id AND type = 'CustomerMessageAccepted') e ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
        'key', r.conversation_id || ':' || r.seq || CASE WHEN r.generation = 1 THEN '' ELSE 'g' || r.generation END, 'author', r.author_kind, 'text', coalesce(m.content->>'text', ''),
        'status', r.status, 'attempts', r.attempts, 'unclear',
        (SELECT count(*) FROM outbound_attempts a WHERE a.account_id = r.account_id
         AND a.conversation_id = r.conversation_id AND a.seq = r.seq AND a.outcome = 'unclear')) ORDER BY r.seq) AS outbound
    FROM outbound r JOIN messages m ON m.account_id = r.account_id AND m.id = r.message_id
    WHERE r.account_id = c.account_id AND r.conversation_id = c.id) o ON true
  WHERE c.account_id = $1 ORDER BY c.id`;

/** What is still in motion. All zero: nothing is. */
export interface Backlog {
  /** Stored, and not decided on. */
  undecided: number;
  /** Decided to go out, and neither sent nor given up. */
  unsent: number;
  /** Turns and other work that is out or due. */
  due: number;
}

export async function readBacklog(admin: Pool, accountId: string): Promise<Backlog> {
  const { rows } = await admin.query<Backlog>(
    `SELECT
       (SELECT coalesce(sum(m.last_seq - a.seq), 0)::int FROM mailboxes m JOIN actors a USING (account_id, conversation_id)
        WHERE m.account_id = $1) AS undecided,
       (SELECT count(*)::int FROM outbound WHERE account_id = $1 AND status IN ('pending', 'sending', 'ambiguous')) AS unsent,
       (SELECT count(*)::int FROM actors WHERE account_id = $1 AND wake_at <= now()) AS due`,
    [accountId],
  );
  return rows[0] ?? { undecided: NaN, unsent: NaN, due: NaN };
}
