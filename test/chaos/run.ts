/** Runs scenarios one after another; those that need no installation of their own share one, each with an account of its own. */
import { type Arena, type ArenaOptions, openArena } from './arena.ts';
import type { OracleName } from './oracles/names.ts';
import type { Outcome, Scale, Scenario } from './scenario.ts';

export interface Ran extends Outcome {
  id: string;
  title: string;
  seed: number;
  seconds: number;
  versions: Arena['versions'];
  /** Of one with a planted defect: who has to object, all who do, and whether that one is among them. */
  planted?: { oracle: OracleName; objecting: OracleName[]; isSeen: boolean };
}

export async function* runAll(
  chosen: Scenario[],
  { server, scale }: { server: ArenaOptions['server']; scale: Scale },
): AsyncGenerator<Ran> {
  let shared: Arena | null = null;
  try {
    for (const scenario of chosen) {
      const arena: Arena = scenario.own
        ? await openArena({ server, ...scenario.own })
        : (shared ??= await openArena({ server }));
      const ran = await runOne(scenario, arena, scale);
      if (arena !== shared) await arena.close();
      yield ran;
    }
  } finally {
    await shared?.close();
  }
}

/** A scenario that can't be played to its end is a finding as well. */
export async function runOne({ id, title, run }: Scenario, arena: Arena, scale: Scale): Promise<Ran> {
  const startedAt = performance.now();
  const outcome = await run(arena, scale).catch((error: unknown): Outcome => {
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { findings: [{ oracle: 'played', says }], unknown: [], facts: {} };
  });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { id, title, seed: scale.seed, seconds, versions: arena.versions, ...outcome };
}
