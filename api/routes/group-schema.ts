/** A group on the wire. */
import { z } from 'zod';
import type { GroupRow } from '../../store/groups.ts';
import { id, iso, name, time, words } from '../fields.ts';

const clockTime = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'HH:MM');
const interval = z
  .strictObject({ from: clockTime, to: clockTime })
  .refine(({ from, to }) => from !== to, 'Begins when it ends.')
  .meta({
    description: 'Local times; where `to` is not after `from`, it is of the next day.',
    examples: [{ from: '09:00', to: '17:00' }],
  });
const intervals = z.array(interval).max(10);

const hours = z
  .strictObject({
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'An IANA time zone, as Europe/Berlin')
      .meta({ examples: ['Europe/Berlin'] }),
    days: z
      .strictObject({
        mon: intervals.exactOptional(),
        tue: intervals.exactOptional(),
        wed: intervals.exactOptional(),
        thu: intervals.exactOptional(),
        fri: intervals.exactOptional(),
        sat: intervals.exactOptional(),
        sun: intervals.exactOptional(),
      })
      .describe('A day that is not named is closed.'),
    holidays: z
      .array(z.strictObject({ date: z.iso.date(), hours: intervals.exactOptional() }))
      .max(400)
      .exactOptional()
      .describe('Dates with hours of their own; without any: closed.'),
  })
  .meta({ id: 'Hours', description: 'When the group answers.' });

const values = {
  name,
  skills: z
    .array(words(100))
    .max(100)
    .transform((all) => [...new Set(all)])
    .describe('Routing keywords.'),
  hours: hours.nullable().describe('null: always.'),
};

export const group = z
  .object({ id, name: z.string(), skills: z.array(z.string()), hours: z.looseObject({}).nullable(), createdAt: time })
  .meta({ id: 'Group' });

export const newGroup = z
  .strictObject({ name: values.name, skills: values.skills.default([]), hours: values.hours.default(null) })
  .meta({
    examples: [
      {
        name: 'Support',
        skills: ['returns'],
        hours: { timeZone: 'Europe/Berlin', days: { mon: [{ from: '09:00', to: '17:00' }] }, holidays: [] },
      },
    ],
  });

export const groupChange = z.strictObject({
  name: values.name.optional(),
  skills: values.skills.optional(),
  hours: values.hours.optional(),
});

function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** The row as it is shown. */
export const showGroup = (row: GroupRow): z.output<typeof group> => ({
  id: row.id,
  name: row.name,
  skills: row.skills,
  hours: row.hours && { ...row.hours },
  createdAt: iso(row.createdAt),
});
