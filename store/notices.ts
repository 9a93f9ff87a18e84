/** The engine's own words: texts of an immutable policy version, and what an agent wrote for a blocked customer. */
import type { Notice } from '../workflows/conversation/state.ts';
import { inAccount, type Pool } from './connection.ts';

/** Texts by notice; a form's questions stand in the form. */
export type Notices = Record<Exclude<Notice, 'form-question'>, string>;

/** What an account begins with. */
export const usualNotices: Notices = {
  assigned: 'You are being transferred to an agent',
  'all-offline': 'Nobody is here at the moment. We will answer as soon as we are back.',
  'all-busy': 'All agents are busy. You are in the queue.',
  'out-of-hours': 'We are closed at the moment. We will answer as soon as we are back.',
  'queue-wait': 'Thank you for waiting. You are still in the queue.',
  'idle-warning': 'Are you still there?',
  resolved: 'Resolved',
  blocked: 'You can no longer write to our agents.',
  'bot-failed': 'Sorry, something went wrong. Please try again.',
  'form-retry': 'That is not a valid answer. Please try again.',
  'handover-failed': 'Sorry, we could not reach an agent.',
};

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
