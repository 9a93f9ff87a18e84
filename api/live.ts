/** What clients that stay connected share: one listening connection, one reading of each account's feed, an orderly end. */
import type { FastifyInstance } from 'fastify';
import { describeError } from '../process/failures.ts';
import type { Pool } from '../store/connection.ts';
import { createFeedHub, type FeedHub } from './feed-hub.ts';
import { createEventStreams, type EventStreams } from './sse.ts';
import { createWakeUps, type WakeUps } from './wake-ups.ts';

export interface Live {
  hub: FeedHub;
  wakeUps: WakeUps;
  streams: EventStreams;
}

export function goLive(app: FastifyInstance, pool: Pool): Live {
  const wakeUps = createWakeUps(pool, (error) => app.log.warn({ err: describeError(error) }, 'does not listen'));
  const streams = createEventStreams();
  // Streams would keep the server from closing; their clients come back, to another process.
  app.addHook('preClose', async () => streams.endAll());
  app.addHook('onClose', () => wakeUps.close());
  return { hub: createFeedHub({ pool, wakeUps }), wakeUps, streams };
}
