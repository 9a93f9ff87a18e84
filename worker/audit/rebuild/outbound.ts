/**
 * The delivery state of what goes out, from what was decided, tried and heard of it. Pure. Clocks of several processes are
 * in it, so no step relies on an order that only the same process keeps.
 */
import type { OutboundFold, StoredOutbound } from '../../../store/rebuild-outbound.ts';
import { queuedAs } from '../../../activities/recording/words.ts';
import type { FoldedEvent } from '../fold.ts';

type Step = { at: number } & (
  | { kind: 'begun' | 'not-sent' | 'unclear' | 'sent'; attemptId: string }
  | { kind: 'receipt'; status: string; class: string | null }
  | { kind: 'cancelled' }
  | { kind: 'settled'; as: 'failed' | 'unknown'; class: string | null }
);

/** Of one moment: an attempt says when it began, whatever came of it. */
const order: Step['kind'][] = ['begun', 'not-sent', 'unclear', 'sent', 'receipt', 'cancelled', 'settled'];
const arrived = ['sent', 'delivered', 'read'];

export function outboundOf(
  conversation: { conversationId: string; channelId: string },
  folded: FoldedEvent[],
  stored: StoredOutbound,
): OutboundFold[] {
  const events = folded.flatMap(({ data, stored: { recordedAt } }) =>
    data === null ? [] : [{ event: data.event, recordedAt }],
  );
  return events.flatMap(({ event, recordedAt }) => {
    if (event.type !== 'MessageQueued') return [];
    const { toId, ...queued } = queuedAs(conversation.conversationId, event);
    const decided = events.flatMap((one): Step[] => decisionOn(event.seq, one));
    const steps = [...decided, ...triedAndHeard(event.seq, stored)].toSorted(
      (a, b) => a.at - b.at || order.indexOf(a.kind) - order.indexOf(b.kind),
    );
    const start: OutboundFold = { ...asQueued, ...queued, toId: toId ?? conversation.channelId, queuedAt: recordedAt };
    const row = steps.reduce((before, step) => after(before, step, steps), start);
    return [
      withOwnTimes(
        row,
        steps,
        stored.rows.find(({ seq }) => seq === event.seq),
      ),
    ];
  });
}

const asQueued = {
  status: 'pending',
  attemptId: null,
  attempts: 0,
  failureClass: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  settledAt: null,
} satisfies Partial<OutboundFold>;

function decisionOn(
  seq: number,
  { event, recordedAt: at }: { event: NonNullable<FoldedEvent['data']>['event']; recordedAt: number },
): Step[] {
  if (event.type === 'MessageCancelled' && event.seq === seq) return [{ kind: 'cancelled', at }];
  if (event.type !== 'MessageSettled' || event.seq !== seq || event.as === 'sent') return [];
  return [{ kind: 'settled', as: event.as, class: event.class, at }];
}

function triedAndHeard(seq: number, { attempts, receipts }: StoredOutbound): Step[] {
  const own = attempts.filter((one) => one.seq === seq);
  const has = (attemptId: string, outcome: string): boolean =>
    own.some((one) => one.attemptId === attemptId && one.outcome === outcome);
  const tried = own.flatMap(({ attemptId, outcome, at }): Step[] => {
    // The next attempt had called it unclear before it said that nothing was sent.
    if (outcome === 'superseded' || (outcome === 'not-sent' && has(attemptId, 'unclear'))) return [];
    const kind = outcome as 'begun' | 'not-sent' | 'unclear' | 'sent';
    // What a visitor's stream delivers is begun and sent at once.
    const isAtOnce = kind === 'sent' && !has(attemptId, 'begun');
    return [...(isAtOnce ? [{ kind: 'begun' as const, attemptId, at }] : []), { kind, attemptId, at }];
  });
  const heard = receipts.flatMap((one): Step[] =>
    one.seq === seq ? [{ kind: 'receipt', status: one.status, class: one.class, at: one.at }] : [],
  );
  return [...tried, ...heard];
}

/** As begin_send, mark_…, cancel_outbound, settle_outbound and accept_receipts move the row. */
function after(row: OutboundFold, step: Step, steps: Step[]): OutboundFold {
  switch (step.kind) {
    case 'begun': {
      const status = isFinal(row.status) ? row.status : 'sending';
      return { ...row, status, attemptId: step.attemptId, attempts: row.attempts + 1 };
    }
    case 'not-sent':
    case 'unclear': {
      if (row.status !== 'sending' || row.attemptId !== step.attemptId) return row;
      const isTakenBack = steps.some(({ kind, at }) => kind === 'cancelled' && at <= step.at);
      if (isTakenBack) return { ...row, status: 'cancelled', settledAt: step.at };
      return { ...row, status: step.kind === 'unclear' ? 'ambiguous' : 'pending' };
    }
    case 'sent': {
      const sentAt = row.sentAt ?? step.at;
      if (row.status === 'failed') return { ...row, sentAt };
      const status = arrived.includes(row.status) ? row.status : 'sent';
      return { ...row, status, sentAt, failureClass: null, settledAt: null };
    }
    case 'receipt':
      return heardOf(row, step);
    case 'cancelled':
      return isWaiting(row.status) ? { ...row, status: 'cancelled', settledAt: step.at } : row;
    case 'settled': {
      // A record that calls words failed is refused while an attempt has them: what it says came after what was tried before.
      const isOver = ['cancelled', 'unknown', 'failed'].includes(row.status);
      const isOpen = step.as === 'failed' ? !isOver : isWaiting(row.status) || row.status === 'sending';
      if (!isOpen) return row;
      return { ...row, status: step.as, failureClass: step.class ?? row.failureClass, settledAt: step.at };
    }
  }
}

const isFinal = (status: string): boolean => arrived.includes(status) || status === 'failed';
const isWaiting = (status: string): boolean => status === 'pending' || status === 'ambiguous';

function heardOf(
  row: OutboundFold,
  { status: heard, class: failureClass, at }: Step & { kind: 'receipt' },
): OutboundFold {
  const status = risen(row.status, heard);
  if (status === row.status) return row;
  return {
    ...row,
    status,
    sentAt: status === 'failed' ? row.sentAt : (row.sentAt ?? at),
    deliveredAt: status === 'delivered' ? (row.deliveredAt ?? at) : row.deliveredAt,
    readAt: status === 'read' ? (row.readAt ?? at) : row.readAt,
    failureClass: status === 'failed' ? (failureClass ?? 'permanent') : null,
    settledAt: status === 'failed' ? at : null,
  };
}

/** `risen_status` (0020). */
function risen(status: string, heard: string): string {
  if (status === 'failed' || status === 'read') return status;
  if (status === 'delivered') return heard === 'read' ? 'read' : status;
  return status === 'sent' && heard === 'sent' ? status : heard;
}

/** Of several who said the same, the row has the time of whoever got there first, which stands nowhere else. */
function withOwnTimes(row: OutboundFold, steps: Step[], own: OutboundFold | undefined): OutboundFold {
  const keep = (time: number | null, its: number | null | undefined, said: Step[]): number | null =>
    time !== null && its !== null && said.some(({ at }) => at === its) ? (its ?? time) : time;
  const sent = steps.filter((step) => step.kind === 'sent' || (step.kind === 'receipt' && step.status !== 'failed'));
  const ends = ['not-sent', 'unclear', 'receipt', 'cancelled', 'settled'];
  return {
    ...row,
    sentAt: keep(row.sentAt, own?.sentAt, sent),
    settledAt: keep(
      row.settledAt,
      own?.settledAt,
      steps.filter(({ kind }) => ends.includes(kind)),
    ),
  };
}
