/** Everybody who wrote is erased, as an administrator does it: what people have is resolved first. */
import type { Pool } from '../../../store/connection.ts';
import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';
import type { CanaryWorld } from './world.ts';

export interface ErasedAccount {
  accountId: string;
  key: string;
  contactIds: string[];
  conversationIds: string[];
}

export async function eraseEverybody({ outside: { api } }: CanaryWorld, admin: Pool): Promise<ErasedAccount[]> {
  const { rows } = await admin.query<Omit<ErasedAccount, 'key'>>(
    `SELECT account_id AS "accountId", array_agg(DISTINCT contact_id) AS "contactIds", array_agg(id) AS "conversationIds"
     FROM conversations GROUP BY account_id`,
  );
  const accounts: ErasedAccount[] = [];
  for (const row of rows) accounts.push({ ...row, key: await api.keyFor(row.accountId) });
  for (const { key, contactIds } of accounts) for (const contactId of contactIds) await erase(contactId, key);
  return accounts;

  async function erase(contactId: string, key: string): Promise<void> {
    await until(async () => {
      const { status, text } = await api.call(key, 'POST', `/v1/contacts/${contactId}/erase`);
      const said = JSON.parse(text) as { code?: string; conversationIds?: string[]; finished?: boolean };
      if (status === 200) return said.finished === true;
      if (said.code !== 'conversation-open') throw new Error(text);
      for (const id of required(said.conversationIds)) {
        const resolved = await api.call(key, 'POST', `/v1/conversations/${id}/actions/resolve`);
        if (resolved.status >= 500) throw new Error(resolved.text);
      }
      return false;
    }, 60_000);
  }
}
