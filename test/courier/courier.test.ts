import { createServer, connect as connectTcp, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../courier/connection.ts';
import { startOptions } from '../../courier/start.ts';
import { workflowId, workflowType } from '../../workflows/conversation/messages.ts';
import { until } from '../support/until.ts';
import { counted } from './counted.ts';
import { oneTo, startEngine, type Engine } from './engine.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

const idOf = (answers: { conversationId?: string }[]): string => answers[0]?.conversationId ?? '';

describe('what is stored reaches its actor', () => {
  it('20 first messages at the same moment: one conversation, 20 messages, in order (B-6)', async () => {
    const courier = engine.startCourier();
    const answers = await Promise.all(oneTo(20).map((n) => engine.write(['b6'], `m${n}`)));
    const id = idOf(answers[0] ?? []);
    await engine.books.recorded([[id, 20]]);
    expect(engine.books.placesOf(id)).toEqual(oneTo(20));
    await courier.stop();
  });

  it('ten times the same webhook, also after its actor has completed: taken once (R6)', async () => {
    const courier = engine.startCourier();
    const answers = await Promise.all(oneTo(5).map(() => engine.write(['r6'], 'm1')));
    const id = idOf(answers[0] ?? []);
    await engine.books.recorded([[id, 1]]);
    await completed(id);
    await Promise.all(oneTo(5).map(() => engine.write(['r6'], 'm1')));
    await engine.write(['r6'], 'm2');
    await engine.books.recorded([[id, 2]]);
    expect(engine.books.placesOf(id)).toEqual([1, 2]);
    await courier.stop();
  });

  it('what was stored while no courier ran, in batches of the size that is allowed', async () => {
    for (const n of oneTo(7)) await engine.write(['left', 'over'], `m${n}`);
    const [left, over] = await engine.write(['left', 'over'], 'm8');
    const courier = engine.startCourier({ batch: 3 });
    const ids = [left?.conversationId ?? '', over?.conversationId ?? ''];
    await engine.books.recorded(ids.map((id) => [id, 8]));
    for (const id of ids) expect(engine.books.placesOf(id)).toEqual(oneTo(8));
    await courier.stop();
    expect(courier.stats().batches).toBeGreaterThanOrEqual(6);
  });

  it('from many conversations through several couriers, each in order and without a gap', async () => {
    const couriers = oneTo(3).map(() => engine.startCourier());
    const threads = oneTo(30).map((n) => `many-${n}`);
    const last = new Map<string, number>();
    await Promise.all(
      oneTo(12).map(async (n) => {
        const answers = await engine.write(threads, `m${n}`);
        for (const { conversationId = '', seq = 0 } of answers)
          last.set(conversationId, Math.max(seq, last.get(conversationId) ?? 0));
      }),
    );
    await engine.books.recorded(last);
    expect(last.size).toBe(30);
    for (const id of last.keys()) expect(engine.books.placesOf(id)).toEqual(oneTo(12));
    await Promise.all(couriers.map((courier) => courier.stop()));
  });
});

it('a burst in many conversations: as many signals are out at once as there are lanes, and no more', async () => {
  const threads = oneTo(40).map((n) => `burst-${n}`);
  const answers = await engine.write(threads, 'm1');
  const counting = counted(engine.worker.temporal.client, 'signalWithStart');
  const temporal = { ...engine.worker.temporal, client: counting.client };
  const courier = engine.startCourier({ temporal, concurrency: 3 });
  await engine.books.recorded(answers.map(({ conversationId = '' }) => [conversationId, 1]));
  await courier.stop();
  expect(counting.calls()).toBeGreaterThanOrEqual(threads.length);
  expect(counting.peak()).toBe(3);
});

/** Its run has ended by itself. */
async function completed(conversationId: string): Promise<void> {
  const id = workflowId({ accountId: engine.account.accountId, conversationId });
  await engine.worker.temporal.client.getHandle(id).result();
}

describe('an actor that lost what was handed to it', () => {
  it('terminated with rows in hand that it had not recorded: the next one gets them all', async () => {
    const courier = engine.startCourier();
    const id = idOf(await engine.write(['lost'], 'm1'));
    await engine.books.recorded([[id, 1]]);
    await completed(id);
    await courier.stop();
    // Handed over to a run that never recorded it.
    await engine.write(['lost'], 'm2');
    await engine.admin.query(
      'UPDATE mailboxes SET handed_seq = last_seq, waiting_at = NULL WHERE conversation_id = $1',
      [id],
    );
    const next = engine.startCourier();
    await engine.write(['lost'], 'm3');
    await engine.books.recorded([[id, 3]]);
    expect(engine.books.placesOf(id)).toEqual([1, 2, 3]);
    await next.stop();
  });
});

it('an actor that was gone before it recorded what was handed to it is found, though nobody writes again', async () => {
  const id = idOf(await engine.write(['gone'], 'm1'));
  await engine.admin.query(
    'UPDATE mailboxes SET handed_seq = last_seq, waiting_at = NULL, handed_at = $2 WHERE conversation_id = $1',
    [id, new Date(Date.now() - 60_000)],
  );
  const courier = engine.startCourier();
  await engine.books.recorded([[id, 1]]);
  expect(engine.books.placesOf(id)).toEqual([1]);
  await courier.stop();
});

describe('Temporal away', () => {
  it('messages are accepted, and delivered when it is back', async () => {
    const port = await unusedPort();
    const away = connect({ address: `127.0.0.1:${port}`, namespace: 'default' });
    const courier = engine.startCourier({ temporal: away });
    const answers = await Promise.all(oneTo(5).map((n) => engine.write(['away'], `m${n}`)));
    const id = idOf(answers[0] ?? []);
    expect(engine.books.placesOf(id)).toEqual([]);
    const proxy = await openProxy(port, inject('temporalAddress'));
    await engine.books.recorded([[id, 5]]);
    expect(engine.books.placesOf(id)).toEqual(oneTo(5));
    await courier.stop();
    await away.close();
    await proxy.close();
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function openProxy(port: number, target: string): Promise<{ close(): Promise<void> }> {
  const [host = '', targetPort = ''] = target.split(':');
  const proxy = createServer((socket) => {
    const onward = connectTcp(Number(targetPort), host);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => [socket, onward].forEach((one) => one.destroy()));
  });
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    close: () => new Promise((resolve) => proxy.close(() => resolve())),
  };
}

describe('the wake-up sweep', () => {
  it('starts an actor whose time is past and that does not run; it goes on from what is recorded', async () => {
    const courier = engine.startCourier();
    const id = idOf(await engine.write(['overdue'], 'm1'));
    await engine.books.recorded([[id, 1]]);
    await completed(id);
    const loadsBefore = engine.books.loads.length;
    await engine.admin.query('UPDATE actors SET wake_at = $2 WHERE conversation_id = $1', [
      id,
      new Date(Date.now() - 60_000),
    ]);
    await engine.books.until(() => engine.books.loads.slice(loadsBefore).some((load) => load.conversationId === id));
    await engine.admin.query('UPDATE actors SET wake_at = NULL WHERE conversation_id = $1', [id]);
    await courier.stop();
    expect(engine.books.placesOf(id)).toEqual([1]);
  });

  it('finds a live one, and leaves it alone', async () => {
    const { client } = engine.worker.temporal;
    const conversationId = idOf(await engine.write(['live'], 'm1'));
    // Nobody serves this queue, so it lives until it is terminated, and stays overdue.
    const actor = { accountId: engine.account.accountId, conversationId };
    const live = await client.start(workflowType, startOptions(actor, `nobody-${uuid()}`));
    const overdue = new Date(Date.now() - 60_000);
    await engine.admin.query('UPDATE actors SET wake_at = $2 WHERE conversation_id = $1', [conversationId, overdue]);
    await engine.admin.query(
      'UPDATE mailboxes SET handed_seq = last_seq, waiting_at = NULL, handed_at = $2 WHERE conversation_id = $1',
      [conversationId, new Date()],
    );
    const courier = engine.startCourier();
    await until(() => courier.stats().woken > 0);
    await courier.stop();
    const { events } = await live.fetchHistory();
    const description = await client.getHandle(live.workflowId).describe();
    await live.terminate();
    await engine.admin.query('UPDATE actors SET wake_at = NULL WHERE conversation_id = $1', [conversationId]);
    expect(description).toMatchObject({ runId: live.firstExecutionRunId, status: { name: 'RUNNING' } });
    // Its start and its first task: nobody has disturbed it.
    expect(events).toHaveLength(2);
  });
});
