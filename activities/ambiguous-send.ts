/**
 * What becomes of a message that may have been sent already, because nobody said what came of an earlier attempt. It is
 * sent again only under a key that the other side honours, after the other side has said that it isn't there, or where
 * the account's policy says *at least once*; and then not by the attempt that found it so (the earlier one may still be
 * at work), nor before the core has heard of it: it would call a message failed that may have arrived.
 */
import {
  beginSend,
  markPartSent,
  markSent,
  resendsBlindly,
  type Begun,
  type OutboundWords,
} from '../store/outbound.ts';
import { partKey } from '../store/send-key.ts';
import { inTime } from './attempt.ts';
import { insist } from './insist.ts';
import { statusAsBegun } from './send-outcome.ts';
import { isUsable, type OutboundAttempt, type Transport } from './transport.ts';

export async function clarify(sending: OutboundAttempt, words: OutboundWords & { newly: boolean }): Promise<Begun> {
  const { deps, attempt, kinds, isKnownUnclear } = sending;
  const transport = sending.transportOf(words);
  const known = isUsable(transport) ? await whatIsKnown(sending, words, transport) : 'unknown';
  if (known === 'sent' && isUsable(transport)) return partArrived(sending, words, transport);
  const isOld = isKnownUnclear && !words.newly;
  const mayRepeat = known === 'absent' || (isOld && (await resendsBlindly(deps.pool, attempt)));
  return mayRepeat ? beginSend(deps.pool, attempt, kinds, true) : { kind: 'failed', class: 'ambiguous' };
}

/** `absent` also where it doesn't matter: under a key that is honoured a repeat has no second effect. */
async function whatIsKnown(
  { attempt, sendMs }: OutboundAttempt,
  { partsSent, generation }: OutboundWords,
  transport: Transport,
): Promise<'sent' | 'absent' | 'unknown'> {
  if (transport.idempotency === 'key') return 'absent';
  if (transport.idempotency === 'none') return 'unknown';
  const key = partKey({ ...attempt, generation }, partsSent + 1, transport.parts.length);
  const said = await inTime(sendMs, (signal) => transport.reconcile(key, signal), 'unknown');
  return typeof said === 'string' ? said : 'unknown';
}

/** The part that was on its way is there; the message is, if that was the last. */
async function partArrived(
  { deps, attempt, kinds, endsMs }: OutboundAttempt,
  { partsSent }: OutboundWords,
  transport: Transport,
): Promise<Begun> {
  if (partsSent + 1 >= transport.parts.length) {
    return statusAsBegun(await insist(endsMs, () => markSent(deps.pool, attempt, null)));
  }
  await insist(endsMs, () => markPartSent(deps.pool, attempt, partsSent + 1, null));
  return beginSend(deps.pool, attempt, kinds, true);
}
