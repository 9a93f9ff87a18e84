/** An API key on the wire. */
import { z } from 'zod';
import type { ApiKeyRow } from '../../store/api-keys.ts';
import { id, iso, isoOrNull, name, time } from '../fields.ts';
import { type Scope, scopes } from '../scopes.ts';

export const apiKey = z
  .object({
    id,
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const newKey = z
  .strictObject({
    name: name.describe('What it is for.'),
    scopes: z
      .array(z.enum(scopes))
      .min(1)
      .max(scopes.length)
      .describe('What it may do, and no more than is needed: at most what the caller may.'),
    expiresAt: time.nullable().default(null).describe('In the future; null: until it is revoked.'),
  })
  .meta({ examples: [{ name: 'CRM sync', scopes: ['contacts:read', 'conversations:read'] }] });

export const madeKey = apiKey.extend({ key: z.string().describe('Shown once: what is stored is a digest.') });

/** The row as it is shown: never with the key. */
export const showKey = (row: ApiKeyRow): z.output<typeof apiKey> => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes as Scope[],
  createdAt: iso(row.createdAt),
  expiresAt: isoOrNull(row.expiresAt),
  revokedAt: isoOrNull(row.revokedAt),
});
