/** Every column of the database in which a canary stands. */
import type { Pool } from '../../../store/connection.ts';
import { found } from './canaries.ts';

/** `table.column` → fields. `admin`: superuser's. */
export async function placesIn(admin: Pool, planted: Map<string, string>): Promise<Map<string, Set<string>>> {
  const places = new Map<string, Set<string>>();
  const { rows: columns } = await admin.query<{ table: string; column: string }>(
    `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
       JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2`,
  );
  for (const { table, column } of columns) {
    // Bytes as text would be hexadecimal; `escape` leaves what can be read as it is.
    const { rows } = await admin.query<{ value: string | null }>(
      `SELECT CASE WHEN pg_typeof("${column}") = 'bytea'::regtype THEN encode("${column}"::text::bytea, 'escape')
                   ELSE "${column}"::text END AS value FROM "${table}"`,
    );
    const fields = new Set(rows.flatMap(({ value }) => found(planted, value ?? '')));
    if (fields.size > 0) places.set(`${table}.${column}`, fields);
  }
  return places;
}
