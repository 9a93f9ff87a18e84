/** What an actor asks of the courier, at the least cost. */
import { v7 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import { createCourierActivities } from '../../activities/courier.ts';
import { createPool } from '../../store/connection.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();

test('P13: a run that completes has held nothing, and asks Postgres for nothing', async () => {
  const pool = createPool({ url: setting.database.workerUrl, max: 1, name: 'test' });
  await pool.end();
  const { releaseCourier } = createCourierActivities({ pool, clock: Date.now });
  const actor = { accountId: uuid(), conversationId: uuid() };
  await expect(releaseCourier(actor, { isHeld: false })).resolves.toBeUndefined();
  await expect(releaseCourier(actor, { isHeld: true })).rejects.toThrow(/pool/);
});
