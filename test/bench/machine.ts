/** What the figures were measured on. */
import { cpus, loadavg, totalmem } from 'node:os';
import clientPackage from '@temporalio/client/package.json' with { type: 'json' };
import { round } from './figures.ts';

export function describeMachine(): Record<string, string | number> {
  const [cpu] = cpus();
  return {
    cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: round(loadavg()[0] ?? NaN),
    node: process.version,
    temporalSdk: clientPackage.version,
  };
}
