/** One of everything that an account can have, by the name of the parameter that names it: what others must not reach. */
import { v7 as uuid } from 'uuid';
import { inAccount } from '../../store/connection.ts';
import { seedConversation } from '../api/conversation.ts';
import type { TestApi } from '../api/test-api.ts';
import type { SeededAccount } from '../support/account.ts';

export interface Belongings {
  /** Throws at a parameter that is unknown here: say which of the account's things it names. */
  idOf(name: string): string;
  has(name: string): boolean;
}

/** Says `word` wherever a person could have written; `version` and `turn` are the account's own, and no other's. */
export async function belongingsOf(
  api: TestApi,
  account: SeededAccount & { key: string },
  { word, number }: { word: string; number: string },
): Promise<Belongings> {
  const [agentId = ''] = account.agentIds;
  const { conversationId, contactId } = await seedConversation(api.pool, account, { name: word, agentId });
  const make = async (path: string, body: object) => (await api.call(account.key, 'POST', path, body)).body.id;
  const deskId = await make('/v1/desks', { name: word, type: 'http', settings: { url: 'https://example.com' } });
  const tagId = await make('/v1/tags', { name: word });
  const noteId = await make(`/v1/contacts/${contactId}/notes`, { text: word });
  const keyId = await make('/v1/api-keys', { name: word, scopes: ['account:read'] });
  const row = uuid();
  await insertRows(api, account, { word, number, row, conversationId });
  const ids: Record<string, string> = {
    accountId: account.accountId,
    agentId,
    botId: account.botId,
    channelId: account.channelId,
    contactId,
    conversationId,
    deskId,
    groupId: account.groupId,
    key: word,
    keyId,
    messageId: row,
    noteId,
    parkedId: row,
    seq: '1',
    tagId,
    turn: number,
    version: number,
  };
  return {
    has: (name) => name in ids,
    idOf(name) {
      const id = ids[name];
      if (id === undefined) throw new Error(`Say in belongings.ts which of an account's things {${name}} names.`);
      return id;
    },
  };
}

/** What comes of conversations, as their actors and the API would have left it. */
async function insertRows(
  api: TestApi,
  { accountId, channelId, groupId }: SeededAccount,
  { word, number, row, conversationId }: { word: string; number: string; row: string; conversationId: string },
): Promise<void> {
  await inAccount(api.pool, accountId, async (tx) => {
    await tx.query(
      `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, position, created_at)
       VALUES ($1, $2, $3, 'in', 'customer', 'received', $4, 1, now())`,
      [accountId, row, conversationId, { text: word }],
    );
    await tx.query(
      `INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, author_kind, epoch, status, queued_at, settled_at)
       VALUES ($1, $2, 1, $3, 'channel', $4, 'bot', 1, 'failed', now(), now())`,
      [accountId, conversationId, row, channelId],
    );
    await tx.query(
      `INSERT INTO parked (account_id, id, conversation_id, source_id, item, error, parked_at) VALUES ($1, $2, $3, $4, $5, 'bad', now())`,
      [accountId, row, conversationId, channelId, { text: word }],
    );
    await tx.query(
      `INSERT INTO idempotency (account_id, key, digest, outcome, created_at) VALUES ($1, $2, '', '{"ok": true}', now())`,
      [accountId, word],
    );
    await tx.query('UPDATE groups SET name = $2 WHERE id = $1', [groupId, word]);
    await tx.query(
      `INSERT INTO policies (account_id, version, numbers, notices, created_at) VALUES ($1, $3, '{}', $2, now())`,
      [accountId, { assigned: word }, number],
    );
  });
}
