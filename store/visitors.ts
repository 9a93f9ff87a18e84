/** Visitors of the web chat: sessions by a token of which only the hash is kept. */
import type { Pool, Transaction } from './connection.ts';

export interface VisitorSession {
  accountId: string;
  id: string;
  channelId: string;
  /** The visitor: contact identity and thread of the channel. */
  externalId: string;
  expiresAt: Date;
}

/** Whoever knocks has only a token: which account it is for is found by its hash, and nothing else is told. */
export async function findVisitorSession(pool: Pool, hash: Buffer): Promise<VisitorSession | null> {
  const { rows } = await pool.query<VisitorSession>({
    name: 'find-visitor-session',
    text: `SELECT account_id AS "accountId", id, channel_id AS "channelId", external_id AS "externalId",
                  expires_at AS "expiresAt" FROM find_visitor_session($1)`,
    values: [hash],
  });
  return rows[0] ?? null;
}

/** What is told of a visitor before they are a contact, which their first message makes them. */
export interface VisitorFacts {
  name: string | null;
  emails: string[];
  phones: string[];
  pageUrl: string | null;
}

export interface NewVisitorSession extends VisitorSession, VisitorFacts {
  tokenHash: Buffer;
  /** The site has signed who it is. */
  verified: boolean;
  at: Date;
}

/** Takes expired sessions of the account away while it is at it. */
export async function insertVisitorSession(tx: Transaction, session: NewVisitorSession): Promise<void> {
  await tx.query({
    name: 'insert-visitor-session',
    text: `INSERT INTO visitor_sessions (account_id, id, channel_id, external_id, token_hash, name, emails, phones, page_url,
                                         verified, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      session.accountId,
      session.id,
      session.channelId,
      session.externalId,
      session.tokenHash,
      session.name,
      session.emails,
      session.phones,
      session.pageUrl,
      session.verified,
      session.at,
      session.expiresAt,
    ],
  });
  // Nobody else would take away what is told of visitors who never came back; a few at a time, and nobody waits for it.
  await tx.query({
    name: 'forget-visitor-sessions',
    text: `DELETE FROM visitor_sessions WHERE account_id = $1 AND id IN
             (SELECT id FROM visitor_sessions WHERE account_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT 5
              FOR UPDATE SKIP LOCKED)`,
    values: [session.accountId, session.at],
  });
}

/** null: the session is gone since its token was looked up. */
export async function readVisitorFacts(
  tx: Transaction,
  { accountId, id }: VisitorSession,
): Promise<VisitorFacts | null> {
  const { rows } = await tx.query<VisitorFacts>({
    name: 'visitor-facts',
    text: `SELECT name, emails, phones, page_url AS "pageUrl" FROM visitor_sessions WHERE account_id = $1 AND id = $2`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}

/** From its first message on a session has a conversation. */
export async function noteConversation(
  tx: Transaction,
  { accountId, id }: VisitorSession,
  conversationId: string,
): Promise<void> {
  await tx.query({
    name: 'note-visitor-conversation',
    text: `UPDATE visitor_sessions SET conversation_id = $3
           WHERE account_id = $1 AND id = $2 AND conversation_id IS DISTINCT FROM $3`,
    values: [accountId, id, conversationId],
  });
}
