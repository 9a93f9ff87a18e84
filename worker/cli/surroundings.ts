/** What the commands work with: Postgres, Temporal where it is named, and the workflow code of this checkout. */
import { readFile } from 'node:fs/promises';
import { connect, type Temporal } from '../../courier/connection.ts';
import { createFetchHistory } from '../../courier/history.ts';
import { temporalTrouble } from '../../courier/trouble.ts';
import { readTemporalServer, type TemporalServer } from '../../process/temporal.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { FetchRun } from '../audit/histories.ts';
import { readSetting, requireSetting, Unusable, variableOf, type Env } from './settings.ts';
import { temporalUnusable, type AskedTemporal } from './troubles.ts';

export interface Surroundings {
  pool: Pool;
  /** null: none was named. */
  temporal: Temporal | null;
  /** null: no Temporal was named, so only exported histories are at hand. */
  fetchRunOf: ((id: ActorId) => FetchRun) | null;
}

/** Opens what `work` needs and closes it after. */
export async function withSurroundings<T>(env: Env, work: (surroundings: Surroundings) => Promise<T>): Promise<T> {
  const url = requireSetting(env, 'BATON_DATABASE_URL', 'where the conversations stand');
  const temporal = await connectTemporal(env);
  const pool = createPool({ url, max: 2, name: 'baton' });
  try {
    return await work({ pool, temporal, fetchRunOf: temporal && fetchRunOf(temporal) });
  } finally {
    await Promise.all([pool.end(), temporal?.close()]);
  }
}

/** Where `work` is about Temporal alone, and of no use without. */
export async function withTemporal<T>(env: Env, work: (client: Temporal['client']) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal(env);
  if (temporal === null) throw new Unusable('Set TEMPORAL_ADDRESS: where the workers’ Temporal is.');
  try {
    return await work(temporal.client);
  } finally {
    await temporal.close();
  }
}

/** Somebody waits for it. */
const reachWithinMs = 3_000;

interface Asked extends Temporal {
  asked: AskedTemporal;
}

async function connectTemporal(env: Env): Promise<Asked | null> {
  // Of its own where one shell names several servers: `TEMPORAL_ADDRESS` tells every Temporal tool where to go.
  const name = ['BATON_TEMPORAL_ADDRESS', 'TEMPORAL_ADDRESS'].find((one) => readSetting(env, one) !== undefined);
  const address = name === undefined ? undefined : readSetting(env, name);
  if (name === undefined || address === undefined) return null;
  const server = serverAt(env, address);
  const asked = { address, namespace: server.namespace, variable: variableOf(env, name) };
  const temporal = connect({ ...server, reachWithinMs });
  try {
    await temporal.reach();
  } catch (error) {
    await temporal.close();
    // A connection that comes about with nobody has no code.
    throw temporalUnusable(temporalTrouble(error) ?? 'away', asked);
  }
  return { ...temporal, asked };
}

function serverAt(env: Env, address: string): TemporalServer {
  try {
    return readTemporalServer(env, address);
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error));
  }
}

function fetchRunOf({ client, asked }: Asked): (id: ActorId) => FetchRun {
  const fetchHistory = createFetchHistory(client);
  return (id) => async (runId) => {
    const fetched = await fetchHistory(id, runId).catch((error: unknown) => {
      const trouble = temporalTrouble(error);
      throw trouble === null ? error : temporalUnusable(trouble, asked);
    });
    return fetched?.history ?? null;
  };
}

export interface WorkflowCode {
  code: string;
  /** Its build's name: a run that another one wrote may differ. */
  build: string;
}

/** A prebuilt bundle, or one of this checkout; quiet, whatever Temporal's runtime has to say. */
export async function loadWorkflowCode(env: Env, file: string | undefined): Promise<WorkflowCode> {
  const { DefaultLogger, Runtime } = await import('@temporalio/worker');
  try {
    // What goes wrong in a replay comes back as its result.
    const logger = new DefaultLogger('ERROR', () => undefined);
    Runtime.install({ logger, telemetryOptions: { logging: { filter: 'off' } } });
  } catch {
    // Whoever runs this in a process of theirs has installed one already.
  }
  const path = file ?? readSetting(env, 'BATON_WORKFLOW_BUNDLE');
  const build = readSetting(env, 'BATON_BUILD') ?? 'dev';
  if (path === undefined) return { code: (await (await import('../bundle.ts')).buildBundle()).code, build };
  const code = await readFile(path, 'utf8').catch(() => {
    throw new Unusable(`The bundle ${path} can't be read.`);
  });
  return { code, build };
}
