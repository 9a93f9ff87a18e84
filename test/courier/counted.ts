import type { WorkflowClient } from '@temporalio/client';

type Method = 'executeUpdateWithStart' | 'signalWithStart';

export interface Counted {
  /** The same client, of whose calls by this method the books are kept. */
  client: WorkflowClient;
  calls(): number;
  /** Of calls that were out at once. */
  peak(): number;
}

export function counted(client: WorkflowClient, method: Method): Counted {
  let calls = 0;
  let out = 0;
  let peak = 0;
  const counting = async (...args: unknown[]): Promise<unknown> => {
    calls += 1;
    out += 1;
    peak = Math.max(peak, out);
    try {
      return await (client[method] as (...args: unknown[]) => Promise<unknown>).apply(client, args);
    } finally {
      out -= 1;
    }
  };
  const watched = new Proxy(client, {
    get: (target, name, receiver) => (name === method ? counting : (Reflect.get(target, name, receiver) as unknown)),
  });
  return { client: watched, calls: () => calls, peak: () => peak };
}
