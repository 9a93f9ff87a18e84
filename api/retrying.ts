/**
 * Words that did not arrive get another try, or are given up. They are never sent as they were, for somebody else may hold the
 * chat by now, or nobody: a retry is a new message of the agent who holds it, one per letter and holder, whoever asks and however
 * often.
 */
import type { FastifyRequest } from 'fastify';
import * as store from '../store/dead-letters.ts';
import { draftId, insertReplyDraft } from '../store/drafts.ts';
import { type Accepted, command } from './commands.ts';
import type { ApiDependencies } from './dependencies.ts';
import { commonKey, type Keyed } from './idempotency.ts';
import { found, Problem } from './problem.ts';

/** Throws where it can't be, with the reason. */
export async function retryOutbound(
  deps: ApiDependencies,
  request: FastifyRequest,
  { conversationId, seq }: { conversationId: string; seq: number },
): Promise<{ keyed: Keyed; accepted: Accepted }> {
  const { accountId } = request.principal;
  const actor = { accountId, conversationId };
  const dead = found(await request.inAccount((tx) => store.findDeadOutbound(tx, actor, seq)), 'dead letter');
  const { epoch } = dead;
  const asked = { action: 'retry', conversationId, seq, epoch };
  const keyed = commonKey(deps.config, accountId, `retry ${conversationId} ${seq} ${epoch}`, asked);
  const accepted = await command(deps, request, {
    name: 'Reply',
    conversationId,
    keyed,
    async prepare(inAccount, { at }) {
      const { agentId, content } = requireRetryable(dead);
      const messageId = draftId(accountId, keyed, 'retry');
      await inAccount((tx) => insertReplyDraft(tx, actor, { id: messageId, agentId, content, at }));
      return { agentId, messageId };
    },
  });
  const [retriedAs] = accepted.outbound;
  if (retriedAs !== undefined) await request.inAccount((tx) => store.noteRetried(tx, actor, seq, retriedAs));
  return { keyed, accepted };
}

/** Throws where it is no dead letter, or was sent again. */
export async function discardOutbound(
  { clock }: ApiDependencies,
  request: FastifyRequest,
  { conversationId, seq }: { conversationId: string; seq: number },
  because: store.OutboundDiscardReason,
): Promise<void> {
  const { accountId, kind, id } = request.principal;
  const actor = { accountId, conversationId };
  const by = { kind, id, at: new Date(clock()) };
  await request.inAccount(async (tx) => {
    if (await store.discardOutbound(tx, actor, seq, { because, by })) return;
    const { isDiscarded, retriedAs } = found(await store.findDeadOutbound(tx, actor, seq), 'dead letter');
    if (isDiscarded) return;
    if (retriedAs !== null) throw no(sentAgain, { retriedAs });
    throw no(noDeadLetter);
  });
}

const noDeadLetter = 'This message is not a dead letter.';
const sentAgain = 'This message has been sent again already.';

function requireRetryable(dead: store.DeadOutbound): { agentId: string; content: object } {
  const { toKind, status, retriedAs, content, holderKind, holderId, phase } = dead;
  if (status !== 'failed' && status !== 'unknown') throw no(noDeadLetter);
  if (retriedAs !== null) throw no(sentAgain, { retriedAs });
  if (dead.isDiscarded) throw no('This message was discarded.');
  if (toKind === 'desk') throw no('This was a line for an outside desk, which has its own list of what it got.');
  if (content === null) throw no('The words have been erased.');
  if (phase !== 'assigned' || holderKind !== 'agent' || holderId === null) {
    const holder = { kind: holderKind, id: holderId };
    throw new Problem('not-the-owner', { detail: 'No agent holds the conversation, so nobody may send this.', holder });
  }
  return { agentId: holderId, content };
}

function no(detail: string, members: object = {}): Problem {
  return new Problem('conflict', { detail, ...members });
}
