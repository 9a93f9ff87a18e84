import { z } from 'zod';
import { endpoint } from '../../endpoint.ts';
import { rate } from '../../rate.ts';

/** What the backend can show, and whether it can tell a repeat. */
export const shownByBackend = z.object({
  /** `key`: the backend takes two calls with one `webhook-id` as one message. */
  idempotency: z.enum(['key', 'none']).default('key'),
  maxChars: z.number().int().min(20).max(100_000).default(10_000),
  markup: z.enum(['plain', 'markdown']).default('plain'),
  buttons: z.enum(['none', 'inline', 'reply']).default('inline'),
  /** So long after the customer wrote last, messages are taken; null: always. */
  windowHours: z.number().positive().max(8_760).nullable().default(null),
  /** What the backend takes; null: as many as come. */
  rate: rate.nullable().default(null),
  media: z.array(z.enum(['image', 'video', 'audio', 'file'])).default(['image', 'video', 'audio', 'file']),
});

/** `url` gets every outgoing message. */
export const httpSettings = z.looseObject({ url: endpoint, ...shownByBackend.shape });
