/**
 * One connection of the pool that listens for what commits anywhere. Notices are hints: whoever gets one reads what is
 * stored, and whoever might have missed some (the connection was lost) is told to look as well.
 */
import pg from 'pg';
import type { Pool } from './connection.ts';

export interface Listening {
  close(): Promise<void>;
}

export interface ListeningOptions {
  channels: readonly string[];
  onNotice(channel: string, payload: string): void;
  /** It listens (again): anything may have happened before. */
  onReady(): void;
  /** It could not listen, or no longer does; it tries again. */
  onLost(error: unknown): void;
  /** Wait between two tries to connect. */
  retryMs?: number;
}

export function startListening(
  pool: Pool,
  { channels, onNotice, onReady, onLost, retryMs = 1_000 }: ListeningOptions,
): Listening {
  let client: pg.PoolClient | null = null;
  let retry: NodeJS.Timeout | null = null;
  let connecting: Promise<void> = Promise.resolve();
  let closed = false;

  const lose = (lost: pg.PoolClient, error: unknown): void => {
    if (client !== lost) return;
    client = null;
    lost.removeAllListeners('notification');
    lost.release(true);
    again(error);
  };

  const again = (error: unknown): void => {
    if (closed) return;
    onLost(error);
    retry = setTimeout(() => {
      connecting = connect();
    }, retryMs);
    retry.unref();
  };

  const connect = async (): Promise<void> => {
    try {
      const mine = await pool.connect();
      client = mine;
      mine.on('error', (error) => lose(mine, error));
      mine.on('end', () => lose(mine, new Error('connection-ended')));
      mine.on('notification', ({ channel, payload }) => onNotice(channel, payload ?? ''));
      for (const channel of channels) await mine.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      if (!closed) onReady();
    } catch (error) {
      if (client === null) again(error);
      else lose(client, error);
    }
  };

  connecting = connect();
  return {
    async close() {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      await connecting;
      const open = client;
      client = null;
      // Not back into the pool: it still listens.
      open?.release(true);
    },
  };
}
