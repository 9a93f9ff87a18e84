/** The engine's own words: texts of an immutable policy version, and what an agent wrote for a blocked customer. */
import { inAccount, type Pool } from './connection.ts';

export interface NoticeTexts {
  notices: Record<string, string>;
  form: { question: string; options?: string[] }[];
}

/** null: there is no such version. */
export async function readNoticeTexts(pool: Pool, accountId: string, version: number): Promise<NoticeTexts | null> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<NoticeTexts>({
      name: 'read-notice-texts',
      text: 'SELECT notices, form FROM policies WHERE account_id = $1 AND version = $2',
      values: [accountId, version],
    });
    return rows[0] ?? null;
  });
}

export async function readBlockMessage(pool: Pool, accountId: string, blockId: string): Promise<string | null> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ message: string }>({
      name: 'read-block-message',
      text: 'SELECT message FROM contact_blocks WHERE account_id = $1 AND id = $2',
      values: [accountId, blockId],
    });
    return rows[0]?.message ?? null;
  });
}
