/**
 * `npm run bench:checkpoints -- [--conversations N]`: what it costs a worker to sign an hour in which as many conversations of
 * one account changed, and one in which a hundredth of them did. On a Postgres of its own with fsync on; no Temporal is needed.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { removeDataDir } from '../../../dev/servers/postgres-home.ts';
import { startPostgres } from '../../../dev/servers/postgres.ts';
import { runsDir } from '../../../dev/servers/surroundings.ts';
import { createPool, type Pool } from '../../../store/connection.ts';
import { readSigner } from '../../../worker/audit/checkpoints/keys.ts';
import { sweepCheckpoints } from '../../../worker/checkpoint-sweep.ts';
import { seedAccount } from '../../support/account.ts';
import { createDatabaseOn } from '../../support/database-server.ts';
import { table, type Figure } from '../figures.ts';
import { describeMachine } from '../machine.ts';
import { fill, recordInSome } from './heads.ts';
import { watch } from './watched.ts';

const { values } = parseArgs({ options: { conversations: { type: 'string', default: '100000' } } });
const conversations = Number(values.conversations);
const hourMs = 3_600_000;

await mkdir(runsDir, { recursive: true });
const dataDir = await mkdtemp(join(runsDir, 'bench-checkpoints-'));
const postgres = await startPostgres({ dataDir, log: (line) => console.error(line) });
try {
  const database = await createDatabaseOn(postgres.adminUrl);
  const [admin, api, worker] = [database.adminUrl, database.apiUrl, database.workerUrl].map((url) =>
    createPool({ url, max: 4, name: 'bench' }),
  ) as [Pool, Pool, Pool];
  const account = await seedAccount(api);
  await fill(admin, account, conversations);

  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sweepAt = (hour: number): Promise<number> =>
    sweepCheckpoints({ pool: worker, signer: readSigner(key), clock: () => hour, logger: pino() });
  const now = Date.now();
  const all = await watch(admin, () => sweepAt(now));
  await recordInSome(admin, account, Math.ceil(conversations / 100));
  const few = await watch(admin, () => sweepAt(now + hourMs));
  const { rows } = await admin.query<{ heads: number; bytes: number }>(
    `SELECT count(*) AS heads, pg_total_relation_size('checkpoint_heads') AS bytes FROM checkpoint_heads`,
  );
  const stored: Figure[] = [
    { name: 'heads signed', value: rows[0]?.heads ?? 0, unit: '' },
    {
      name: 'on disk',
      value: Math.round((rows[0]?.bytes ?? 0) / Math.max(1, rows[0]?.heads ?? 1)),
      unit: 'bytes a head',
    },
  ];
  console.log(JSON.stringify(describeMachine()));
  console.log(table(`An hour in which all ${conversations} conversations changed`, all));
  console.log(table('An hour in which a hundredth of them did', few));
  console.log(table('Both', stored));
  await Promise.all([admin, api, worker].map((pool) => pool.end()));
} finally {
  await postgres.stop();
  await removeDataDir(dataDir);
}
