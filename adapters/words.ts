import { z } from 'zod';
import { nearestIssues } from './nearest-issues.ts';
import type { Content } from './contract/content.ts';
import type { DeskPerson } from './contract/desk.ts';
import { nestedAtMost } from './json.ts';

/**
 * How outside systems word what they send, in one place for channels, bots and desks. Schemas are loose: what is unknown
 * is left out, and ids may be numbers. Lengths are limited where a store or an index has a limit of its own.
 */

/** Postgres indexes rows of at most 2.7 kB: a longer id could never be found again. */
export const externalId = z
  .union([z.string().min(1).max(255), z.number().int().transform(String)])
  .describe('An id of theirs, at most 255 characters');

const httpUrl = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/\S+$/i);

/** An empty string says as much as no string. */
export const optionalText = (max: number) =>
  z
    .string()
    .max(max)
    .nullable()
    .transform((text) => (text?.trim() ? text : undefined))
    .optional();

/** Left out where it can't be read, or there are too many: a message is never refused for it. */
const detail = (max: number) => optionalText(max).catch(undefined);
/** Phones, or e-mail addresses, that one message may bring: they are all kept, and shown with the contact. */
const MOST_DETAILS = 20;
const details = (max: number) =>
  z
    .array(z.union([z.string().min(1).max(max), z.null()]).catch(null))
    .transform((all) => all.filter((one) => one !== null).slice(0, MOST_DETAILS))
    .optional()
    .catch(undefined);

/** Of one message, in UTF-16 units. */
export const LONGEST_TEXT = 100_000;

const attachment = z
  .object({
    kind: z.enum(['image', 'video', 'audio', 'file']).catch('file'),
    url: httpUrl,
    name: detail(255),
    mime: detail(255),
    bytes: z.number().int().nonnegative().optional().catch(undefined),
  })
  .transform(present);

export const content = z
  .object({
    text: optionalText(LONGEST_TEXT),
    markup: z.literal('markdown').optional().catch(undefined),
    buttons: z
      .array(z.object({ title: z.string().min(1).max(1000), payload: z.string().max(4096) }))
      .max(50)
      .optional(),
    attachments: z.array(attachment).max(50).optional(),
    payload: optionalText(4096),
  })
  .transform(({ buttons, attachments, ...rest }): Content =>
    present({
      ...rest,
      buttons: buttons?.length ? buttons : undefined,
      attachments: attachments?.length ? attachments : undefined,
    }),
  )
  .refine(hasSomething, 'empty');

function hasSomething(words: Content): boolean {
  return (words.text ?? words.buttons ?? words.attachments ?? words.payload) !== undefined;
}

export const contact = z
  .object({
    id: externalId,
    name: detail(255),
    phones: details(64),
    emails: details(320),
    pageUrl: httpUrl.optional().catch(undefined),
  })
  .transform(({ id, ...rest }) => present({ externalId: id, ...rest }));

export const person = z.object({ id: externalId, name: detail(255) }).transform((one): DeskPerson => present(one));

/** Free data, as it is; small and flat enough to be stored. */
export const freeData = z
  .record(z.string(), z.unknown())
  .refine((data) => nestedAtMost(data, 16) && JSON.stringify(data).length <= 32_768, 'too-much-data');

/** The higher, the sooner. */
export const priority = z.number().int().min(0).max(100);

export const count = z.number().int().min(1).max(10_000);

/** Lines that a desk is given with an offer. *All* of a thread that has run for years would be no help to anybody. */
export const longestHistory = 1_000;

/** How much of the conversation a hand-over carries: `'all'`, `'none'` or a number stand for the long form. */
export const historyWish = z.union([
  z.literal('none').transform(() => ({ kind: 'none' as const })),
  z.literal('all').transform(() => ({ kind: 'all' as const })),
  count.transform((no) => ({ kind: 'last' as const, count: no })),
  z.object({ kind: z.enum(['none', 'all']) }),
  z.object({ kind: z.literal('last'), count }),
]);

type Present<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

/** Leaves out what is undefined. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Present<T>;
}

/** Where an item can't be read, and why; never what stands there. */
export function issuesOf(error: z.ZodError): string[] {
  const said = (issue: z.core.$ZodIssue): string => (issue.code === 'custom' ? issue.message : issue.code);
  const at = ({ path }: z.core.$ZodIssue): string => path.map(String).join('.');
  const sayWithin = (issue: z.core.$ZodIssue): string => [at(issue), said(issue)].filter(Boolean).join(': ');
  return nearestIssues(error.issues, sayWithin).map((issue) => `${at(issue) || '(all)'}: ${said(issue)}`);
}
