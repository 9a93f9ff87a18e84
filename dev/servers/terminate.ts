import { hasCode } from './error-codes.ts';
import { isAlive, type ProcessId } from './process-identity.ts';
import { until } from './until.ts';

const SIGKILL_WITHIN_MS = 10_000;

/** Signals the process group that a server leads; false if it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** Asks with `signal`, insists with SIGKILL after `graceMs`, and returns when the process is gone. */
export async function terminate(id: ProcessId, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const gone = async () => !(await isAlive(id));
  if (await gone()) return;
  signalGroup(id.pid, signal);
  if (await until(gone, graceMs)) return;
  signalGroup(id.pid, 'SIGKILL');
  if (await until(gone, SIGKILL_WITHIN_MS)) return;
  throw new Error(`process ${id.pid} is still there ${SIGKILL_WITHIN_MS} ms after SIGKILL`);
}
