import { once } from 'node:events';
import { createServer } from 'node:net';
import { readPrivateJson, writePrivateJson } from './private-file.ts';
import type { Log } from './servers/log.ts';
import { freePorts } from './servers/ports.ts';
import { hasCode } from './servers/error-codes.ts';

/** Whose port it is. */
export type PortOf = 'postgres' | 'temporal' | 'temporal-ui' | 'api' | 'worker' | 'bot' | 'desk' | 'backend';

export interface KeptPorts {
  /** That of the last run if it is free, so that bookmarks work; else one of the system's. */
  pick(of: PortOf): Promise<number>;
}

export async function keptPortsIn(file: string, log: Log): Promise<KeptPorts> {
  const kept: Partial<Record<PortOf, number>> = (await readPrivateJson(file)) ?? {};
  return {
    async pick(of) {
      const last = kept[of];
      if (last !== undefined && (await isFree(last))) return last;
      const [port] = await freePorts();
      if (last !== undefined)
        log(`port ${last} (${of} of the last run) is taken by somebody else; ${port} takes its place`);
      kept[of] = port;
      await writePrivateJson(file, kept);
      return port;
    },
  };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE', 'EACCES')) return false;
    throw error;
  }
  await once(server.close(), 'close');
  return true;
}
