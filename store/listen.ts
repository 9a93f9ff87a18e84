/**
 * Hears `NOTIFY` on a connection of its own (pools and transaction poolers can't). A notification only says "look": one
 * that is lost with a broken connection is made up for by calling `heard` after every new connection.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

export interface ListenOptions {
  url: string;
  channel: string;
  /** Application name, as the database's operators see it. */
  name: string;
  /** Something was notified, or may have been while nobody listened (payload null). */
  heard(payload: string | null): void;
  /** The connection is lost or could not be made; it is tried again. */
  failed(error: unknown): void;
}

export interface Listener {
  /** Resolves when it listens for the first time. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

const retryMs = { first: 100, most: 2_000 };

export function listen({ url, channel, name, heard, failed }: ListenOptions): Listener {
  const stopped = new AbortController();
  let client: pg.Client | null = null;
  let listening: () => void;
  const ready = new Promise<void>((resolve) => (listening = resolve));

  const connect = async (): Promise<void> => {
    const connection = new pg.Client({ connectionString: url, application_name: name, keepAlive: true });
    const lost = new Promise<never>((_, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('connection-ended')));
    });
    lost.catch(() => undefined); // also when it is lost before it is waited for
    connection.on('notification', ({ payload }) => heard(payload ?? null));
    client = connection;
    try {
      await connection.connect();
      await connection.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      listening();
      heard(null);
      await lost;
    } finally {
      await connection.end().catch(() => undefined); // it is broken already, and why is being thrown
    }
  };

  const keepListening = async (): Promise<void> => {
    let waitMs = retryMs.first;
    while (!stopped.signal.aborted) {
      const startedAt = performance.now();
      try {
        await connect();
      } catch (error) {
        if (stopped.signal.aborted) return;
        failed(error);
        waitMs = performance.now() - startedAt > retryMs.most ? retryMs.first : Math.min(waitMs * 2, retryMs.most);
        await pause(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  };
  const kept = keepListening();

  return {
    ready,
    async stop() {
      stopped.abort();
      await client?.end().catch(() => undefined);
      await kept;
    },
  };
}
