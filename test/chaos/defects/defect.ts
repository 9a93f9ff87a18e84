/**
 * Something wrong that is planted in a live installation, to see that the harness can fail. It lives here and not in the
 * product: as a careless change of one of the run's own database's functions, or in a worker's code.
 */
import type { Arena } from '../arena.ts';
import type { OracleName } from '../oracles/names.ts';
import type { Scenario } from '../scenario.ts';

export interface Defect {
  name: string;
  /** What such a product does. */
  says: string;
  /** Who has to object, whoever else does. */
  oracle: OracleName;
  /** What is played with it. */
  scenario: Scenario;
  plant(arena: Arena): Promise<Undo>;
}

export type Undo = () => Promise<void>;

/** One after the other, as one defect. */
export function all(...plants: Defect['plant'][]): Defect['plant'] {
  return async (arena) => {
    const undos: Undo[] = [];
    for (const plant of plants) undos.push(await plant(arena));
    return async () => {
      for (const undo of undos) await undo();
    };
  };
}
