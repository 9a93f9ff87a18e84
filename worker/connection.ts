/** The worker's way to Temporal: one that is up before Temporal waits for it. */
import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection, TransportError } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { TemporalServer } from '../process/temporal.ts';

const lookAgainMs = 1_000;
/** Left to itself, the SDK waits half a minute for a server that takes the connection and says nothing. */
const answersWithinMs = 10_000;

/** The SDK would compress every call; what goes back and forth are ids, and the server is near. The client never does. */
export const connectTo = ({ address, apiKey, tls }: Omit<TemporalServer, 'namespace'>): Promise<NativeConnection> =>
  NativeConnection.connect({
    address,
    grpcCompression: { codec: 'none' },
    ...(apiKey !== undefined && { apiKey }),
    ...(tls && { tls }),
  });

/** null: asked to leave before Temporal was there. */
export async function connectOnceThere(
  server: TemporalServer,
  logger: Logger,
  stopping: AbortSignal,
): Promise<NativeConnection | null> {
  for (let tries = 0; !stopping.aborted; tries += 1) {
    const connection = await tryToConnect(server, stopping);
    if (connection !== null) return connection;
    if (tries === 0) logger.warn({ address: server.address }, 'temporal is away; the worker waits for it');
    await pause(lookAgainMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  return null;
}

/** null: it isn't there, or does not answer in time, or nobody waits for it any more. Throws what won't pass by itself. */
async function tryToConnect(server: TemporalServer, stopping: AbortSignal): Promise<NativeConnection | null> {
  const over = new AbortController();
  const connecting = connectTo(server);
  const tooLate = pause(answersWithinMs, null, { signal: AbortSignal.any([stopping, over.signal]) }).catch(() => null);
  try {
    const connection = await Promise.race([connecting, tooLate]);
    if (connection === null) connecting.then((late) => late.close()).catch(() => undefined);
    return connection;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return null;
  } finally {
    over.abort();
  }
}
