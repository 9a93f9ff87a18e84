/** The API's OpenAPI document, as its routes make it; but for `servers`, which each process sets. */
import pino from 'pino';
import { bots } from '../../adapters/bots/registry.ts';
import { channels } from '../../adapters/channels/registry.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { buildApp } from '../../api/app.ts';
import { readConfig } from '../../api/config.ts';
import { createPool } from '../../store/connection.ts';

/** Good enough to build the routes, which nobody asks anything. */
const key = 'of-a-build-that-serves-nobody-and-signs-nothing';
const settings = {
  BATON_DATABASE_URL: 'postgres://127.0.0.1:1/none',
  BATON_COURIER_DATABASE_URL: 'postgres://127.0.0.1:1/none',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  BATON_PUBLIC_URL: 'http://127.0.0.1',
  BATON_JWT_KEYS: key,
  BATON_TOKEN_KEY: key,
  BATON_OPERATOR_KEY: key,
};

export async function openapiDocument(): Promise<object> {
  const pool = createPool({ url: settings.BATON_DATABASE_URL, max: 1, name: 'baton-build' });
  const nobody = (): Promise<never> => Promise.reject(new Error('A build has no actors.'));
  const app = await buildApp({
    config: readConfig(settings).api,
    pool,
    commands: { execute: nobody, signal: nobody },
    backlog: { isFull: () => false },
    temporalTrouble: async () => null,
    logger: pino({ level: 'silent' }),
    channels,
    bots,
    desks,
    clock: Date.now,
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  await pool.end();
  return document;
}
