/** Inputs that nobody waits for, and what a command is accepted against. */
import { callFunction, type Queryable } from './call.ts';
import type { Transaction } from './connection.ts';
import type { InboxInput } from '../workflows/conversation/inputs.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { PhaseName } from '../workflows/conversation/state.ts';

/** An input without its place, which it gets here. */
export type NewInput = InboxInput extends infer I
  ? I extends InboxInput
    ? Omit<I, 'seq' | 'context' | 'refused'>
    : never
  : never;

/**
 * One more row of a conversation's inbox, in the caller's transaction; the courier is told when it commits. With a source
 * and its own id, the same has one effect. Answers the row's place; null: it is there already. Locks the mailbox: after
 * contacts and agents, and where there are several, by conversation.
 */
export async function putInInbox(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { type, ...payload }: NewInput,
  { at, source }: { at: number; source?: { id: string; externalId: string } },
): Promise<number | null> {
  const { rows } = await tx.query<{ seq: number | null }>({
    name: 'put-in-inbox',
    text: 'SELECT put_in_inbox($1, $2, $3, $4, $5, $6, $7) AS seq',
    values: [accountId, conversationId, type, payload, new Date(at), source?.id ?? null, source?.externalId ?? null],
  });
  return rows[0]?.seq ?? null;
}

export interface CommandGround {
  /** The conversation's last inbox place now: the command is decided after it. */
  after: number;
  /** epoch ms; runs neither behind what is stored nor behind what is recorded. */
  at: number;
  /** By the read model, which may be a moment old: good for answering 409, not for deciding. */
  phase: PhaseName;
  holder: { kind: string; id: string | null };
  epoch: number;
  contactId: string;
  channelId: string;
}

/** null: no conversation of this account. `now`: epoch ms. */
export function acceptCommand(
  db: Queryable,
  accountId: string,
  conversationId: string,
  now: number,
): Promise<CommandGround | null> {
  const statement = { name: 'accept-command', text: 'SELECT accept_command($1, $2, $3) AS answer' };
  return callFunction(db, statement, [accountId, conversationId, new Date(now)]);
}
