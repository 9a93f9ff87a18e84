import { Client } from 'pg';
import { expect, test } from 'vitest';
import { adminUrl } from '../support/servers.ts';

test('x', async () => {
  const c = new Client(adminUrl());
  await c.connect();
  await c.end();
  expect(1).toBe(1);
});
