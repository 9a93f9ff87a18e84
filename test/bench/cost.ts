/** What a measure's work costs, apart from what stands before and between: CPU by process, transactions, batches. */
import type { Arena } from './arena.ts';
import { createCpuMeter } from './cpu.ts';
import { hundredths, round, type Figure } from './figures.ts';

export interface Cost {
  /** Counts what happens during this piece of work. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Of all the pieces, divided by so many messages, or what `unit` calls them. */
  figures(count: number, unit?: string): Figure[];
}

export function createCost(arena: Arena): Cost {
  const cpu = new Map<string, number>();
  let [transactions, batches, rows] = [0, 0, 0];
  return {
    async during(work) {
      const meter = await createCpuMeter(arena.pids());
      const [handedOver, committed] = [await arena.handedOver(), await arena.transactions()];
      const result = await work();
      for (const [name, ms] of Object.entries(await meter.spent())) cpu.set(name, (cpu.get(name) ?? 0) + ms);
      const after = await arena.handedOver();
      batches += after.batches - handedOver.batches;
      rows += after.rows - handedOver.rows;
      transactions += (await arena.transactions()) - committed;
      return result;
    },
    figures: (count, unit = 'message') => [
      ...[...cpu].map(([name, ms]) => ({
        name: `CPU of ${name}`,
        value: hundredths(ms / count),
        unit: `ms a ${unit}`,
      })),
      { name: 'transactions of our database', value: hundredths(transactions / count), unit: `a ${unit}` },
      ...(batches > 0 ? [{ name: 'rows in a batch', value: round(rows / batches), unit: '' }] : []),
    ],
  };
}
