/**
 * Calls of an account that a worker has out at once: its slots are everybody's, and an account whose bots, desks or
 * channels are slow must not fill them. Whoever finds the share used up gives the slot back and comes again, by Temporal's
 * own repeat: the core hears nothing of it, so no try of a bot's turn is used up, and no desk counts as out of reach.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActorId } from '../workflows/conversation/messages.ts';

/** The failure's type, which is counted and not logged. */
export const shareUsedUp = 'share-used-up';

/** How long a call takes, as long as nobody knows better, ms. */
const usualMs = 1_000;
/** The first of a line comes again after this, the last not later than that. */
const [soonestMs, latestMs] = [250, 15_000];

interface Share {
  out: number;
  /** When the last of those in line comes again, by `performance.now()`. */
  lineEndsMs: number;
  /** Of the calls that have ended, the later ones weigh more. */
  callMs: number;
}

type Work<W, O> = (actor: ActorId, work: W) => Promise<O>;

/** `most`: calls out at once per account. */
export function createShares(most: number): <W, O>(work: Work<W, O>) => Work<W, O> {
  const shares = new Map<string, Share>();

  const enter = (accountId: string): Share => {
    const now = performance.now();
    const share = shares.get(accountId) ?? { out: 0, lineEndsMs: now, callMs: usualMs };
    shares.set(accountId, share);
    if (!mayGo(share, now, most)) throw comeAgain(share, now, most);
    share.out += 1;
    return share;
  };
  const leave = (accountId: string, share: Share, enteredMs: number): void => {
    share.out -= 1;
    share.callMs = 0.9 * share.callMs + 0.1 * (performance.now() - enteredMs);
    if (share.out === 0) shares.delete(accountId);
  };

  return (work) => async (actor, what) => {
    const share = enter(actor.accountId);
    const enteredMs = performance.now();
    try {
      return await work(actor, what);
    } finally {
      leave(actor.accountId, share, enteredMs);
    }
  };
}

/** Those who come for the first time leave room for those in line. */
function mayGo({ out, lineEndsMs }: Share, now: number, most: number): boolean {
  const isFirst = (asyncLocalStorage.getStore()?.info.attempt ?? 1) === 1;
  return out < (isFirst && lineEndsMs > now ? most / 2 : most);
}

/** Each in line somewhat later than the one before: as often as a call ends. */
function comeAgain(share: Share, now: number, most: number): ApplicationFailure {
  share.lineEndsMs = Math.max(share.lineEndsMs + share.callMs / most, now + soonestMs);
  const nextRetryDelay = Math.ceil(Math.min(share.lineEndsMs - now, latestMs));
  return ApplicationFailure.create({ type: shareUsedUp, message: shareUsedUp, nextRetryDelay });
}
