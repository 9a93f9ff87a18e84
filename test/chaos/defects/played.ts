/** Plays scenarios with a defect planted, one after another, and tells whether who has to object does. */
import { type ArenaOptions, openArena, type Arena } from '../arena.ts';
import { type Ran, runOne } from '../run.ts';
import type { Scale } from '../scenario.ts';
import type { Defect } from './defect.ts';

export async function* playAll(
  chosen: Defect[],
  { server, scale }: { server: ArenaOptions['server']; scale: Scale },
): AsyncGenerator<Ran> {
  let shared: Arena | null = null;
  try {
    for (const defect of chosen) {
      const { own } = defect.scenario;
      const arena: Arena = own ? await openArena({ server, ...own }) : (shared ??= await openArena({ server }));
      const ran = await playWith(defect, arena, scale);
      if (arena !== shared) await arena.close();
      yield ran;
    }
  } finally {
    await shared?.close();
  }
}

/** Nothing of it is left afterwards but its account. */
export async function playWith(defect: Defect, arena: Arena, scale: Scale): Promise<Ran> {
  const undo = await defect.plant(arena);
  try {
    const ran = await runOne(defect.scenario, arena, scale);
    const objecting = [...new Set(ran.findings.map(({ oracle }) => oracle))];
    const { name, oracle, says } = defect;
    return { ...ran, title: `${name}: ${says}`, planted: { oracle, objecting, isSeen: objecting.includes(oracle) } };
  } finally {
    await undo();
  }
}
