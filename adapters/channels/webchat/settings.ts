import { z } from 'zod';

const origin = z
  .string()
  .max(255)
  .refine(
    (text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text),
    'An origin (https://shop.example), or *',
  );

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'A colour such as #0b6e4f');

/** Settings of a web chat. The channel's secrets sign visitors' identities (visitor-token.ts). */
export const webchatSettings = z.looseObject({
  /** Pages that may hold the chat, beside those that the API serves itself. `*`: any page. */
  allowedOrigins: z.array(origin).max(100).default([]),
  title: z.string().min(1).max(100).default('Chat with us'),
  greeting: z.string().max(1000).default(''),
  colours: z.looseObject({ accent: colour.default('#0b6e4f'), onAccent: colour.default('#ffffff') }).prefault({}),
  /** Visitors without an identity signed by the site are refused. */
  identityRequired: z.boolean().default(false),
});

/**
 * May a page of this origin use the chat? `own` is the API's. A request without an origin comes from no other site's
 * page (browsers always name it there), so the list has nothing to say about it.
 */
export function allowsOrigin(settings: unknown, origin: string | undefined, own: string): boolean {
  if (origin === undefined || origin === own) return true;
  const allowed = webchatSettings.safeParse(settings).data?.allowedOrigins ?? [];
  return allowed.includes('*') || allowed.includes(origin);
}

/** What the script may know of the settings; goes out with a visitor's session. */
export function appearance(settings: unknown): Appearance {
  const read = webchatSettings.safeParse(settings);
  const { title, greeting, colours } = read.success ? read.data : webchatSettings.parse({});
  return { title, greeting, colours: { accent: colours.accent, onAccent: colours.onAccent } };
}

export interface Appearance {
  title: string;
  greeting: string;
  colours: { accent: string; onAccent: string };
}
