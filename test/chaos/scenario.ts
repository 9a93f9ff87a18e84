/** A scenario: what is done to the product, and what came of it. */
import type { Arena, ArenaOptions } from './arena.ts';
import type { Finding } from './evidence.ts';
import type { OracleName } from './oracles/names.ts';

export interface Scale {
  seed: number;
  /** Of customers, at the least. */
  messages: number;
  isShort: boolean;
}

export interface Outcome {
  findings: Finding[];
  /** Sends whose fate nobody knows, each named. */
  unknown: string[];
  /** What was done, and how much of it. */
  facts: Record<string, number | string>;
}

export interface Scenario {
  id: string;
  title: string;
  /** Where it needs an installation of its own. */
  own?: Partial<ArenaOptions>;
  run(arena: Arena, scale: Scale): Promise<Outcome>;
}

/** What a scenario objects to by itself, beside the oracles. */
export function objectTo(oracle: OracleName, wrong: string[]): Finding[] {
  return wrong.map((says) => ({ oracle, says }));
}

export function withFindings(outcome: Outcome, findings: Finding[], facts: Outcome['facts'] = {}): Outcome {
  return { ...outcome, findings: [...outcome.findings, ...findings], facts: { ...outcome.facts, ...facts } };
}
