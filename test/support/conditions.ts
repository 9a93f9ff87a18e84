/**
 * Waiting for something to become true, without polling: whoever changes what conditions look at calls `check`. The time
 * limit is no measure of anything; it only turns a test that would hang into one that says what it saw.
 */
export function createConditions(): {
  check(): void;
  until(condition: () => boolean, seen: () => string[], timeoutMs?: number): Promise<void>;
} {
  const waiting = new Set<() => void>();
  return {
    check: () => waiting.forEach((one) => one()),
    until: (condition, seen, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = () => {
          if (!condition()) return;
          end();
          resolve();
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`Not so after ${timeoutMs} ms. Seen:\n${seen().join('\n')}`));
        }, timeoutMs);
        waiting.add(look);
        look();
      }),
  };
}
