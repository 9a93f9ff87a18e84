import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { oneTo, startEngine, type Engine } from './engine.ts';

let engine: Engine;
const couriers = new Set<ChildProcess>();

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await Promise.all([...couriers].map(kill));
  await engine.stop();
});

async function spawnCourier(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('courier-process.ts', import.meta.url));
  const parameters = [engine.database.courierUrl, inject('temporalAddress'), engine.worker.taskQueue];
  const courier = spawn(process.execPath, ['--import', 'tsx', script, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  couriers.add(courier);
  await once(courier.stdout, 'data');
  return courier;
}

async function kill(courier: ChildProcess): Promise<void> {
  couriers.delete(courier);
  courier.kill('SIGKILL');
  await once(courier, 'exit');
}

const rows = { threads: 20, each: 25, betweenKills: 60 };

it('two couriers, one of them killed again and again while messages come: every actor sees every place, in order', async () => {
  await Promise.all([spawnCourier(), spawnCourier()]);
  const threads = oneTo(rows.threads).map((n) => `t${n}`);
  const ids = new Set<string>();
  const taken = (): number => [...ids].reduce((sum, id) => sum + engine.books.placesOf(id).length, 0);

  const writing = (async () => {
    for (const n of oneTo(rows.each)) {
      for (const { conversationId = '' } of await engine.write(threads, `m${n}`)) ids.add(conversationId);
    }
  })();
  let kills = 0;
  const killing = (async () => {
    for (const target of oneTo(4).map((n) => n * rows.betweenKills)) {
      await engine.books.until(() => taken() >= target);
      const [oldest] = couriers;
      if (oldest) await kill(oldest);
      kills += 1;
      await spawnCourier();
    }
  })();

  await Promise.all([writing, killing]);
  await engine.books.recorded([...ids].map((id) => [id, rows.each]));
  expect(kills).toBe(4);
  expect(ids.size).toBe(rows.threads);
  for (const id of ids) expect(engine.books.placesOf(id)).toEqual(oneTo(rows.each));
}, 180_000);
