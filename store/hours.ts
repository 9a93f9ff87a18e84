/**
 * Opening hours of a group, in its own time zone. Judged by the clock on the wall there: an hour that comes twice when
 * summer time ends counts twice, one that is left out when it begins is never asked for.
 */
export interface Hours {
  /** IANA name. */
  timeZone: string;
  /** A day that is not named is closed. */
  days: Partial<Record<Weekday, Interval[]>>;
  /** Days (`2026-12-25`) with hours of their own, or with none: closed. They begin and end like any other day. */
  holidays?: { date: string; hours?: Interval[] }[];
}

/** `HH:MM`, to `24:00`. Where `to` is not after `from`, it is of the next day. */
export interface Interval {
  from: string;
  to: string;
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

/** null, and what can't be read (saving it is refused), is always open: rather a person too many than nobody. */
export function isOpen(hours: Hours | null, at: number): boolean {
  const wall = hours && wallClock(hours.timeZone, at);
  if (!hours || !wall) return true;
  const today = intervalsOf(hours, wall.date).map(minutesOf);
  const yesterday = intervalsOf(hours, dayBefore(wall.date)).map(minutesOf);
  return (
    today.some(({ from, to }) => from <= wall.minute && wall.minute < to) ||
    yesterday.some(({ from, to }) => from <= wall.minute + DAY && wall.minute + DAY < to)
  );
}

const DAY = 24 * 60;

function intervalsOf({ days, holidays = [] }: Hours, date: string): Interval[] {
  const holiday = holidays.find((one) => one.date === date);
  if (holiday) return holiday.hours ?? [];
  const weekday = weekdays[new Date(`${date}T00:00:00Z`).getUTCDay()];
  return (weekday && days[weekday]) ?? [];
}

function minutesOf({ from, to }: Interval): { from: number; to: number } {
  const begin = minuteOf(from);
  const end = minuteOf(to);
  return { from: begin, to: end > begin ? end : end + DAY };
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}

function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

function wallClock(timeZone: string, at: number): { date: string; minute: number } | null {
  const format = formatOf(timeZone);
  if (!format) return null;
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const date = `${parts['year']}-${parts['month']}-${parts['day']}`;
  return { date, minute: Number(parts['hour']) * 60 + Number(parts['minute']) };
}

/** Making one is slow, and there are few zones. */
function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = makeFormat(timeZone);
  formats.set(timeZone, made);
  return made;
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | null {
  const numeric = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...numeric });
  } catch {
    return null;
  }
}
