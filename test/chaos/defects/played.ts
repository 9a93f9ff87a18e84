/** Plays scenarios with a defect planted, one after another, and tells whether who has to object does. */
import { type ArenaOptions, openArena, type Arena } from '../arena.ts';
import { type Ran, runOne } from '../run.ts';
import type { Scale } from '../scenario.ts';
import type { Defect } from './defect.ts';

export async function* playAll(
  chosen: Defect[],
  { server, scale }: { server: ArenaOptions['server']; scale: Scale },
): AsyncGenerator<Ran> {
  const arena = await openArena({ server });
  try {
    for (const defect of chosen) yield await playWith(defect, arena, scale);
  } finally {
    await arena.close();
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
