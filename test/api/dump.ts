/** All that an account has, as the superuser sees it. */
import pg from 'pg';

/** What must be equal before and after: of each table how many rows, and a digest of them. */
export async function dumpAccount(adminUrl: string, accountId: string): Promise<Record<string, string>> {
  const rows = await ofEachTable(
    adminUrl,
    accountId,
    `count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '')`,
  );
  return Object.fromEntries(rows.map(({ name, answer }) => [name, answer]));
}

/** The tables in which a row of the account has this text somewhere. */
export async function tablesWith(adminUrl: string, accountId: string, text: string): Promise<string[]> {
  const rows = await ofEachTable(adminUrl, accountId, `coalesce(bool_or(strpos(t::text, $1) > 0), false)::text`, [
    text,
  ]);
  return rows.flatMap(({ name, answer }) => (answer === 'true' ? [name] : []));
}

async function ofEachTable(
  adminUrl: string,
  accountId: string,
  answer: string,
  values: string[] = [],
): Promise<{ name: string; answer: string }[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name = 'account_id' ORDER BY table_name`,
    );
    const selects = tables.map(
      ({ name }) => `SELECT '${name}' AS name, ${answer} AS answer FROM ${name} t WHERE account_id = '${accountId}'`,
    );
    return (await client.query<{ name: string; answer: string }>(selects.join(' UNION ALL '), values)).rows;
  } finally {
    await client.end();
  }
}
