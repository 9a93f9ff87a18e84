/**
 * The way to Temporal. Made without asking whether it is there: a process starts, accepts messages and keeps them while
 * Temporal is away, and goes on when it is back.
 */
import { Connection, isRetryableError, makeGrpcRetryInterceptor, WorkflowClient } from '@temporalio/client';
import type { TemporalServer } from '../process/temporal.ts';
import { temporalTrouble, type TemporalTrouble } from './trouble.ts';

export interface TemporalOptions extends TemporalServer {
  /** For `reach`; 10 s, if nothing is said. */
  reachWithinMs?: number;
}

export interface Temporal {
  client: WorkflowClient;
  /** Rejects where the server has not answered in time. Only whoever can't go on without it has to ask. */
  reach(): Promise<void>;
  /** null: it answers. Else why it doesn't; told soon, since somebody waits for it. */
  trouble(): Promise<TemporalTrouble | 'unknown' | null>;
  close(): Promise<void>;
}

/** A server that comes back is found again within about a second; left to itself, gRPC waits up to two minutes. */
const reconnectMs = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** Orchestrators wait a second for a probe. */
const troubleWithinMs = 500;

/** Calls repeat themselves for some seconds, within their deadline where they have one. (This client never compresses.) */
const retries = makeGrpcRetryInterceptor({
  retryableDecider: (attempt, status) => attempt <= 15 && isRetryableError(status),
  delayFunction: (attempt) => Math.min(1_000, 50 * 2 ** attempt) * (0.8 + 0.4 * Math.random()),
});

export function connect({ address, namespace, apiKey, tls, reachWithinMs }: TemporalOptions): Temporal {
  const connection = Connection.lazy({
    address,
    ...(apiKey !== undefined && { apiKey }),
    ...(tls && { tls }),
    ...(reachWithinMs !== undefined && { connectTimeout: reachWithinMs }),
    channelArgs: reconnectMs,
    interceptors: [retries],
  });
  return {
    client: new WorkflowClient({ connection, namespace }),
    reach: () => connection.ensureConnected(),
    async trouble() {
      const ask = () => connection.workflowService.describeNamespace({ namespace });
      try {
        await connection.withDeadline(Date.now() + troubleWithinMs, ask);
        return null;
      } catch (error) {
        return temporalTrouble(error) ?? 'unknown';
      }
    },
    close: () => connection.close(),
  };
}
