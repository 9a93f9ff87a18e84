/**
 * A database that is switched to read-only as an operator (or a failover) does it: by its default, and by ending the
 * connections that have the old one. When it is over nobody ends connections: those who have the wrong one get a new one by
 * themselves.
 */
import type { Arena } from './arena.ts';

/** Answers how it ends. */
export async function makeReadOnly({ admin }: Arena): Promise<() => Promise<void>> {
  const { rows } = await admin.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  const name = rows[0]?.name ?? '';
  await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> $1`,
    ['baton-chaos'],
  );
  return async () => {
    await admin.query(`BEGIN READ WRITE; ALTER DATABASE ${name} RESET default_transaction_read_only; COMMIT`);
  };
}
