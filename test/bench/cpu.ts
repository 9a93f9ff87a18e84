/**
 * CPU time of processes and what they started, from /proc: unlike wall time it says something on a machine that does
 * other things, too. Elsewhere than on Linux there is none.
 */
import { readdir, readFile } from 'node:fs/promises';

/** Of `sysconf(_SC_CLK_TCK)`, which is this on every Linux that Node runs on. */
const msPerTick = 10;

export interface CpuMeter {
  /** ms of CPU since the meter was made, by name; `others`: of all else that the machine did. */
  spent(): Promise<Record<string, number>>;
}

/** `pids`: a process by name; those not known are left out. */
export async function createCpuMeter(pids: Record<string, number | undefined>): Promise<CpuMeter> {
  const read = async (): Promise<Record<string, number>> => {
    const processes = await allProcesses();
    const known = Object.entries(pids).flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid] as const]));
    const apart = new Set(known.map(([, pid]) => pid));
    const ours = Object.fromEntries(known.map(([name, pid]) => [name, ticksOf(pid, processes, apart) * msPerTick]));
    const sum = Object.values(ours).reduce((all, ms) => all + ms, 0);
    return { ...ours, others: (await busyTicks()) * msPerTick - sum };
  };
  const before = await read();
  return {
    async spent() {
      const after = await read();
      return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
    },
  };
}

/** man 5 proc, `stat`: user, nice, system, idle, iowait, irq, softirq, steal. */
async function busyTicks(): Promise<number> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
  const fields = stat.split('\n', 1)[0]?.split(/ +/).slice(1).map(Number) ?? [];
  return [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
}

interface ProcessTicks {
  parent: number;
  ticks: number;
}

async function allProcesses(): Promise<Map<number, ProcessTicks>> {
  const processes = new Map<number, ProcessTicks>();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => null); // it may have ended meanwhile
    if (stat === null) continue;
    // man 5 proc: the name, in brackets, may hold anything; then state, ppid, …, utime (12th), stime, cutime, cstime.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
    processes.set(Number(name), { parent: fields[1] ?? 0, ticks });
  }
  return processes;
}

/** With all descendants but those that are counted under a name of their own. */
function ticksOf(pid: number, processes: Map<number, ProcessTicks>, apart: Set<number>): number {
  const children = [...processes].filter(([child, { parent }]) => parent === pid && !apart.has(child));
  return children.reduce((sum, [child]) => sum + ticksOf(child, processes, apart), processes.get(pid)?.ticks ?? 0);
}
