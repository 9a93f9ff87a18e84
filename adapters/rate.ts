import { z } from 'zod';

/** What a connection's settings may say of its rate: so many sends a second on average, and so many at once after a pause. */
export const rate = z.object({
  perSecond: z.number().min(0.01).max(10_000),
  burst: z.number().int().min(1).max(100_000).default(1),
});
