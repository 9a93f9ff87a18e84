/**
 * One attempt to send one outbound message, the same for channels and desks. It is begun and settled in Postgres, so
 * that after any kill the next attempt knows what this one may have done: nothing goes out before the row stands in
 * `sending` under this attempt's id; what surely was not sent goes back to `pending`, what may have been is `ambiguous`.
 */
import type { Sent } from '../adapters/contract.ts';
import { beginSend, markNotSent, markPartSent, markSent, markUnclear, type OutboundWords } from '../store/outbound.ts';
import { partKey } from '../store/send-key.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { clarify } from './ambiguous-send.ts';
import { attemptIdOf, failed, inTime, noAnswer } from './attempt.ts';
import type { WorkDependencies } from './dependencies.ts';
import { outcomeOf, settledAs, statusAsBegun, type SendOutcome } from './send-outcome.ts';
import { isUsable, type OutboundAttempt, type Transport } from './transport.ts';

/** Within Temporal's 20 s for an activity, with reconciling and sending in one. */
const defaultSendMs = 8_000;
/** How long a connection that asked for less is left alone where it didn't say how long. */
const pauseMs = 1_000;

export async function attemptSend(
  deps: WorkDependencies,
  { accountId, conversationId }: ActorId,
  work: { id: string; outbound: { seq: number } },
  transportOf: OutboundAttempt['transportOf'],
): Promise<SendOutcome> {
  const { seq } = work.outbound;
  const sending: OutboundAttempt = {
    deps,
    attempt: { accountId, conversationId, seq, attemptId: attemptIdOf(work.id), at: deps.clock() },
    streams: [...deps.channels.keys()].filter((type) => deps.channels.get(type)?.delivery.kind === 'stream'),
    sendMs: deps.limits?.sendMs ?? defaultSendMs,
    transportOf,
  };
  const found = await beginSend(deps.pool, sending.attempt, sending.streams, false);
  const begun = found.kind === 'ambiguous' ? await clarify(sending, found) : found;
  return begun.kind === 'begun' ? send(sending, begun) : outcomeOf(begun);
}

async function send(sending: OutboundAttempt, words: OutboundWords): Promise<SendOutcome> {
  const transport = sending.transportOf(words);
  if (!isUsable(transport)) return settle(sending, transport);
  const post = (signal: AbortSignal): Promise<Sent> => postParts(sending, transport, words.partsSent, signal);
  return settle(sending, await inTime(sending.sendMs, post, noAnswer('ambiguous')));
}

/** From the first part that isn't there yet. The message is sent with its last. */
async function postParts(
  { deps, attempt }: OutboundAttempt,
  transport: Transport,
  partsSent: number,
  signal: AbortSignal,
): Promise<Sent> {
  const { parts } = transport;
  let sent: Sent = { ok: true, providerId: null };
  for (const [index, content] of [...parts.entries()].slice(partsSent)) {
    const key = partKey(attempt.conversationId, attempt.seq, index + 1, parts.length);
    sent = await transport.post(content, key, signal);
    if (!sent.ok || index + 1 === parts.length) return sent;
    await markPartSent(deps.pool, attempt, index + 1, sent.providerId);
  }
  return sent;
}

async function settle({ deps, attempt }: OutboundAttempt, sent: Sent): Promise<SendOutcome> {
  if (sent.ok) return outcomeOf(statusAsBegun(await markSent(deps.pool, attempt, sent.providerId)));
  if (sent.class === 'ambiguous') return settledAs(await markUnclear(deps.pool, attempt), failed(sent));
  const retryAfterMs = sent.retryAfterMs ?? (sent.class === 'throttled' ? pauseMs : null);
  const until = retryAfterMs === null ? null : deps.clock() + retryAfterMs;
  const marked = await markNotSent(deps.pool, attempt, { class: sent.class, retryAt: until, blockUntil: until });
  return settledAs(marked, failed({ class: sent.class, retryAfterMs }));
}
