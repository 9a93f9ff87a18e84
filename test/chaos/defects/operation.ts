/** How it is run. */
import type { Arena } from '../arena.ts';
import { r11 } from '../scenarios/r11-deadlines.ts';
import { r26 } from '../scenarios/r26-no-writing.ts';
import { r28 } from '../scenarios/r28-leaving.ts';
import type { Defect, Undo } from './defect.ts';

/** A setting of a role stands above one of the database. */
async function exceptFromReadOnly({ admin, installation: { database } }: Arena): Promise<Undo> {
  const { username } = new URL(database.apiUrl);
  await admin.query(`ALTER ROLE ${username} SET default_transaction_read_only = off`);
  return async () => {
    await admin.query(`ALTER ROLE ${username} RESET default_transaction_read_only`);
  };
}

/** The question for the database's time gets no answer: it asks for a function that somebody has put in the way. */
async function hideDatabaseClock({ admin }: Arena): Promise<Undo> {
  const { rows } = await admin.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  const name = rows[0]?.name ?? '';
  await admin.query(`CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'careless'; END $$`);
  await admin.query(`ALTER DATABASE ${name} SET search_path = public, pg_catalog`);
  return async () => {
    await admin.query(`ALTER DATABASE ${name} RESET search_path`);
    await admin.query('DROP FUNCTION public.clock_timestamp()');
  };
}

/** They hear the signal before the API's own code does, which takes its time. */
async function leaveAtOnce({ installation: { apis } }: Arena): Promise<Undo> {
  const settings = { NODE_OPTIONS: `--import=${new URL('leaves-at-once.js', import.meta.url).href}` };
  const restart = async (life: Record<string, string>): Promise<void> => {
    for (const api of apis) {
      await api.end('SIGKILL');
      await api.start(life);
    }
  };
  await restart(settings);
  return () => restart({});
}

export const operationDefects: Defect[] = [
  {
    name: 'fault-without-effect',
    says: 'a fault that does not reach the API',
    oracle: 'struck',
    scenario: r26,
    plant: exceptFromReadOnly,
  },
  {
    name: 'own-clock',
    says: 'processes that go by their machine’s clock, however wrong it is',
    oracle: 'clocks',
    scenario: r11,
    plant: hideDatabaseClock,
  },
  {
    name: 'leaves-at-once',
    says: 'an API that is gone as soon as it is asked to leave',
    oracle: 'leaving',
    scenario: r28,
    plant: leaveAtOnce,
  },
];
