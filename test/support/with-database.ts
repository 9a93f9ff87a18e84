/** A database of the test file's own, with the connections that the file asks for by the roles of the processes. */
import { afterAll, beforeAll } from 'vitest';
import { createPool, type Pool } from '../../store/connection.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

const urls = { api: 'apiUrl', worker: 'workerUrl', courier: 'courierUrl', arranger: 'arrangerUrl' } as const;
export type Role = keyof typeof urls;

/** `admin` may do everything: for tests of what others may, and for what no role of ours sees. */
export type DatabaseSetting<R extends Role = never> = { database: TestDatabase; admin: Pool } & Record<R, Pool>;

/** Filled before the file's own `beforeAll`, and gone after its `afterAll`. */
export function withDatabase<R extends Role = never>(...roles: R[]): DatabaseSetting<R> {
  const setting = {} as DatabaseSetting<R>;
  const pools: Pool[] = [];
  const poolOf = (url: string, name: string, max: number): Pool => {
    const pool = createPool({ url, max, name });
    pools.push(pool);
    return pool;
  };
  beforeAll(async () => {
    const database = await createTestDatabase();
    const admin = poolOf(database.adminUrl, 'test-admin', 2);
    const ofRoles = roles.map((role) => [role, poolOf(database[urls[role]], `test-${role}`, 10)]);
    Object.assign(setting, { database, admin }, Object.fromEntries(ofRoles));
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await setting.database.drop();
  });
  return setting;
}
