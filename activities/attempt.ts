/**
 * One attempt at the outside: it ends in time, whatever the other side or its adapter does, and its end is an outcome.
 * Temporal's limit for the activity is longer, so an attempt always gets to say what it knows.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { v7 as newId } from 'uuid';
import type { Failure } from '../adapters/contract/call.ts';
import { attemptMs, windUpMs } from '../workflows/conversation/attempt-limits.ts';
import type { WorkFailure } from '../workflows/conversation/inputs.ts';

/**
 * Unique per execution, also where Temporal repeats one activity under the same work id: whoever finds a row begun under
 * another id knows that it isn't its own.
 */
export function attemptIdOf(workId: string): string {
  return `${workId}/${newId()}`;
}

/** `unclear`: what it amounts to where the adapter says nothing in time. */
export async function inTime<T>(limitMs: number, call: (signal: AbortSignal) => Promise<T>, unclear: T): Promise<T> {
  const limit = new AbortController();
  const cancelled = cancelledSignal();
  const signal = cancelled ? AbortSignal.any([limit.signal, cancelled]) : limit.signal;
  const timer = setTimeout(
    () => limit.abort(new DOMException('The attempt has ended', 'TimeoutError')),
    Math.min(limitMs, attemptMs),
  );
  const overrun = after(signal, windUpMs);
  try {
    return await Promise.race([call(signal), overrun.passed.then(() => unclear)]);
  } finally {
    clearTimeout(timer);
    overrun.clear();
  }
}

/**
 * The worker has to go. Not that Temporal waits for the attempt no longer, since its run has ended or it was given up: what was
 * begun outside is better known than unknown, and what comes of it is kept in Postgres.
 */
function cancelledSignal(): AbortSignal | undefined {
  const context = asyncLocalStorage.getStore();
  if (context === undefined) return undefined;
  const { cancellationSignal } = context;
  const cancelled = new AbortController();
  const look = (): void => {
    const { notFound = false, timedOut = false } = context.cancellationDetails ?? {};
    if (!notFound && !timedOut) cancelled.abort(cancellationSignal.reason);
  };
  if (cancellationSignal.aborted) look();
  else cancellationSignal.addEventListener('abort', look, { once: true });
  return cancelled.signal;
}

function after(signal: AbortSignal, ms: number): { passed: Promise<void>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    onAbort = () => (timer = setTimeout(resolve, ms));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return {
    passed,
    clear: () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
  };
}

/** Class and waiting time are all that goes into a history. */
export function failed({ class: failureClass, retryAfterMs = null }: Failed): WorkFailure {
  return { kind: 'failed', class: failureClass, retryAfterMs };
}

type Failed = Pick<Failure, 'class'> & Partial<Pick<Failure, 'retryAfterMs'>>;
