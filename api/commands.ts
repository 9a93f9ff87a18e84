/**
 * A command on its way from a request to a conversation and back: looked up by its key, judged by what can be judged
 * here, its words stored as drafts, handed over, and its outcome kept if the conversation's own record did not keep it.
 */
import type { FastifyRequest } from 'fastify';
import { Unanswered } from '../courier/commands.ts';
import { describeError } from '../process/failures.ts';
import type { ConversationHead } from '../store/conversation-details.ts';
import { type InAccount, readInAccount, type Transaction } from '../store/connection.ts';
import { acceptCommand, type CommandGround } from '../store/inbox.ts';
import { discardDrafts } from '../store/drafts.ts';
import { findOutcome, keepOutcome } from '../store/idempotency.ts';
import { onlyEnds } from '../workflows/conversation/allowed.ts';
import type { By, CommandName } from '../workflows/conversation/inputs.ts';
import type { ActorId, CommandPayload, Outcome } from '../workflows/conversation/messages.ts';
import type { Rejection } from '../workflows/conversation/rejections.ts';
import { certainNo } from './certain-no.ts';
import type { ApiDependencies } from './dependencies.ts';
import { retryAfterSeconds } from './errors.ts';
import { type Keyed, keptFor, outcomeIn } from './idempotency.ts';
import { askedBy, type Principal } from './principal.ts';
import { found, Problem, problems, rejected } from './problem.ts';
import { seenConversation } from './readers.ts';

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
  prepare(inAccount: InAccount, asked: Asked): Promise<CommandWords<N> | { rejection: Rejection }>;
}

export type Accepted = Extract<Outcome, { ok: true }>;

/** Waits for the outcome. Throws the rejection. */
export async function command<N extends CommandName>(
  deps: ApiDependencies,
  request: FastifyRequest,
  asked: CommandRequest<N>,
): Promise<Accepted> {
  const ready = await prepared(deps, request, asked);
  if (ready.kind === 'known') return acceptedOutcome(ready.outcome);
  const { actor, payload } = ready;
  const told = await orProblem(deps.commands.execute(actor, asked.name, payload), () => {
    const detail = 'There is no outcome yet. Send it again with the same key: what was done is not done twice.';
    return new Problem('unanswered', { detail, key: asked.keyed.name });
  });
  const outcome = ready.contactErased ? withEndsOnly(told) : told;
  return acceptedOutcome(await keep(deps, request, asked.keyed, outcome));
}

/** The conversation doesn't know that its contact was erased: what it would consider otherwise, the record would refuse. */
function withEndsOnly(outcome: Outcome): Outcome {
  if (outcome.ok) return outcome;
  const { rejection } = outcome;
  return { ok: false, rejection: { ...rejection, allowed: rejection.allowed.filter(onlyEnds) } };
}

/** Nobody waits for the outcome; where it is known already, here it is. Throws the rejection. */
export async function handOver<N extends CommandName>(
  deps: ApiDependencies,
  request: FastifyRequest,
  asked: CommandRequest<N>,
): Promise<Accepted | 'handed-over'> {
  const ready = await prepared(deps, request, asked);
  if (ready.kind === 'known') return acceptedOutcome(ready.outcome);
  const { actor, payload } = ready;
  await orProblem(deps.commands.signal(actor, asked.name, payload), (error) => {
    // Temporal may not have taken it: the caller keeps it, and sends it again.
    request.log.warn({ err: describeError(error) }, 'command not handed over');
    return new Problem('unavailable', { retryAfterSeconds });
  });
  return 'handed-over';
}

type Prepared<N extends CommandName> =
  | { kind: 'known'; outcome: Outcome }
  | { kind: 'ready'; actor: ActorId; payload: CommandPayload<N>; contactErased: boolean };

async function prepared<N extends CommandName>(
  deps: ApiDependencies,
  request: FastifyRequest,
  { name, conversationId, keyed, prepare }: CommandRequest<N>,
): Promise<Prepared<N>> {
  const { principal } = request;
  const { accountId } = principal;
  const by = askedBy(principal);
  const at = new Date(deps.clock());
  const inAccount: InAccount = (work) => request.inAccount(work);
  const known = await readInAccount(deps.pool, accountId, (tx) =>
    whatIsKnown(tx, principal, conversationId, { keyed, at }),
  );
  if ('kept' in known) return { kind: 'known', outcome: known.kept };
  const { actor, head, ground } = known;
  const words =
    // The record would refuse it; so it stores no words first.
    head.contactErased && !onlyEnds(name)
      ? await certainNo(inAccount, { actor, by, head }, 'contact-erased', 'the contact was erased')
      : await prepare(inAccount, { actor, keyed, by, head, at });
  if ('rejection' in words) {
    return { kind: 'known', outcome: await keep(deps, request, keyed, { ok: false, ...words }) };
  }
  const payload = { ...words, by, key: keyed.key, keyDigest: keyed.digest, at: ground.at, after: ground.after };
  return { kind: 'ready', actor, payload: payload as unknown as CommandPayload<N>, contactErased: head.contactErased };
}

/**
 * Asked side by side, in one round trip: what is stored under the key, else what the caller may see of the conversation, and what
 * the command is accepted upon, which is not older than anything that the caller had on the screen.
 */
async function whatIsKnown(
  tx: Transaction,
  principal: Principal,
  conversationId: string,
  { keyed, at }: { keyed: Keyed; at: Date },
): Promise<{ kept: Outcome } | { actor: ActorId; head: ConversationHead; ground: CommandGround }> {
  const { accountId } = principal;
  const [kept, seen, ground] = await Promise.allSettled([
    keptFor(tx, accountId, keyed),
    seenConversation(tx, principal, conversationId),
    acceptCommand(tx, accountId, conversationId, at.getTime()),
  ]);
  const outcome = valueOf(kept);
  if (outcome !== null) return { kept: outcome as Outcome };
  const { actor, head } = valueOf(seen);
  return { actor, head, ground: found(valueOf(ground), 'conversation') };
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** What became of it nobody could say in time. */
async function orProblem<T>(work: Promise<T>, problem: (error: Unanswered) => Problem): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Unanswered ? problem(error) : error;
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
