/**
 * One attempt to send one outbound message, the same for channels and desks. It is begun and settled in Postgres, so
 * that after any kill the next attempt knows what this one may have done: nothing goes out before the row stands in
 * `sending` under this attempt's id; what surely was not sent goes back to `pending`, what may have been is `ambiguous`.
 */
import type { Sent } from '../adapters/contract/channel.ts';
import { failure } from '../adapters/outcomes.ts';
import {
  beginSend,
  markNotSent,
  markPartSent,
  markSent,
  markUnclear,
  type Marked,
  type OutboundWords,
} from '../store/outbound.ts';
import { countSends } from '../store/rates.ts';
import { partKey } from '../store/send-key.ts';
import { sendMs, settledMs } from '../workflows/conversation/attempt-limits.ts';
import type { SendOutcome } from '../workflows/conversation/inputs.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { clarify } from './ambiguous-send.ts';
import { askAdapter } from './adapter-call.ts';
import { attemptIdOf, failed, inTime } from './attempt.ts';
import type { WorkDependencies } from './dependencies.ts';
import { insist } from './insist.ts';
import { pauseMs } from './rates.ts';
import { outcomeOf, settledAs, statusAsBegun } from './send-outcome.ts';
import { isUsable, kindsOf, type OutboundAttempt, type Transport } from './transport.ts';

export async function attemptSend(
  deps: WorkDependencies,
  { accountId, conversationId }: ActorId,
  work: { id: string; outbound: { seq: number; ambiguous: boolean } },
  transportOf: OutboundAttempt['transportOf'],
): Promise<SendOutcome> {
  const { seq, ambiguous } = work.outbound;
  const sending: OutboundAttempt = {
    deps,
    attempt: { accountId, conversationId, seq, attemptId: attemptIdOf(work.id), at: deps.clock() },
    isKnownUnclear: ambiguous,
    kinds: kindsOf(deps),
    sendMs: deps.limits?.sendMs ?? sendMs,
    endsMs: performance.now() + settledMs,
    transportOf: (words) => askAdapter(deps, words.type, () => transportOf(words)),
  };
  const found = await beginSend(deps.pool, sending.attempt, sending.kinds, false);
  if (found.kind === 'begun') return send(sending, found);
  if (found.kind !== 'ambiguous') return outcomeOf(found);
  const begun = await clarify(sending, found);
  return begun.kind === 'begun' ? send({ ...sending, mayHaveArrived: !ambiguous }, begun) : outcomeOf(begun);
}

async function send(sending: OutboundAttempt, words: OutboundWords): Promise<SendOutcome> {
  const transport = sending.transportOf(words);
  if (!isUsable(transport)) return settle(sending, transport, false);
  await countParts(sending, words, transport);
  const post = (signal: AbortSignal): Promise<Sent> => postParts(sending, words, transport, signal);
  const sent = await inTime(sending.sendMs, post, failure('ambiguous', 'no-answer'));
  return settle(sending, sent, transport.idempotency !== 'none');
}

/** Its first send has had its turn; a message in parts is more of them. */
async function countParts(
  { deps, attempt }: OutboundAttempt,
  { toId, partsSent }: OutboundWords,
  { rate, parts }: Transport,
): Promise<void> {
  const more = parts.length - partsSent - 1;
  if (rate === null || more < 1) return;
  await countSends(deps.pool, { accountId: attempt.accountId, connectionId: toId, at: attempt.at }, rate, more);
}

/** From the first part that isn't there yet. The message is sent with its last. */
async function postParts(
  { deps, attempt, endsMs }: OutboundAttempt,
  { partsSent, generation }: OutboundWords,
  transport: Transport,
  signal: AbortSignal,
): Promise<Sent> {
  const { parts } = transport;
  let sent: Sent = { ok: true, providerId: null };
  for (const [index, content] of [...parts.entries()].slice(partsSent)) {
    const key = partKey({ ...attempt, generation }, index + 1, parts.length);
    sent = await transport.post(content, key, signal);
    if (!sent.ok || index + 1 === parts.length) return sent;
    const { providerId } = sent;
    await insist(endsMs, () => markPartSent(deps.pool, attempt, index + 1, providerId));
  }
  return sent;
}

/** `repeatable`: the next attempt does no harm, as the other side honours the key, or is asked first. */
async function settle(
  { deps, attempt, endsMs, mayHaveArrived = false }: OutboundAttempt,
  sent: Sent,
  repeatable: boolean,
): Promise<SendOutcome> {
  const say = (mark: () => Promise<Marked>): Promise<Marked> => insist(endsMs, mark);
  if (sent.ok) return outcomeOf(statusAsBegun(await say(() => markSent(deps.pool, attempt, sent.providerId))));
  if (sent.class === 'ambiguous') {
    const unclear = { ...failed(sent), ...(repeatable && { repeatable }) };
    return settledAs(await say(() => markUnclear(deps.pool, attempt)), unclear);
  }
  const retryAfterMs = sent.retryAfterMs ?? (sent.class === 'throttled' ? pauseMs : null);
  const until = retryAfterMs === null ? null : deps.clock() + retryAfterMs;
  const because = { class: sent.class, retryAt: until, blockUntil: until };
  const marked = await say(() => markNotSent(deps.pool, attempt, because));
  const outcome = failed({ class: mayHaveArrived ? 'ambiguous' : sent.class, retryAfterMs });
  return settledAs(marked, mayHaveArrived ? { ...outcome, repeatable: true } : outcome);
}
