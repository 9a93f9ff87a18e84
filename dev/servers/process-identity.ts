import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ifThere } from './error-codes.ts';

/** Names a process for good. A pid alone does not: pids are used again, in containers soon. */
export type ProcessId = { pid: number; startedAt: string };

/** The process that has this pid now; undefined if there is none, or if it has ended and waits to be reaped. */
export async function identify(pid: number): Promise<ProcessId | undefined> {
  const startedAt = process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export async function isAlive(id: ProcessId): Promise<boolean> {
  return (await identify(id.pid))?.startedAt === id.startedAt;
}

export async function thisProcess(): Promise<ProcessId> {
  const id = await identify(process.pid);
  if (!id) throw new Error(`process ${process.pid} does not find itself`);
  return id;
}

const ENDED = /^[ZX]/;

/** man 5 proc_pid_stat: the name is in parentheses and may hold anything; state is field 3, start time field 22. */
async function startFromProc(pid: number): Promise<string | undefined> {
  const stat = await ifThere(readFile(`/proc/${pid}/stat`, 'utf8'), ['ENOENT', 'ESRCH']);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ENDED.test(fields[0] ?? '') ? undefined : fields[19];
}

async function startFromPs(pid: number): Promise<string | undefined> {
  // 1 is what ps answers when there is no such process.
  const said = await ifThere(promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]), [1]);
  const [, state = '', start] = /^(\S+)\s+(.+?)\s*$/.exec(said?.stdout ?? '') ?? [];
  return ENDED.test(state) ? undefined : start;
}
