import { describe, expect, test } from 'vitest';
import { isOpen, type Hours } from '../../store/hours.ts';

const office = [{ from: '09:00', to: '17:30' }];
const berlin: Hours = {
  timeZone: 'Europe/Berlin',
  days: { mon: office, tue: office, wed: office, thu: office, fri: office },
  holidays: [{ date: '2026-12-25' }, { date: '2026-12-24', hours: [{ from: '09:00', to: '12:00' }] }],
};
const at = (iso: string) => Date.parse(iso);

describe('B-15: business hours with time zones and holidays', () => {
  test.each([
    ['2026-03-02T07:59:59.999Z', false, 'a millisecond before nine'],
    ['2026-03-02T08:00:00Z', true, 'nine'],
    ['2026-03-02T16:29:59.999Z', true, 'a millisecond before half past five'],
    ['2026-03-02T16:30:00Z', false, 'half past five'],
    ['2026-03-01T12:00:00Z', false, 'a Sunday'],
    ['2026-12-25T12:00:00Z', false, 'a holiday'],
    ['2026-12-24T10:59:00Z', true, 'a short day, before noon'],
    ['2026-12-24T11:00:00Z', false, 'a short day, at noon'],
  ])('%s in Berlin: %s (%s)', (iso, open) => {
    expect(isOpen(berlin, at(iso))).toBe(open);
  });

  test('nine is nine, in summer and in winter: an hour earlier in UTC once summer time has begun', () => {
    expect(isOpen(berlin, at('2026-03-27T08:00:00Z'))).toBe(true);
    expect(isOpen(berlin, at('2026-03-27T07:59:00Z'))).toBe(false);
    expect(isOpen(berlin, at('2026-03-30T07:00:00Z'))).toBe(true);
    expect(isOpen(berlin, at('2026-03-30T06:59:00Z'))).toBe(false);
    expect(isOpen(berlin, at('2026-10-26T08:00:00Z'))).toBe(true);
    expect(isOpen(berlin, at('2026-10-26T07:59:00Z'))).toBe(false);
  });

  const night: Hours = { timeZone: 'Europe/Berlin', days: { sat: [{ from: '22:00', to: '06:00' }] } };

  test('a night that begins on a Saturday ends on Sunday morning', () => {
    expect(isOpen(night, at('2026-03-07T20:59:00Z'))).toBe(false);
    expect(isOpen(night, at('2026-03-07T21:00:00Z'))).toBe(true);
    expect(isOpen(night, at('2026-03-08T04:59:00Z'))).toBe(true);
    expect(isOpen(night, at('2026-03-08T05:00:00Z'))).toBe(false);
    expect(isOpen(night, at('2026-03-08T21:00:00Z'))).toBe(false);
  });

  test('the night in which summer time begins is an hour shorter, the one in which it ends an hour longer', () => {
    const openHours = (from: string, to: string) => {
      const hours = Array.from({ length: (at(to) - at(from)) / 3_600_000 }, (_, hour) => at(from) + hour * 3_600_000);
      return hours.filter((hour) => isOpen(night, hour)).length;
    };
    expect(openHours('2026-03-21T12:00:00Z', '2026-03-22T12:00:00Z')).toBe(8);
    expect(openHours('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toBe(7);
    expect(openHours('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toBe(9);
  });

  test('an hour that comes twice counts twice; one that is left out is never asked for', () => {
    const early: Hours = { timeZone: 'Europe/Berlin', days: { sun: [{ from: '02:00', to: '03:00' }] } };
    expect(isOpen(early, at('2026-10-25T00:30:00Z'))).toBe(true);
    expect(isOpen(early, at('2026-10-25T01:30:00Z'))).toBe(true);
    expect(isOpen(early, at('2026-03-29T00:59:00Z'))).toBe(false);
    expect(isOpen(early, at('2026-03-29T01:00:00Z'))).toBe(false);
  });

  test('days begin where the group is: Kathmandu is 5 h 45 min ahead, Kiritimati 14 h', () => {
    const day = { mon: [{ from: '00:00', to: '24:00' }] };
    expect(isOpen({ timeZone: 'Asia/Kathmandu', days: day }, at('2026-03-01T18:15:00Z'))).toBe(true);
    expect(isOpen({ timeZone: 'Asia/Kathmandu', days: day }, at('2026-03-01T18:14:00Z'))).toBe(false);
    expect(isOpen({ timeZone: 'Pacific/Kiritimati', days: day }, at('2026-03-01T10:00:00Z'))).toBe(true);
    expect(isOpen({ timeZone: 'Pacific/Kiritimati', days: day }, at('2026-03-02T10:00:00Z'))).toBe(false);
  });

  test('several intervals of a day; none at all is closed; no hours are always open', () => {
    const siesta = [
      { from: '09:00', to: '13:00' },
      { from: '16:00', to: '20:00' },
    ];
    const hours: Hours = { timeZone: 'UTC', days: { mon: siesta, tue: [] } };
    expect(isOpen(hours, at('2026-03-02T12:00:00Z'))).toBe(true);
    expect(isOpen(hours, at('2026-03-02T14:00:00Z'))).toBe(false);
    expect(isOpen(hours, at('2026-03-03T12:00:00Z'))).toBe(false);
    expect(isOpen(null, at('2026-03-03T12:00:00Z'))).toBe(true);
  });

  test('a time zone that nobody knows keeps no customer out', () => {
    expect(isOpen({ timeZone: 'Nowhere/At_All', days: {} }, at('2026-03-03T12:00:00Z'))).toBe(true);
  });
});
