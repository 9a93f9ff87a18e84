import { setTimeout as pause } from 'node:timers/promises';
import { withFullDisk } from '../full-disk.ts';
import type { Load } from '../load.ts';
import { makeReadOnly } from '../read-only.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { type Fault, rageThrough } from '../storm.ts';
import { underLoad } from '../under-load.ts';

/** Each fault lasts until so many webhooks were refused. */
const refusals = 5;

/** Meanwhile 503 and Retry-After, and never a false 2xx: the oracles `answers` and `falseAcknowledgement`. */
export const r26: Scenario = {
  id: 'R26',
  title: 'Postgres is read-only, and its disk is full',
  run: (arena, { messages, isShort }) =>
    withFullDisk(arena, async (disk) => {
      const times = isShort ? 1 : 10;
      let unrefused = 0;
      const outcome = await underLoad(arena, {
        // Slow enough that there is something to refuse until a disk is full.
        load: {
          messages: isShort ? messages * 2 : messages,
          threads: isShort ? 20 : 200,
          perSecond: isShort ? 40 : 60,
        },
        rage(load) {
          const lasting = (name: string, begin: () => Promise<() => Promise<void>>): Fault => ({
            name,
            async strike() {
              const end = await begin();
              unrefused += (await isRefusing(load)) ? 0 : 1;
              await end();
            },
          });
          const faults = Array.from({ length: times }, () => [
            lasting('read-only', () => makeReadOnly(arena)),
            lasting(disk.name, () => disk.fill()),
          ]);
          return rageThrough(load, faults.flat());
        },
      });
      const wrong = unrefused === 0 ? [] : [`${unrefused} times nobody was refused: the fault was none`];
      return withFindings(outcome, objectTo('struck', wrong));
    }),
};

/** False: everything was written before. */
async function isRefusing({ ledger, messages }: Load): Promise<boolean> {
  const seen = ledger.answers.length;
  while (ledger.acknowledged.length < messages) {
    const since = ledger.answers.slice(seen).filter(({ call, status }) => call === 'webhook' && status === 503);
    if (since.length >= refusals) return true;
    await pause(50);
  }
  return false;
}
