import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from './servers/log.ts';
import { identify, isAlive, type ProcessId } from './servers/process-identity.ts';

/** Something that was started and must be stopped: a process, or a server within this one. */
export interface Part {
  name: string;
  /** Later stages stop first, those of one stage at once: nothing loses what it stands on. */
  stage: Stage;
  /** Of a process of its own; absent where it is part of this one. */
  pid?: number;
  logFile?: string;
  stop: () => Promise<void>;
}

export type Stage = 'postgres' | 'temporal' | 'demo' | 'worker' | 'api';
const stages: Stage[] = ['postgres', 'temporal', 'demo', 'worker', 'api'];

export interface Parts {
  add(part: Part): Promise<void>;
  /** The first one that ends by itself. Never rejects. */
  firstToEnd(signal: AbortSignal): Promise<Part | undefined>;
  /** Stops all that is there; one that fails doesn't keep the others. Throws the first failure at the end. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 500;

export function createParts(log: Log): Parts {
  const parts: Part[] = [];
  const watched = new Map<Part, ProcessId>();

  const ended = async (): Promise<Part | undefined> => {
    for (const [part, id] of watched) if (!(await isAlive(id))) return part;
    return undefined;
  };

  return {
    async add(part) {
      parts.push(part);
      const id = part.pid === undefined ? undefined : await identify(part.pid);
      if (id) watched.set(part, id);
    },
    async firstToEnd(signal) {
      while (!signal.aborted) {
        const part = await ended();
        if (part) return part;
        await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
      return undefined;
    },
    async stop() {
      const failures: unknown[] = [];
      for (const stage of stages.toReversed()) {
        const these = parts.filter((part) => part.stage === stage);
        if (these.length > 0) log(`stopping ${these.map(({ name }) => name).join(', ')}`);
        const results = await Promise.allSettled(these.map((part) => part.stop()));
        failures.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
