import type { InAccount } from '../store/connection.ts';
import { type ConversationHead, readState } from '../store/conversation-details.ts';
import { allowedTo } from '../workflows/conversation/allowed.ts';
import { initialState } from '../workflows/conversation/initial.ts';
import type { By } from '../workflows/conversation/inputs.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Rejection, RejectionCode } from '../workflows/conversation/rejections.ts';

/** A "no" that is certain without asking the conversation. */
export async function certainNo(
  inAccount: InAccount,
  { actor, by, head }: { actor: ActorId; by: By; head: ConversationHead },
  code: RejectionCode,
  reason: string,
  ownerId?: string,
): Promise<{ rejection: Rejection }> {
  const state = (await inAccount((tx) => readState(tx, actor))) ?? initialState;
  const allowed = allowedTo(state, by, head);
  return { rejection: { code, reason, allowed, ...(ownerId === undefined ? {} : { ownerId }) } };
}
