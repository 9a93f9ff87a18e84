/** What the core is told of an attempt to send, from what the row says. */
import type { Begun, Marked } from '../store/outbound.ts';
import type { FailureClass, SendOutcome } from '../workflows/conversation/inputs.ts';
import { failed } from './attempt.ts';

export type NotBegun = Exclude<Begun, { kind: 'begun' }>;

export function outcomeOf(begun: NotBegun): SendOutcome {
  switch (begun.kind) {
    case 'sent':
    case 'superseded':
      return { kind: begun.kind };
    case 'throttled':
      return { kind: 'put-off', forMs: begun.retryAfterMs };
    case 'ambiguous':
      return failed({ class: 'ambiguous' });
    case 'failed':
      return failed({ class: finalClass(begun.class) });
    case 'absent':
      return failed({ class: 'permanent' });
  }
}

export function statusAsBegun({ status, class: failureClass }: Marked): NotBegun {
  return status === 'failed' ? { kind: 'failed', class: failureClass ?? 'permanent' } : { kind: 'sent' };
}

/** A receipt may have been faster than the attempt's own end; then what it said stands. */
export function settledAs(marked: Marked, otherwise: SendOutcome): SendOutcome {
  const known = ['sent', 'delivered', 'read', 'failed'].includes(marked.status);
  return known ? outcomeOf(statusAsBegun(marked)) : otherwise;
}

/** A receipt's `failed` is the end of this message, whatever class came with it. */
function finalClass(text: string): FailureClass {
  const finals = ['ambiguous', 'window-closed', 'recipient-unreachable', 'content-rejected', 'auth'] as const;
  return finals.find((one) => one === text) ?? 'permanent';
}
