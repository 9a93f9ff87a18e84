/** How long to wait after a failure: twice as long after each, up to five seconds, and from the start after a success. */
export interface Backoff {
  /** ms */
  next(): number;
  reset(): void;
}

const firstMs = 100;
const mostMs = 5_000;

export function createBackoff(): Backoff {
  let ms = firstMs;
  return {
    next() {
      const wait = ms * (0.75 + 0.5 * Math.random());
      ms = Math.min(ms * 2, mostMs);
      return wait;
    },
    reset() {
      ms = firstMs;
    },
  };
}
