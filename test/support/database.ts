import { inject } from 'vitest';
import type {} from './servers.ts';
import { createDatabaseOn, type TestDatabase } from './database-server.ts';

export type { TestDatabase };
export { seedAccount, type SeededAccount } from './account.ts';

/** A fresh, migrated database for one test file; `drop` it in `afterAll`. */
export function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('adminUrl') ?? process.env['DATABASE_URL'];
  if (!serverUrl) {
    throw new Error('No Postgres: run through `npm test`, which starts one, or set DATABASE_URL');
  }
  return createDatabaseOn(serverUrl);
}
