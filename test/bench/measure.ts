/** What every measure is: one line of the table of speed, carried out from outside on an arena. */
import type { Arena } from './arena.ts';
import type { Figure } from './figures.ts';

export interface Measure {
  title: string;
  run(stage: Stage): Promise<Figure[]>;
}

export interface Stage {
  arena: Arena;
  /** Chooses the conversation of each message. */
  seed: number;
  /** Fewer and shorter: for seeing that it works, and for counts; ratios are then rough. */
  short: boolean;
}

/** Past this, what has not come is lost. */
export const patienceMs = 60_000;
