/** What a scenario runs in: an installation with two APIs behind one address and two workers, and what it is made of. */
import { cpus, totalmem } from 'node:os';
import clientPackage from '@temporalio/client/package.json' with { type: 'json' };
import { connect } from '../../courier/connection.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { install, type Installation } from '../support/installation.ts';
import { type Front, startFront } from './front.ts';

export interface ArenaOptions {
  server: 'dev' | 'postgres';
  /** For API and workers alike. */
  environment?: Record<string, string>;
}

export interface Arena {
  readonly installation: Installation;
  readonly front: Front;
  /** Superuser's, for looking at what came of it, and for planting defects. */
  readonly admin: Pool;
  readonly versions: { postgres: string; temporal: string; server: string };
  close(): Promise<void>;
}

export async function openArena({ server, environment = {} }: ArenaOptions): Promise<Arena> {
  const front = await startFront();
  const installation = await install({ apis: 2, workers: 2, server, publicUrl: front.url, environment }).catch(
    async (error: unknown) => {
      await front.stop();
      throw error;
    },
  );
  front.leadTo(installation.urls);
  const admin = createPool({ url: installation.database.adminUrl, max: 4, name: 'baton-chaos' });
  // A machine under load is what is wanted: who looks on, and strikes, has the time that this takes.
  admin.options.connectionTimeoutMillis = 60_000;
  return {
    installation,
    front,
    admin,
    versions: { ...(await versionsOf(admin, installation.temporalAddress)), server },
    async close() {
      await admin.end();
      await installation.stop();
      await front.stop();
    },
  };
}

async function versionsOf(admin: Pool, address: string): Promise<{ postgres: string; temporal: string }> {
  const temporal = connect({ address, namespace: 'default' });
  try {
    const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
    const { serverVersion } = await temporal.client.connection.workflowService.getSystemInfo({});
    return { postgres: rows[0]?.server_version ?? '', temporal: serverVersion };
  } finally {
    await temporal.close();
  }
}

export function machine(): Record<string, string | number> {
  const [cpu] = cpus();
  return {
    cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    temporalSdk: clientPackage.version,
  };
}
