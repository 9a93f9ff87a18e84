/**
 * Something wrong that is planted in a live installation, to see that the harness can fail. It lives here and not in the
 * product: as a careless change of one of the run's own database's functions, or in a worker's code.
 */
import type { Arena } from '../arena.ts';
import type { Scenario } from '../scenario.ts';

export interface Defect {
  name: string;
  /** What such a product does. */
  says: string;
  /** Who has to object, whoever else does. */
  oracle: string;
  /** What is played with it. */
  scenario: Scenario;
  plant(arena: Arena): Promise<Undo>;
}

export type Undo = () => Promise<void>;
