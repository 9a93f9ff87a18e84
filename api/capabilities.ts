/** What a channel can carry, as the API shows it: the adapters' own record, worded as a schema. */
import { z } from 'zod';
import type { Capabilities } from '../adapters/contract/capabilities.ts';

const dir = z.enum(['none', 'receive', 'send', 'both']);
const medium = z.object({
  dir,
  maxBytes: z.number().int().exactOptional(),
  mime: z.array(z.string()).exactOptional(),
});

export const capabilities: z.ZodType<Capabilities> = z
  .object({
    text: z.object({
      dir,
      maxChars: z.number().int().describe('Of one message that goes out; what is longer is cut into several.'),
      maxCharsReceived: z.number().int().describe('Of one message that comes in; what is longer is not taken.'),
      markup: z.enum(['plain', 'markdown']),
    }),
    media: z.object({
      image: medium.exactOptional(),
      video: medium.exactOptional(),
      audio: medium.exactOptional(),
      file: medium.exactOptional(),
    }),
    buttons: z.object({
      mode: z.enum(['none', 'inline', 'reply']),
      max: z.number().int(),
      titleMax: z.number().int(),
    }),
    typing: dir,
    receipts: z.object({ delivered: z.boolean(), read: z.boolean(), failed: z.boolean() }),
    window: z.union([
      z.object({ kind: z.literal('none') }),
      z.object({ kind: z.literal('since-last-inbound'), hours: z.number() }),
    ]),
    initiate: z.enum(['no', 'template', 'yes']),
    rate: z
      .object({ perSecond: z.number(), burst: z.number().int() })
      .nullable()
      .describe('So many sends a second on average, and so many at once; null: as many as come.'),
    ordering: z.enum(['per-conversation', 'none']),
    sendIdempotency: z.enum(['none', 'reconcile', 'key']),
    handover: z.object({ target: z.boolean(), history: z.boolean() }),
  })
  .meta({
    id: 'Capabilities',
    description: 'What the channel can’t show is degraded by rule, never dropped in silence.',
  });
