/** Words as agents and backends send them: nothing unknown, nothing empty, so that nothing is dropped in silence. */
import { z } from 'zod';
import { words } from './fields.ts';

const attachment = z.strictObject({
  kind: z.enum(['image', 'video', 'audio', 'file']),
  url: z.url({ protocol: /^https?$/ }).max(2_048),
  name: z.string().min(1).max(255).optional(),
  mime: z.string().min(1).max(255).optional(),
  bytes: z.number().int().nonnegative().optional(),
});

export const contentFields = {
  text: z.string().regex(/\S/, 'Nothing but blanks.').max(100_000).optional(),
  markup: z.literal('markdown').optional().describe('How `text` is written; without it, plain.'),
  buttons: z
    .array(z.strictObject({ title: words(1_000), payload: z.string().max(4_096) }))
    .min(1)
    .max(50)
    .optional()
    .describe('Quick replies; a channel without buttons gets numbered text.'),
  attachments: z.array(attachment).min(1).max(50).optional(),
};

export const saysSomething = (content: { text?: unknown; buttons?: unknown; attachments?: unknown }): boolean =>
  (content.text ?? content.buttons ?? content.attachments) !== undefined;

/** Content of a message as it was stored, for responses. */
export const shownContent = z
  .looseObject({
    text: z.string().optional(),
    markup: z.string().optional(),
    buttons: z.array(z.looseObject({ title: z.string(), payload: z.string() })).optional(),
    attachments: z.array(z.looseObject({ kind: z.string(), url: z.string() })).optional(),
    payload: z.string().optional(),
  })
  .meta({ id: 'Content' });
