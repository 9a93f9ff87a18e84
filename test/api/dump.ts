/** All that an account has, as the superuser sees it: what must be equal before and after. */
import pg from 'pg';

export async function dumpAccount(adminUrl: string, accountId: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name = 'account_id' ORDER BY table_name`,
    );
    const selects = tables.map(
      ({ name }) =>
        `SELECT '${name}' AS name, count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') AS digest
         FROM ${name} t WHERE account_id = '${accountId}'`,
    );
    const { rows } = await client.query<{ name: string; digest: string }>(selects.join(' UNION ALL '));
    return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
  } finally {
    await client.end();
  }
}
