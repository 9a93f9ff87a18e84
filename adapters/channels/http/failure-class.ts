import { z } from 'zod';
import type { Failure, FailureClass } from '../../contract/call.ts';
import { capabilities } from './capabilities.ts';

const classes = [
  'retryable',
  'throttled',
  'window-closed',
  'recipient-unreachable',
  'content-rejected',
  'auth',
  'permanent',
] as const satisfies FailureClass[];

/** What the backend itself calls a failure. */
export const failureClass = z.enum(classes);

/** Without a window none can be closed: the core would hold words until the customer writes, and nobody had said so. */
export function asDeclared(told: FailureClass, settings: unknown): Failure['class'] {
  const hasWindow = capabilities(settings).window.kind !== 'none';
  return told === 'window-closed' && !hasWindow ? 'permanent' : told;
}
