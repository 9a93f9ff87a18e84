/**
 * What limits of rates count in, by a clock that nobody can set: with the library's own counts whoever asks in the minute before the
 * machine's clock is set back by an hour is counted in the same minute for that hour, and turned away.
 */
import type { FastifyRateLimitStore } from '@fastify/rate-limit';

interface Options {
  /** How many are counted at once. */
  cache?: number;
}

interface Count {
  current: number;
  /** By the steady clock, ms. */
  endsAt: number;
}

type Told = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** Past these the one that was asked for longest ago is forgotten. */
const mostCounts = 5_000;

export class SteadyCounts implements FastifyRateLimitStore {
  private readonly counts = new Map<string, Count>();
  private readonly most: number;
  private readonly now: () => number;

  constructor({ cache = mostCounts }: Options, now = () => performance.now()) {
    this.most = cache;
    this.now = now;
  }

  incr(key: string, told: Told, timeWindow: number): void {
    const count = this.standing(key) ?? { current: 0, endsAt: this.now() + timeWindow };
    count.current += 1;
    this.counts.delete(key);
    this.counts.set(key, count);
    const [oldest] = this.counts.keys();
    if (this.counts.size > this.most && oldest !== undefined) this.counts.delete(oldest);
    told(null, { current: count.current, ttl: count.endsAt - this.now() });
  }

  /** As it stands, without counting. */
  read(key: string, told: Told): void {
    const count = this.standing(key);
    told(null, count ? { current: count.current, ttl: count.endsAt - this.now() } : { current: 0, ttl: 0 });
  }

  /** Each limit counts for itself. */
  child(): SteadyCounts {
    return new SteadyCounts({ cache: this.most }, this.now);
  }

  private standing(key: string): Count | undefined {
    const count = this.counts.get(key);
    return count !== undefined && count.endsAt > this.now() ? count : undefined;
  }
}
