/** A conversation's rows as webhooks and agents make them, for tests that stand between the API and the actor. */
import { v7 as uuid } from 'uuid';
import type { BotWords } from '../../adapters/contract/bot.ts';
import { inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { announcePolicy } from '../../store/announcements.ts';
import { insertPolicyVersion, lockPolicies, newestPolicy, type Partly } from '../../store/policy-versions.ts';
import { storeBotAnswer } from '../../store/turns.ts';
import type { ActorId, InboxRow } from '../../workflows/conversation/messages.ts';
import type { Policy } from '../../workflows/conversation/policy.ts';
import type { SeededAccount } from './account.ts';
import { tellAll } from './announcements.ts';
import { required } from './required.ts';

export async function newConversation(pool: Pool, account: SeededAccount, at = new Date()): Promise<ActorId> {
  const { accountId, channelId } = account;
  const [conversationId, contactId, now] = [uuid(), uuid(), at];
  await inAccount(pool, accountId, async (tx) => {
    await tx.query(
      `INSERT INTO contacts (account_id, id, name, digest_key, created_at) VALUES ($1, $2, 'Ann', sha256($3), $4)`,
      [accountId, contactId, Buffer.from(contactId), now],
    );
    await tx.query(
      `INSERT INTO contact_identities (account_id, channel_id, external_id, contact_id) VALUES ($1, $2, $3, $4)`,
      [accountId, channelId, `c-${conversationId}`, contactId],
    );
    await tx.query(
      `INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [accountId, conversationId, channelId, `t-${conversationId}`, contactId, now],
    );
    await tx.query('INSERT INTO mailboxes (account_id, conversation_id, last_at) VALUES ($1, $2, $3)', [
      accountId,
      conversationId,
      now,
    ]);
    await tx.query('INSERT INTO actors (account_id, conversation_id) VALUES ($1, $2)', [accountId, conversationId]);
  });
  return { accountId, conversationId };
}

export function putRow(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  type: string,
  payload: object,
  at = new Date(),
): Promise<number> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number }>('SELECT put_in_inbox($1, $2, $3, $4, $5, NULL, NULL) AS seq', [
      accountId,
      conversationId,
      type,
      payload,
      at,
    ]);
    return required(rows[0]).seq;
  });
}

export function writeMessage(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  text: string,
  at = new Date(),
): Promise<number> {
  const messageId = uuid();
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number }>(
      `SELECT put_in_inbox($1, $2, 'CustomerWrote', $3, $4, NULL, NULL) AS seq`,
      [accountId, conversationId, { messageId }, at],
    );
    const { seq } = required(rows[0]);
    await insertMessage(tx, { accountId, conversationId }, { messageId, text, seq, at });
    return seq;
  });
}

export async function writeDraft(pool: Pool, id: ActorId, text: string, at = new Date()): Promise<string> {
  const messageId = uuid();
  await inAccount(pool, id.accountId, (tx) => insertMessage(tx, id, { messageId, text, seq: null, at }));
  return messageId;
}

async function insertMessage(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { messageId, text, seq, at }: { messageId: string; text: string; seq: number | null; at: Date },
): Promise<void> {
  const [direction, author, status] = seq === null ? ['out', 'agent', 'draft'] : ['in', 'customer', 'received'];
  await tx.query(
    `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, digest, inbox_seq, created_at)
     SELECT $1, $2, $3, $4, $5, $6, $7::jsonb, content_digest($1, contact_id, $7::jsonb), $8, $9
     FROM conversations WHERE account_id = $1 AND id = $3`,
    [accountId, messageId, conversationId, direction, author, status, JSON.stringify({ text }), seq, at],
  );
}

export function readRows(pool: Pool, { accountId, conversationId }: ActorId, from: number): Promise<InboxRow[]> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number; type: string; payload: object; at: number }>(
      `SELECT seq, type, payload, ms_of(at) AS at FROM inbox
       WHERE account_id = $1 AND conversation_id = $2 AND seq >= $3 ORDER BY seq`,
      [accountId, conversationId, from],
    );
    return rows.map(({ seq, type, payload, at }) => ({ ...payload, type, seq, at }) as InboxRow);
  });
}

export function readEpoch(pool: Pool, { accountId, conversationId }: ActorId) {
  return inAccount(pool, accountId, (tx) =>
    tx.query<{ epoch: number }>('SELECT epoch FROM conversations WHERE account_id = $1 AND id = $2', [
      accountId,
      conversationId,
    ]),
  );
}

export async function draftBlock(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  reason: string,
  expiresAt: number | null,
  at = new Date(),
): Promise<string> {
  const blockId = uuid();
  await inAccount(pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO contact_blocks (account_id, id, contact_id, conversation_id, reason, message, by_id, expires_at, created_at)
       SELECT $1, $2, contact_id, id, $4, 'You are blocked', 'test', $5, $6
       FROM conversations WHERE account_id = $1 AND id = $3`,
      [accountId, blockId, conversationId, reason, expiresAt === null ? null : new Date(expiresAt), at],
    ),
  );
  return blockId;
}

/** What a matcher does: takes a place and writes the claim down. */
export async function claimPlace(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  agentId: string,
  entry: number,
): Promise<string> {
  const claimId = uuid();
  await inAccount(pool, accountId, async (tx) => {
    await tx.query('SELECT take_place($1, $2, false, $3)', [accountId, agentId, new Date()]);
    await tx.query(
      `INSERT INTO claims (account_id, id, conversation_id, entry, agent_id, epoch, made_at)
       SELECT account_id, $3, conversation_id, $4, $5, epoch, $6
       FROM queue_entries WHERE account_id = $1 AND conversation_id = $2`,
      [accountId, conversationId, claimId, entry, agentId, new Date()],
    );
  });
  return claimId;
}

export async function addDesk(pool: Pool, accountId: string): Promise<string> {
  const deskId = uuid();
  await inAccount(pool, accountId, (tx) =>
    tx.query(`INSERT INTO desks (account_id, id, name, type, created_at) VALUES ($1, $2, 'Desk', 'http', $3)`, [
      accountId,
      deskId,
      new Date(),
    ]),
  );
  return deskId;
}

/** A second group of the account's, served by this agent; its id. */
/** Another group of the account's, with one agent; `numbers`: what differs there in every version of the policy. */
export async function addGroup(pool: Pool, accountId: string, agentId: string, numbers = {}): Promise<string> {
  const groupId = uuid();
  await inAccount(pool, accountId, async (tx) => {
    await tx.query(`INSERT INTO groups (account_id, id, name, created_at) VALUES ($1, $2, 'Second line', $3)`, [
      accountId,
      groupId,
      new Date(),
    ]);
    await tx.query('INSERT INTO agent_groups (account_id, agent_id, group_id) VALUES ($1, $2, $3)', [
      accountId,
      agentId,
      groupId,
    ]);
    await setGroupNumbers(tx, accountId, groupId, numbers);
  });
  return groupId;
}

export async function setGroupNumbers(
  tx: Transaction,
  accountId: string,
  groupId: string,
  numbers: Partly<Policy>,
): Promise<void> {
  await tx.query(
    'UPDATE policies SET groups = groups || jsonb_build_object($2::text, $3::jsonb) WHERE account_id = $1',
    [accountId, groupId, JSON.stringify(numbers)],
  );
}

/** A new version, as the API makes it: the newest with these numbers in it. Whoever has something open has been told. */
export async function publishPolicy(pool: Pool, accountId: string, numbers: Partly<Policy>): Promise<void> {
  await inAccount(pool, accountId, async (tx) => {
    await lockPolicies(tx, accountId);
    const { version: before, ...newest } = required(await newestPolicy(tx, accountId));
    const [at, version] = [new Date(), before + 1];
    await insertPolicyVersion(tx, accountId, {
      ...newest,
      version,
      at,
      numbers: { ...newest.numbers, ...numbers } as Policy,
    });
    await announcePolicy(tx, accountId, at);
  });
  await tellAll(pool, accountId);
}

/** A request for a person as the API stores it, before its command; its id. */
export async function writeRequest(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  deskId: string | null,
  at: Date,
): Promise<string> {
  const requestId = uuid();
  await inAccount(pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO handover_requests (account_id, conversation_id, id, desk_id, created_at) VALUES ($1, $2, $3, $4, $5)`,
      [accountId, conversationId, requestId, deskId, at],
    ),
  );
  return requestId;
}

/**
 * All that a matcher does for one conversation, in its one transaction: takes a place, writes the claim down, marks the
 * entry, and tells the conversation. null: it is not in a group's queue, has a claim already, or the agent has no place.
 */
export function matchTo(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  { agentId, offer, at }: { agentId: string; offer: boolean; at: Date },
): Promise<string | null> {
  const claimId = uuid();
  return inAccount(pool, accountId, async (tx) => {
    await tx.query('SELECT 1 FROM agents WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE', [accountId, agentId]);
    const { rows } = await tx.query<{ entry: number; epoch: number }>(
      `UPDATE queue_entries SET claim_id = $3
       WHERE account_id = $1 AND conversation_id = $2 AND group_id IS NOT NULL AND claim_id IS NULL
         AND EXISTS (SELECT 1 FROM agents WHERE account_id = $1 AND id = $4 AND active < max_chats)
       RETURNING entry, epoch`,
      [accountId, conversationId, claimId, agentId],
    );
    const [queued] = rows;
    if (!queued) return null;
    await tx.query('SELECT take_place($1, $2, false, $3)', [accountId, agentId, at]);
    await tx.query(
      `INSERT INTO claims (account_id, id, conversation_id, entry, agent_id, epoch, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [accountId, claimId, conversationId, queued.entry, agentId, queued.epoch, at],
    );
    const claimed = { claimId, agentId, offer, ...queued };
    await tx.query(`SELECT put_in_inbox($1, $2, 'AgentClaimed', $3, $4, NULL, NULL)`, [
      accountId,
      conversationId,
      claimed,
      at,
    ]);
    return claimId;
  });
}

/** A receipt as a channel's webhook brings it. */
export function putReceipt(
  pool: Pool,
  { accountId, channelId }: SeededAccount,
  { key, status, at }: { key: string; status: string; at: Date },
): Promise<void> {
  const item = { kind: 'receipt', id: uuid(), externalId: null, providerId: key, key, status };
  return inAccount(pool, accountId, async (tx) => {
    await tx.query('SELECT accept_receipts($1, $2, $3, $4)', [accountId, channelId, at, JSON.stringify([item])]);
  });
}

/** What a bot that answered 202 says at last, as the API stores it: the answer and its place in the inbox, or nothing. */
export function answerLater(
  pool: Pool,
  actor: ActorId,
  { turn, botId, words, at }: { turn: number; botId: string; words: BotWords; at: Date },
): Promise<void> {
  return inAccount(pool, actor.accountId, async (tx) => {
    const { first, answer } = await storeBotAnswer(tx, actor, { turn, botId, words, at: at.getTime() });
    if (!first) return;
    const { accountId, conversationId } = actor;
    const values = [accountId, conversationId, { turn, answer }, at];
    await tx.query(`SELECT put_in_inbox($1, $2, 'BotAnswered', $3, $4, NULL, NULL)`, values);
  });
}
