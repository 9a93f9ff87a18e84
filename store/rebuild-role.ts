/**
 * A transaction in one account as the role that may make folds anew. Nobody logs in as it: the database's owner belongs to it
 * until the transaction ends, whichever way. Row-level security binds the role as it binds the processes'.
 */
import { hasState } from './failures.ts';
import type { Pool, Transaction } from './connection.ts';

/** `snapshot`: all is read as of one moment, and nothing of it stays. Throws `NotTheOwner`. */
export async function asRebuilder<T>(
  pool: Pool,
  accountId: string,
  { snapshot }: { snapshot: boolean },
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(snapshot ? 'BEGIN ISOLATION LEVEL REPEATABLE READ' : 'BEGIN');
    const leave = await takeRole(client);
    await client.query("SELECT set_config('baton.account', $1, true)", [accountId]);
    const result = await work(client);
    await leave();
    await client.query(snapshot ? 'ROLLBACK' : 'COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

const insufficientPrivilege = '42501';

/** A superuser may be anybody; anybody else has to belong to the role. */
async function takeRole(tx: Transaction): Promise<() => Promise<void>> {
  const { rows } = await tx.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  const isSuper = rows[0]?.super === true;
  try {
    if (!isSuper) await tx.query('GRANT baton_rebuild TO CURRENT_USER');
    await tx.query('SET LOCAL ROLE baton_rebuild');
  } catch (error) {
    if (hasState(error, insufficientPrivilege)) throw new NotTheOwner();
    throw error;
  }
  return async () => {
    await tx.query('RESET ROLE');
    if (!isSuper) await tx.query('REVOKE baton_rebuild FROM CURRENT_USER');
  };
}

export class NotTheOwner extends Error {
  constructor() {
    super('not-the-owner');
    this.name = 'NotTheOwner';
  }
}
