/** Where a conversation's inbox stands: what the courier hands over, and how an actor has it held or sent again. */
import { callFunction } from './call.ts';
import type { Pool } from './connection.ts';
import type { ActorId, InboxRow } from '../workflows/conversation/messages.ts';

/** Rows of one mailbox, in their places and without a gap, claimed for a while. */
export interface Mail extends ActorId {
  kind: 'mail';
  /** Read with the rows: the cursor goes up only if nobody has set it back since. */
  generation: number;
  /** Another mailbox waits too. */
  more: boolean;
  rows: InboxRow[];
}

/** `busy`: what waits is locked by a transaction that is about to commit. */
export type NextMail = Mail | { kind: 'busy' } | null;

export interface MailRound {
  /** What has been handed over; null: nothing. */
  done: Mail | null;
  now: number;
  /** Meanwhile no other courier takes the mailbox. */
  leaseMs: number;
  /** Rows at most; 0: claim nothing. */
  most: number;
}

/** Moves the cursor over what is done and claims the mailbox that has waited longest. For the courier's role. */
export function nextMail(pool: Pool, { done, now, leaseMs, most }: MailRound): Promise<NextMail> {
  const statement = { name: 'next-mail', text: 'SELECT next_mail($1, $2, $3, $4, $5, $6, $7) AS answer' };
  const cursor = [done?.accountId, done?.conversationId, done?.generation, done?.rows.at(-1)?.seq];
  return callFunction(pool, statement, [...cursor, new Date(now), new Date(now + leaseMs), most]);
}

/** A batch could not be handed over: the mailbox is left alone until then, epoch ms. For the courier's role. */
export async function putMailOff(pool: Pool, { accountId, conversationId }: ActorId, until: number): Promise<void> {
  const statement = { name: 'put-mail-off', text: 'SELECT put_mail_off($1, $2, $3)::text AS answer' };
  await callFunction(pool, statement, [accountId, conversationId, new Date(until)]);
}

/** Everything above `seq` is handed over again. */
export async function setCursorBack(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  seq: number,
  now: number,
): Promise<void> {
  const statement = { name: 'set-cursor-back', text: 'SELECT set_cursor_back($1, $2, $3, $4)::text AS answer' };
  await callFunction(pool, statement, [accountId, conversationId, seq, new Date(now)]);
}

/** How long a hold lasts if nobody releases it: the run that asked for it is gone then. */
const holdMs = 30_000;

export async function holdMailbox(pool: Pool, { accountId, conversationId }: ActorId, now: number): Promise<void> {
  const statement = { name: 'hold-mailbox', text: 'SELECT hold_mailbox($1, $2, $3)::text AS answer' };
  await callFunction(pool, statement, [accountId, conversationId, new Date(now + holdMs)]);
}

export async function releaseMailbox(pool: Pool, { accountId, conversationId }: ActorId): Promise<void> {
  const statement = { name: 'release-mailbox', text: 'SELECT release_mailbox($1, $2)::text AS answer' };
  await callFunction(pool, statement, [accountId, conversationId]);
}
