import type { TestDatabase } from './database.ts';
import { temporalAddress } from './servers.ts';

/** Of every key of these processes. */
export const secret = 's'.repeat(40);

/** All that an API's process can't do without; its port is any. */
export const apiEnvironment = (database: TestDatabase) => ({
  BATON_DATABASE_URL: database.apiUrl,
  BATON_COURIER_DATABASE_URL: database.courierUrl,
  TEMPORAL_ADDRESS: temporalAddress(),
  BATON_PUBLIC_URL: 'http://127.0.0.1',
  BATON_JWT_KEYS: secret,
  BATON_TOKEN_KEY: secret,
  BATON_OPERATOR_KEY: secret,
  PORT: '0',
});
