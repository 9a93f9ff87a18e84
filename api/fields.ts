/** Fields that many schemas have in common, worded once. */
import { z } from 'zod';

export const id = z.uuid().toLowerCase();
/** Described by what it is the id of. */
export const idOf = (what: string) => id.describe(`Id of the ${what}.`);
export const time = z.iso.datetime().describe('ISO 8601, UTC.');

/** Text that people write; may have several lines. Blanks at its ends are dropped, and count: as it is sent it has `max` at most. */
export const words = (max: number) => z.string().max(max).trim().min(1);
export const name = words(200);

/** As long as a mail server must take them, of whose part before the @ it must take 64 characters (RFC 5321, 4.5.3.1). */
export const email = z.email({ pattern: new RegExp(`^(?=[^@]{1,64}@)${z.regexes.email.source.slice(1)}`) }).max(254);

/** Part of what is looked for; upper and lower case are the same. */
export const search = words(200).optional();

/** In a query everything is text. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const idIn = <K extends string>(...names: K[]) =>
  z.strictObject(Object.fromEntries(names.map((key) => [key, idOf(wordsOf(key))])) as Record<K, typeof id>);

/** `noteId` is that of a note. */
const wordsOf = (name: string): string => (name === 'keyId' ? 'API key' : name.replace(/Id$/, ''));

export const nothing = z.undefined().describe('Done. There is no body.');

export const iso = (date: Date): string => date.toISOString();
export const isoOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;
