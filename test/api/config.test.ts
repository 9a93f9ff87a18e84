import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../api/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'baton-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

const secret = 's'.repeat(32);
const complete = {
  BATON_DATABASE_URL: 'postgres://baton_api:pw@localhost/baton',
  BATON_COURIER_DATABASE_URL: 'postgres://baton_courier:pw@localhost/baton',
  TEMPORAL_ADDRESS: 'localhost:7233',
  BATON_PUBLIC_URL: 'https://baton.example/',
  BATON_JWT_KEYS: `${secret},${'t'.repeat(32)}`,
  BATON_TOKEN_KEY: secret,
  BATON_OPERATOR_KEY: secret,
};

describe('settings', () => {
  test('come from the environment, with defaults', () => {
    expect(readConfig(complete)).toMatchObject({
      api: {
        publicUrl: 'https://baton.example',
        jwtKeys: [secret, 't'.repeat(32)],
        bodyLimit: 1_048_576,
        metricsKey: undefined,
      },
      temporal: { address: 'localhost:7233', namespace: 'default', taskQueue: 'baton' },
      port: 8_080,
    });
  });

  test('may stand in a file', () => {
    const file = join(directory, 'operator-key');
    writeFileSync(file, `${'f'.repeat(40)}\n`);
    const others = { ...complete, BATON_OPERATOR_KEY: undefined };
    expect(readConfig({ ...others, BATON_OPERATOR_KEY_FILE: file }).api.operatorKey).toBe('f'.repeat(40));
  });

  test('whose file can’t be read are named, and its path is not', () => {
    const attempt = () => readConfig({ ...complete, BATON_TOKEN_KEY_FILE: '/nowhere/hunter2' });
    expect(attempt).toThrow(/^BATON_TOKEN_KEY_FILE names a file that can't be read\.$/);
    expect(attempt).not.toThrow(/hunter2/);
  });

  test('that are missing or wrong are named, all of them, and never shown', () => {
    const wrong = {
      ...complete,
      BATON_TOKEN_KEY: 'tooshort',
      BATON_DATABASE_URL: 'mysql://me:hunter2@x/y',
      PORT: '70000',
    };
    const attempt = () => readConfig({ ...wrong, BATON_PUBLIC_URL: undefined });
    expect(attempt).toThrow(/BATON_DATABASE_URL[^]*BATON_PUBLIC_URL[^]*BATON_TOKEN_KEY[^]*PORT/);
    expect(attempt).not.toThrow(/tooshort|hunter2|70000/);
  });
});
