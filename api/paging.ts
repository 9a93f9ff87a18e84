/**
 * Lists come in pages of a stable order. A cursor is opaque to clients: it holds the sort key of the page's last row, so
 * rows that come or go meanwhile neither repeat nor hide another.
 */
import { z } from 'zod';
import type { Page } from '../store/queries.ts';
import { invalid } from './errors.ts';
import { id } from './fields.ts';

const maxPage = 100;

/** Spread into the query schema of a list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(maxPage).default(50).describe(`Rows of a page, at most ${maxPage}.`),
  cursor: z
    .string()
    .max(1_000)
    .optional()
    .describe('`next` of the page before. Without it: the first page. Opaque: don’t build or change one.'),
};

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Cursor of the next page; null: this was the last.'),
  });
}

/** The rows asked for one more than `limit`; the extra one only says that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly unknown[],
  toItem: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}

/** Of a list in order of id (uuid v7: of age), as most are. */
export async function pageById<Row extends { id: string }, Item>(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  rowsOf: (page: Page) => Promise<readonly Row[]>,
  toItem: (row: Row) => Item,
): Promise<{ items: Item[]; next: string | null }> {
  const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
  return toPage(await rowsOf({ limit, after }), limit, (row) => [row.id], toItem);
}

function encodeCursor(key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Parts of sort keys as we give them out: whatever else a cursor holds, some column could refuse it. */
export const keyTime = z.iso.datetime().refine((at) => Date.parse(at) >= 0);
export const keyText = z.string().regex(/^[\w:.-]{1,200}$/);

/** Of a transcript, or the comments in it: see `TranscriptKey`. */
export const transcriptKey = z.tuple([z.number().int(), z.number().int()]);

/** The sort key in a cursor, checked; anything else than what we gave out is a 400. */
export function readCursor<T extends z.ZodType>(cursor: string | undefined, key: T): z.output<T> | null {
  if (cursor === undefined) {
    return null;
  }
  const parsed = key.safeParse(decode(cursor));
  if (!parsed.success) {
    throw invalid('query', [{ path: ['cursor'], message: 'This is no cursor of this list.' }]);
  }
  return parsed.data;
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
