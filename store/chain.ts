/**
 * The hash chain of a conversation's events. Postgres computes each link as it appends (`record_decision`); this is the
 * same rule for whoever verifies, with no database at hand.
 *
 * link = hex(SHA-256(previous link ‖ LF ‖ data ‖ LF ‖ digest)), UTF-8; the first event's previous link is empty, `data`
 * is the stored text, `digest` is empty where the event is about no message.
 */
import { createHash } from 'node:crypto';

export function link(previous: string, data: string, digest: string | null): string {
  return createHash('sha256')
    .update(`${previous}\n${data}\n${digest ?? ''}`, 'utf8')
    .digest('hex');
}

/** JSON with sorted keys and no spaces: one text for one value. `undefined` members are left out, as JSON does. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (isRecord(member) ? sorted(member) : member));
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
