/** A database of the test file's own, and a connection to it that may do everything: for tests of what others may. */
import { afterAll, beforeAll } from 'vitest';
import { createPool, type Pool } from '../../store/connection.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** Filled before the file's own `beforeAll`, and gone after its `afterAll`. */
export function withAdmin(): { database: TestDatabase; admin: Pool } {
  const setting = {} as { database: TestDatabase; admin: Pool };
  beforeAll(async () => {
    setting.database = await createTestDatabase();
    setting.admin = createPool({ url: setting.database.adminUrl, max: 2, name: 'test-admin' });
  });
  afterAll(async () => {
    await setting.admin.end();
    await setting.database.drop();
  });
  return setting;
}
