/** An instant as an argument: ISO 8601 with its zone, so that it means the same wherever it is typed. */
import { Unusable } from './settings.ts';

const iso = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Epoch ms. */
export function parseInstant(text: string): number {
  const [, year, month, day] = (iso.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || !isDay(year, month, day)) {
    throw new Unusable(`“${text}” is no time with its zone, such as 2026-01-31T09:00:00Z or 2026-01-31T10:00+01:00.`);
  }
  return Date.parse(text);
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
