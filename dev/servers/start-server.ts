import { setTimeout as wait } from 'node:timers/promises';
import type { ServerProcess } from './process.ts';
import { until } from './until.ts';

/** A server that was just started, and a question that is asked until it is answered with yes. */
export type Launch = { name: string; server: ServerProcess; isReady: () => Promise<boolean> };

const READY_WITHIN_MS = 60_000;
const ATTEMPTS = 20;
const BETWEEN_ATTEMPTS_MS = 250;
const CHARACTERS_IN_ERROR = 3_000;

/**
 * Launches a server and waits until it is ready. If it exits with an output that `passing` matches (its port was taken
 * in between, a predecessor is not quite gone), it is launched anew. Throws with the end of its output otherwise.
 */
export async function startServer(launch: () => Promise<Launch>, passing: RegExp): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const { name, server, isReady } = await launch();
    const settled = await until(async () => server.hasExited() || (await isReady()), READY_WITHIN_MS);
    if (settled && !server.hasExited()) return server;

    const output = await server.output();
    await server.stop();
    if (!passing.test(output) || attempt === ATTEMPTS) {
      const what = settled ? 'ended at its start' : `was not ready after ${READY_WITHIN_MS / 1000} s`;
      throw new Error(`${name} ${what}. Its last words:\n${output.slice(-CHARACTERS_IN_ERROR)}`);
    }
    await wait(BETWEEN_ATTEMPTS_MS);
  }
}
