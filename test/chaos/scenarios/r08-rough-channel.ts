import { seededNumbers } from '../../bench/seeded.ts';
import type { Answer, Plan } from '../../support/fake-channel.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** Longer than what is waited for after a first failure anyway. */
const pauseMs = 3_000;
/** Of a hundred attempts. */
const rough: [share: number, answer: Answer][] = [
  [3, { status: 429, headers: { 'retry-after': String(pauseMs / 1_000) } }],
  [3, { status: 500 }],
  [2, 'hang'],
  [2, 'accept-and-drop'],
];

/** Lost is nothing; what nobody knows of is unknown and named. A message that was told to come later comes later. */
export const r8: Scenario = {
  id: 'R8',
  title: 'channel: 3 % 429, 3 % 500, 2 % time-out, 2 % accepts and drops the connection',
  async run(arena, { messages, seed, isShort }) {
    const tooSoon: string[] = [];
    const counts: Record<string, number> = {};
    const outcome = await underLoad(arena, {
      load: { messages: isShort ? 200 : messages / 5, threads: isShort ? 20 : 200 },
      rage: async ({ over }, { channels }) => {
        const below = seededNumbers(seed);
        for (const { backend } of Object.values(channels)) backend.plan(roughly(below, tooSoon, counts));
        await over;
        return [];
      },
    });
    return withFindings(outcome, objectTo('retry-after', tooSoon), counts);
  },
};

function roughly(below: (limit: number) => number, tooSoon: string[], counts: Record<string, number>): Plan {
  const notBefore = new Map<string, number>();
  return ({ key }) => {
    const now = performance.now();
    const earliest = notBefore.get(key);
    if (earliest !== undefined && now < earliest) tooSoon.push(`${key} came ${Math.round(earliest - now)} ms too soon`);
    const answer = drawn(below(100));
    if (answer === null) return null;
    const name = typeof answer === 'object' ? String(answer.status) : answer;
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === '429') notBefore.set(key, now + pauseMs);
    return answer;
  };
}

function drawn(at: number): Answer | null {
  let up = 0;
  for (const [share, answer] of rough) {
    up += share;
    if (at < up) return answer;
  }
  return null;
}
