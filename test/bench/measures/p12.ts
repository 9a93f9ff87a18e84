import { v7 as uuid } from 'uuid';
import { drained, handedOver } from '../conversations.ts';
import { atMost, percentiles } from '../figures.ts';
import { patienceMs, type Measure } from '../measure.ts';

export const p12: Measure = {
  title: 'P12: API ready, and a worker’s first task, with programs that were built before',
  async run({ arena, short }) {
    const rounds = short ? 1 : 5;
    const api = await arena.prepareApi();
    const account = await arena.createAccount();
    const [apiMs, workerMs, taskMs]: number[][] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      apiMs?.push(await api.start());
      await api.stop();
      await arena.worker.stop();
      await account.write(uuid(), 1);
      await handedOver(arena, account, patienceMs);
      const startedAt = performance.now();
      const starting = arena.worker.start();
      await drained(arena, account, patienceMs);
      taskMs?.push(performance.now() - startedAt);
      workerMs?.push(await starting);
    }
    return [
      atMost('API ready after, p50', percentiles(apiMs ?? []).p50, 'ms', 1_000),
      { name: 'worker ready after, p50', value: percentiles(workerMs ?? []).p50, unit: 'ms' },
      atMost('worker’s first task recorded after, p50', percentiles(taskMs ?? []).p50, 'ms', 3_000),
    ];
  },
};
