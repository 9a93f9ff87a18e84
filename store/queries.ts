/**
 * Lists and partial updates, whose shape depends on the request: built with kysely, run in the caller's transaction.
 * Fixed statements stand as plain SQL in the functions that need them.
 */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Transaction } from './connection.ts';
import type { Tables } from './tables.ts';

/** Compiles only: it has no connection. */
export const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (self) => new PostgresIntrospector(self),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

export async function run<Row>(tx: Transaction, query: Compilable<Row>): Promise<Row[]> {
  const { sql, parameters } = query.compile();
  const result = await tx.query(sql, [...parameters]);
  return result.rows as Row[];
}

/** A page of a list in order of id (uuid v7: of age). One row more than `limit`: it says that there is a next page. */
export interface Page {
  limit: number;
  /** Id of the last row of the page before; null: from the start. */
  after: string | null;
}

/** node-postgres would make a Postgres array of it. */
export const json = (value: unknown): string => JSON.stringify(value);

/** For `ILIKE`: text in which the user's `%` and `_` are just signs. */
export const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
