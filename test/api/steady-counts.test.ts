import { expect, test } from 'vitest';
import { SteadyCounts } from '../../api/steady-counts.ts';

const minute = 60_000;

function counting(cache?: number) {
  const time = { ms: 0 };
  const counts = new SteadyCounts(cache === undefined ? {} : { cache }, () => time.ms);
  const asked = (key: string): { current: number; ttl: number } | undefined => {
    let answer: { current: number; ttl: number } | undefined;
    counts.incr(key, (_, told) => (answer = told), minute);
    return answer;
  };
  const read = (key: string): { current: number; ttl: number } | undefined => {
    let answer: { current: number; ttl: number } | undefined;
    counts.read(key, (_, told) => (answer = told));
    return answer;
  };
  return { time, counts, asked, read };
}

test('counts within a window from the first request on, each key for itself', () => {
  const { time, asked } = counting();
  expect(asked('a')).toEqual({ current: 1, ttl: minute });
  time.ms = 1_000;
  expect(asked('a')).toEqual({ current: 2, ttl: minute - 1_000 });
  expect(asked('b')).toEqual({ current: 1, ttl: minute });
  time.ms = minute;
  expect(asked('a')).toEqual({ current: 1, ttl: minute });
});

test('reading counts nothing, and begins no window', () => {
  const { time, asked, read } = counting();
  expect(read('a')).toEqual({ current: 0, ttl: 0 });
  asked('a');
  time.ms = 500;
  expect(read('a')).toEqual({ current: 1, ttl: minute - 500 });
  expect(read('a')).toEqual({ current: 1, ttl: minute - 500 });
});

test('forgets whom it was asked for longest ago, where there are too many', () => {
  const { asked, read } = counting(2);
  for (const key of ['a', 'b', 'a', 'c']) asked(key);
  expect(['a', 'b', 'c'].map((key) => read(key)?.current)).toEqual([2, 0, 1]);
});

test('each limit counts for itself', () => {
  const { counts, asked } = counting();
  asked('a');
  counts.child().read('a', (_, told) => expect(told).toEqual({ current: 0, ttl: 0 }));
});

test('by its own clock a window ends, whatever the machine’s says', () => {
  const counts = new SteadyCounts({});
  const trueNow = Date.now;
  counts.incr('a', () => undefined, 1);
  const began = performance.now();
  Date.now = () => trueNow() - 60 * minute;
  try {
    while (performance.now() <= began + 1);
    counts.incr('a', (_, told) => expect(told?.current).toBe(1), 1);
  } finally {
    Date.now = trueNow;
  }
});
