/** A database, an account, and the recording workflow with its books: what a courier's test needs around it. */
import { EventEmitter, once } from 'node:events';
import pino from 'pino';
import { startCourier, type Courier } from '../../courier/courier.ts';
import type { Temporal } from '../../courier/connection.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { acceptInbound, type Accepted, type InboundItem } from '../../store/inbound.ts';
import { setCursorBack } from '../../store/mailboxes.ts';
import type { ActorId, InboxRow } from '../../workflows/conversation/messages.ts';
import { createTestDatabase, seedAccount, type SeededAccount, type TestDatabase } from '../support/database.ts';
import { startTestWorker, type TestWorker } from './workers.ts';
import type { Books } from './workflows/recording.ts';

export interface Engine {
  database: TestDatabase;
  /** Logs in as the API, as the courier, and as the superuser. */
  api: Pool;
  courierPool: Pool;
  admin: Pool;
  worker: TestWorker;
  account: SeededAccount;
  books: ConversationBooks;
  /** Stores one message in each of these threads, in one webhook. */
  write(threads: string[], externalId: string): Promise<Accepted[]>;
  startCourier(options?: { temporal?: Temporal; concurrency?: number; batch?: number }): Courier;
  stop(): Promise<void>;
}

export interface ConversationBooks extends Books {
  /** Places in the order in which they were recorded. */
  placesOf(conversationId: string): number[];
  /** Every call of `load`, by conversation. */
  readonly loads: { conversationId: string; inHand: number | null }[];
  /** Resolves when it is so; looked at after every entry. */
  until(condition: () => boolean): Promise<void>;
  /** Resolves when all of these have been recorded up to their place. */
  recorded(upTo: Iterable<[conversationId: string, seq: number]>): Promise<void>;
}

export async function startEngine(): Promise<Engine> {
  const database = await createTestDatabase();
  const api = createPool({ url: database.apiUrl, max: 10, name: 'test-api' });
  const workerPool = createPool({ url: database.workerUrl, max: 5, name: 'test-worker' });
  const courierPool = createPool({ url: database.courierUrl, max: 10, name: 'test-courier' });
  const admin = createPool({ url: database.adminUrl, max: 2, name: 'test-admin' });
  const account = await seedAccount(api);
  const books = openBooks(workerPool);
  const worker = await startTestWorker('recording', { ...books });
  const couriers: Courier[] = [];
  return {
    database,
    api,
    courierPool,
    admin,
    worker,
    account,
    books,
    write: (threads, externalId) =>
      acceptInbound(api, {
        accountId: account.accountId,
        sourceId: account.channelId,
        at: Date.now(),
        items: threads.map((thread) => message(thread, `${thread}/${externalId}`)),
      }),
    startCourier: ({ temporal = worker.temporal, concurrency = 2, batch = 200 } = {}) => {
      const courier = startCourier({
        pool: courierPool,
        client: temporal.client,
        taskQueue: worker.taskQueue,
        logger: pino({ enabled: false }),
        concurrency,
        batch,
      });
      couriers.push(courier);
      return courier;
    },
    async stop() {
      await Promise.all(couriers.map((courier) => courier.stop()));
      await worker.stop();
      await Promise.all([api.end(), workerPool.end(), courierPool.end(), admin.end()]);
      await database.drop();
    },
  };
}

function message(thread: string, externalId: string): InboundItem {
  return { kind: 'message', externalId, thread, contact: { externalId: thread }, content: { text: externalId } };
}

function openBooks(pool: Pool): ConversationBooks {
  const places = new Map<string, number[]>();
  const loads: ConversationBooks['loads'] = [];
  const changes = new EventEmitter();
  changes.setMaxListeners(0);
  const placesOf = (id: string): number[] => places.get(id) ?? [];
  const lastOf = (id: string): number => placesOf(id).at(-1) ?? 0;
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await once(changes, 'change');
  };

  return {
    placesOf,
    loads,
    async load(actor, inHand) {
      const { conversationId } = actor;
      loads.push({ conversationId, inHand });
      changes.emit('change');
      const seq = lastOf(conversationId);
      if (inHand === null || inHand > seq + 1) await setCursorBack(pool, actor, seq, Date.now());
      return seq;
    },
    record({ conversationId }: ActorId, rows: InboxRow[]) {
      const taken = placesOf(conversationId);
      // An earlier try may have recorded some of them.
      for (const { seq } of rows) if (seq === (taken.at(-1) ?? 0) + 1) taken.push(seq);
      places.set(conversationId, taken);
      changes.emit('change');
      return Promise.resolve(lastOf(conversationId));
    },
    askAgain: (actor, seq) => setCursorBack(pool, actor, seq, Date.now()),
    until,
    recorded(upTo) {
      const wanted = [...upTo];
      return until(() => wanted.every(([id, seq]) => lastOf(id) >= seq));
    },
  };
}

/** Numbers from 1. */
export const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
