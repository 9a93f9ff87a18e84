import { describe, expect, test } from 'vitest';
import { createWatch } from '../../process/clock.ts';

/** A machine and a database, each with a clock of its own, and a way between them that takes its time. */
function surroundings(offMs = 0) {
  const real = { ms: 0 };
  const machine = { offMs };
  const database = { offMs: 0, isAway: false };
  const way = { ms: 0 };
  const said: string[] = [];
  const say = (...words: unknown[]): void => void said.push(words.filter((one) => typeof one === 'string').join());
  const watch = createWatch({
    async ask() {
      real.ms += way.ms / 2;
      const told = start + real.ms + database.offMs;
      real.ms += way.ms / 2;
      if (database.isAway) throw new Error('away');
      return told;
    },
    logger: { warn: say, info: say },
    own: () => start + real.ms + machine.offMs,
    steady: () => real.ms,
  });
  return { real, machine, database, way, said, watch, off: () => watch.now() - (start + real.ms) };
}

const start = Date.UTC(2030, 0, 1);
const hour = 3_600_000;

describe('the clock of a process', () => {
  test.each([hour, -hour, 5_000, -5_000])('does not follow when its machine’s clock is set by %d ms', async (ms) => {
    const { watch, machine, real, off } = surroundings();
    await watch.look();
    machine.offMs = ms;
    expect(off()).toBe(0);
    real.ms += 7_000;
    await watch.look();
    expect(off()).toBe(0);
    real.ms += 7_000;
    expect(off()).toBe(0);
  });

  test('is the database’s, halfway of the way there and back, where the machine’s is wrong from the start', async () => {
    const { watch, way, off } = surroundings(-hour);
    expect(watch.isSet()).toBe(false);
    expect(off()).toBe(-hour);
    way.ms = 80;
    await watch.look();
    expect(watch.isSet()).toBe(true);
    expect(off()).toBe(0);
  });

  test('is the machine’s where that is about right: a way to the database that is slow makes it no worse', async () => {
    const { watch, machine, way, off } = surroundings();
    machine.offMs = 40;
    way.ms = 900;
    await watch.look();
    expect(off()).toBe(40);
  });

  test('goes on from the last look while the database is away', async () => {
    const { watch, machine, database, real, off } = surroundings();
    await watch.look();
    database.isAway = true;
    machine.offMs = hour;
    real.ms += hour;
    await watch.look();
    expect(off()).toBe(0);
  });

  test('goes by another database that is gone on with', async () => {
    const { watch, database, off } = surroundings();
    await watch.look();
    database.offMs = 3_000;
    await watch.look();
    expect(off()).toBe(3_000);
  });

  test('says once that the machine’s is wrong, and once that it is right again', async () => {
    const { watch, machine, said } = surroundings();
    await watch.look();
    expect(said).toEqual([]);
    machine.offMs = hour;
    await watch.look();
    await watch.look();
    machine.offMs = 0;
    await watch.look();
    await watch.look();
    expect(said).toEqual([expect.stringContaining('wrong'), expect.stringContaining('right again')]);
  });
});
