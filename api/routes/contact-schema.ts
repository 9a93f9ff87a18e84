/** A contact and its notes on the wire: as the API shows them, and what is changed of them. */
import { z } from 'zod';
import type * as store from '../../store/contacts.ts';
import { id, iso, isoOrNull, name, time, words } from '../fields.ts';

export const tag = words(100);

export const contact = z
  .object({
    id,
    name: z.string().nullable(),
    phones: z.array(z.string()),
    emails: z.array(z.string()),
    identities: z.array(z.object({ channelId: id, externalId: z.string() })).describe('Who it is, on which channel.'),
    attributes: z.record(z.string(), z.unknown()),
    tags: z.array(z.string()),
    blocked: z.boolean(),
    blockedUntil: time.nullable().describe('null with `blocked`: until unblocked.'),
    createdAt: time,
    erasedAt: time.nullable(),
  })
  .meta({ id: 'Contact' });

export const note = z
  .object({ id, agentId: id.nullable().describe('null: a backend wrote it.'), text: z.string(), createdAt: time })
  .meta({ id: 'Note' });

export const contactChange = z
  .strictObject({
    name: name.nullable().optional(),
    tags: z
      .array(tag)
      .max(50)
      .transform((all) => [...new Set(all)])
      .optional()
      .describe('Replaces all tags.'),
    attributes: z
      .record(z.string().min(1).max(100), z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]))
      .refine((given) => Object.keys(given).length <= 100, 'At most 100')
      .optional()
      .describe('Replaces all attributes.'),
  })
  .meta({ examples: [{ name: 'Ada Lovelace', tags: ['vip'] }] });

export function showContact(row: store.ContactRow): z.output<typeof contact> {
  const valuesOf = (kind: 'phone' | 'email') =>
    row.addresses.filter((one) => one.kind === kind).map((one) => one.value);
  return {
    id: row.id,
    name: row.name,
    phones: valuesOf('phone'),
    emails: valuesOf('email'),
    identities: row.identities,
    attributes: row.attributes,
    tags: row.tags,
    blocked: row.blocked,
    blockedUntil: isoOrNull(row.blockedUntil),
    createdAt: iso(row.createdAt),
    erasedAt: isoOrNull(row.erasedAt),
  };
}

export const showNote = ({ createdAt, ...row }: store.NoteRow): z.output<typeof note> => ({
  ...row,
  createdAt: iso(createdAt),
});
