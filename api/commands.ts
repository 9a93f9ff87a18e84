/**
 * A command on its way from a request to a conversation and back: looked up by its key, judged by what can be judged
 * here, its words stored as drafts, handed over, and its outcome kept if the conversation's own record did not keep it.
 */
import type { FastifyRequest } from 'fastify';
import { Unanswered } from '../courier/commands.ts';
import { describeError } from '../process/failures.ts';
import { type ConversationHead, readConversationHead } from '../store/conversation-details.ts';
import type { Transaction } from '../store/connection.ts';
import { acceptCommand } from '../store/inbox.ts';
import { discardDrafts } from '../store/drafts.ts';
import { findOutcome, keepOutcome } from '../store/idempotency.ts';
import type { By, CommandName } from '../workflows/conversation/inputs.ts';
import type { ActorId, CommandPayload, Outcome } from '../workflows/conversation/messages.ts';
import type { Rejection } from '../workflows/conversation/rejections.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type Keyed, keptFor, outcomeIn } from './idempotency.ts';
import { askedBy } from './principal.ts';
import { found, Problem, problems, rejected } from './problem.ts';
import { readerOf, requireSight } from './readers.ts';

/** What a command consists of beside who asks, when, and under which key. */
export type CommandWords<N extends CommandName> = Omit<CommandPayload<N>, 'by' | 'key' | 'keyDigest' | 'at' | 'after'>;

export interface Asked {
  actor: ActorId;
  keyed: Keyed;
  by: By;
  head: ConversationHead;
  /** When the API got it. */
  at: Date;
}

export interface CommandRequest<N extends CommandName> {
  name: N;
  conversationId: string;
  keyed: Keyed;
  /** Stores drafts and says what the command carries, or that it needn't be asked: the answer is certain. */
  prepare(tx: Transaction, asked: Asked): Promise<CommandWords<N> | { rejection: Rejection }>;
}

type Accepted = Extract<Outcome, { ok: true }>;

/** `waits` false: nobody waits for the outcome, which is null unless it is known already. Throws the rejection. */
export async function command<N extends CommandName>(
  deps: ApiDependencies,
  request: FastifyRequest,
  { name, conversationId, keyed, prepare }: CommandRequest<N>,
  waits: boolean,
): Promise<Accepted | null> {
  const { accountId } = request.principal;
  const actor = { accountId, conversationId };
  const by = askedBy(request.principal);
  const at = new Date(deps.clock());
  const ready = await request.inAccount(async (tx) => {
    const kept = await keptFor(tx, accountId, keyed);
    if (kept !== null) return { kept: kept as Outcome };
    const head = found(await readConversationHead(tx, actor), 'conversation');
    requireSight(await readerOf(tx, request.principal), head.belongs);
    return { prepared: await prepare(tx, { actor, keyed, by, head, at }) };
  });
  if ('kept' in ready) return acceptedOutcome(ready.kept);
  const { prepared } = ready;
  if ('rejection' in prepared) return acceptedOutcome(await keep(deps, request, keyed, { ok: false, ...prepared }));

  const ground = found(await acceptCommand(deps.pool, accountId, conversationId, at.getTime()), 'conversation');
  const payload = { ...prepared, by, key: keyed.key, keyDigest: keyed.digest, at: ground.at, after: ground.after };
  if (!waits) {
    await signal(deps, request, actor, name, payload as unknown as CommandPayload<N>);
    return null;
  }
  const outcome = await execute(deps, actor, name, payload as unknown as CommandPayload<N>, keyed);
  return acceptedOutcome(await keep(deps, request, keyed, outcome));
}

async function execute<N extends CommandName>(
  { commands }: ApiDependencies,
  actor: ActorId,
  name: N,
  payload: CommandPayload<N>,
  keyed: Keyed,
): Promise<Outcome> {
  try {
    return await commands.execute(actor, name, payload);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    throw new Problem('unanswered', {
      detail: 'There is no outcome yet. Send it again with the same key: what was done is not done twice.',
      key: keyed.name,
    });
  }
}

async function signal<N extends CommandName>(
  { commands }: ApiDependencies,
  request: FastifyRequest,
  actor: ActorId,
  name: N,
  payload: CommandPayload<N>,
): Promise<void> {
  try {
    await commands.signal(actor, name, payload);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    // Temporal may not have taken it: the caller keeps it, and sends it again.
    request.log.warn({ err: describeError(error) }, 'command not handed over');
    throw new Problem('unavailable', { retryAfterSeconds: 2 });
  }
}

/**
 * An accepted command's outcome stands with its record; a rejection that never got that far is kept here, and its words
 * are discarded with it. What counts is what is stored: somebody with the same key may have been faster, also with another
 * request; then ours came to nothing.
 */
async function keep(
  { clock }: ApiDependencies,
  request: FastifyRequest,
  keyed: Keyed,
  outcome: Outcome,
): Promise<Outcome> {
  if (keyed.isFresh && outcome.ok) return outcome;
  const { key, digest } = keyed;
  const { accountId } = request.principal;
  const kept = await request.inAccount(async (tx) => {
    const counts = outcome.ok
      ? await findOutcome(tx, accountId, key)
      : await keepOutcome(tx, accountId, { key, digest, outcome, at: new Date(clock()) });
    const isOurs = counts === null || counts.digest === digest;
    if (!isOurs || !outcome.ok) await discardDrafts(tx, accountId, keyed);
    return counts;
  });
  return kept === null ? outcome : (outcomeIn(kept, keyed) as Outcome);
}

/** Throws what the conversation said no to, as a problem. */
export function acceptedOutcome(outcome: Outcome): Accepted {
  if (outcome.ok) return outcome;
  const { code, reason } = outcome.rejection;
  // A refusal of the record for which the core has no words of its own.
  throw code in problems ? rejected(outcome.rejection) : new Problem('conflict', { detail: reason, reason: code });
}
