/**
 * A call of an adapter's code. Adapters answer outcomes; one that throws has a bug. Operators hear of it, by its class
 * alone, and the core gets what is certain: before anything was given to the network nothing can have happened, and
 * another try would only meet the same bug; after that, nobody knows.
 */
import type { Call, Connection, Failure } from '../adapters/contract/call.ts';
import { failure } from '../adapters/outcomes.ts';
import type { WorkDependencies } from './dependencies.ts';

type Guard = Pick<WorkDependencies, 'http' | 'clock' | 'onAdapterBug'>;

/** `to`: whose adapter it is, and with whose settings and secrets it calls. */
export async function callAdapter<T>(
  { http, clock, onAdapterBug }: Guard,
  to: { type: string; connection: Connection },
  signal: AbortSignal,
  call: (call: Call) => Promise<T | Failure>,
): Promise<T | Failure> {
  let mayHaveLeft = false;
  const watched = http.compose((dispatch) => (options, handler) => {
    mayHaveLeft = true;
    return dispatch(options, handler);
  });
  try {
    return await call({ http: watched, signal, connection: to.connection, now: clock() });
  } catch (error) {
    // What is thrown at the end of the attempt says that it has ended.
    if (signal.aborted) return failure(mayHaveLeft ? 'ambiguous' : 'retryable', 'no-answer');
    onAdapterBug({ adapter: to.type, error });
    return failure(mayHaveLeft ? 'ambiguous' : 'permanent', 'adapter-bug');
  }
}

/** What an adapter says without calling anybody. */
export function askAdapter<T>(
  { onAdapterBug }: Pick<Guard, 'onAdapterBug'>,
  type: string,
  ask: () => T | Failure,
): T | Failure {
  try {
    return ask();
  } catch (error) {
    onAdapterBug({ adapter: type, error });
    return failure('permanent', 'adapter-bug');
  }
}
