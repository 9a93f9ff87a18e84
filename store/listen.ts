/**
 * Hears `NOTIFY` on a connection that it takes from a pool and keeps. A notification only says "look": whoever might have
 * missed some, since the connection was lost, is told to look as well.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Pool } from './connection.ts';

export interface ListenOptions {
  pool: Pool;
  channels: readonly string[];
  heard(channel: string, payload: string): void;
  /** It listens, for the first time or again: anything may have happened before. */
  listening(): void;
  /** The connection is lost or could not be made; it is tried again. */
  failed(error: unknown): void;
}

export interface Listener {
  /** Resolves when it listens for the first time. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

const retryMs = { first: 100, most: 2_000 };

export function listen(options: ListenOptions): Listener {
  const stopped = new AbortController();
  let tellReady: () => void;
  const ready = new Promise<void>((resolve) => (tellReady = resolve));
  const listening = (): void => {
    tellReady();
    options.listening();
  };
  const kept = keepListening({ ...options, listening }, stopped.signal);
  return {
    ready,
    async stop() {
      stopped.abort();
      await kept;
    },
  };
}

async function keepListening(options: ListenOptions, stopped: AbortSignal): Promise<void> {
  let waitMs = retryMs.first;
  while (!stopped.aborted) {
    const startedAt = performance.now();
    try {
      await listenUntilLost(options, stopped);
    } catch (error) {
      if (stopped.aborted) return;
      options.failed(error);
      waitMs = performance.now() - startedAt > retryMs.most ? retryMs.first : Math.min(waitMs * 2, retryMs.most);
      await pause(waitMs, undefined, { signal: stopped }).catch(() => undefined);
    }
  }
}

/** Throws when the connection is lost; returns when it is stopped. */
async function listenUntilLost(
  { pool, channels, heard, listening }: ListenOptions,
  stopped: AbortSignal,
): Promise<void> {
  const connection = await pool.connect();
  try {
    const over = endOf(connection, stopped);
    connection.on('notification', ({ channel, payload }) => heard(channel, payload ?? ''));
    for (const channel of channels) await connection.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    if (stopped.aborted) return;
    listening();
    await over;
  } finally {
    // Not back into the pool: it still listens.
    connection.removeAllListeners('notification');
    connection.release(true);
  }
}

function endOf(connection: pg.PoolClient, stopped: AbortSignal): Promise<void> {
  const end = new Promise<void>((resolve, reject) => {
    const stop = (): void => resolve();
    stopped.addEventListener('abort', stop, { once: true });
    connection.on('error', reject);
    connection.on('end', () => {
      stopped.removeEventListener('abort', stop);
      reject(new Error('connection-ended'));
    });
  });
  end.catch(() => undefined); // also when it is lost before it is waited for
  return end;
}
