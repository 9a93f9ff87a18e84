/**
 * The short form of `npm run chaos`: the whole installation while everything in it dies in turn; customers write and agents
 * answer meanwhile, and afterwards all books are compared. And that it can fail: some of the defects of `--defects`.
 */
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { required } from '../support/required.ts';
import { type Arena, openArena } from './arena.ts';
import { defects } from './defects.ts';
import { playWith } from './defects/played.ts';
import { told } from './report.ts';
import { runOne } from './run.ts';
import { scenarios } from './scenarios.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);

let arena: Arena;
beforeAll(async () => {
  arena = await openArena({ server: 'dev' });
}, 240_000);
afterAll(() => arena.close());

/** R5 goes through what R1 (worker), R2 (Temporal), R3 (Postgres) and R4 (API) go through. */
const played = [['R5', 'R1, R2, R3, R4, R5']] as const;

test.each(played)(
  `%s (%s): nothing to object (seed ${seed})`,
  async (id) => {
    const ran = await runOne(required(scenarios.get(id)), arena, { seed, messages: 200, isShort: true });
    onTestFailed(() => console.error(`${told(ran)}\nagain: npm run chaos -- --short --only ${id} --seed ${seed}`));
    expect(ran.findings).toEqual([]);
    expect(ran.facts['messages']).toBeGreaterThanOrEqual(200);
  },
  300_000,
);

test.each(['acknowledged-unstored', 'place-counted-twice', 'entry-changed'])(
  'planted in the live installation, %s: its oracle objects',
  async (name) => {
    const ran = await playWith(required(defects.get(name)), arena, { seed, messages: 200, isShort: true });
    onTestFailed(() => console.error(`${told(ran)}\nagain: npm run chaos -- --defect ${name}`));
    expect(ran.planted?.isSeen).toBe(true);
  },
  120_000,
);
