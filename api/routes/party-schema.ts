/** What bots, desks and channels have in common on the wire. */
import { z } from 'zod';
import type { PartyRow } from '../../store/parties.ts';
import { type Principal, readsSettings } from '../principal.ts';
import { id, iso, name, time } from '../fields.ts';

const settings = z.record(z.string(), z.unknown());

const values = {
  name,
  type: z
    .string()
    .min(1)
    .max(64)
    .describe(
      '`http`: whatever speaks HTTP. The other kinds of channel, and what is set of each, are in docs/channels.md.',
    ),
  settings: settings.describe(
    'As the type wants them, checked as a whole, 422 with what is wrong. Of `http` no more than `{"url"}` is needed, which ' +
      'is called.',
  ),
  enabled: z.boolean().describe('Switched off: nothing is taken from it or sent to it.'),
};

/** Of the body that connects one. */
export const newParty = { name: values.name, type: values.type, settings: values.settings.default({}) };

/** Of the body that changes one. */
export const partyChange = {
  name: values.name.optional(),
  settings: values.settings.optional().describe('Replaces all settings.'),
  enabled: values.enabled.optional(),
};

export const party = {
  id,
  name: z.string(),
  type: z.string(),
  settings: settings.optional().describe('Only with the scope `settings:read`.'),
  enabled: z.boolean(),
  secretCount: z
    .number()
    .int()
    .optional()
    .describe(
      'Valid signing secrets: two during a rotation. They are never shown again. Only with the scope `settings:read`.',
    ),
  createdAt: time,
};
type Party = z.output<z.ZodObject<typeof party>>;

/** The row as this caller sees it. */
export function showParty(principal: Principal, row: PartyRow): Party {
  const { id: own, name: called, type, settings: given, secretCount, disabledAt, createdAt } = row;
  return {
    id: own,
    name: called,
    type,
    ...(readsSettings(principal) && { settings: given as Record<string, unknown>, secretCount }),
    enabled: disabledAt === null,
    createdAt: iso(createdAt),
  };
}

export const secret = z
  .string()
  .describe('Signs (Standard Webhooks) what goes out and proves what comes in. Shown once.');

export const newSecret = z.strictObject({
  secret: z
    .string()
    .max(512)
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'whsec_ and at least 24 bytes in base64')
    .optional()
    .describe('One that the other side has given out; by default we make one.'),
  keepPrevious: z.boolean().default(true).describe('false: the one before stops working at once (it has leaked).'),
});

export const madeSecret = z.object({ secret, secretCount: z.number().int() });

export const filter = {
  type: z.string().max(64).optional().describe('Those of this type alone.'),
  disabled: z.enum(['true', 'false']).default('false').describe('`true`: also those that are switched off.'),
};
