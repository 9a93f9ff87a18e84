/** A contact of whom something stands in every column that can hold something of a customer, each with the same canary. */
import { v7 as uuid } from 'uuid';
import { inAccount, type Pool } from '../../../store/connection.ts';
import type { SeededAccount } from '../../support/account.ts';

export const canary = 'canary4711';
/** As networks, pages and people name things. */
export const named = (what: string): string => `${canary}-${what}`;

export interface Planted {
  contactId: string;
  conversationId: string;
}

/** Inserts as the superuser; what each row holds beside the words is the least that its table takes. */
export async function plantContact(admin: Pool, { accountId, channelId }: SeededAccount): Promise<Planted> {
  const [contactId, conversationId] = [uuid(), uuid()];
  const insert = async (table: string, row: Record<string, unknown>): Promise<void> => {
    const all = { account_id: accountId, ...row };
    const names = Object.keys(all);
    await inAccount(admin, accountId, (tx) =>
      tx.query(
        `INSERT INTO ${table} (${names.join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()})`,
        Object.values(all),
      ),
    );
  };
  const of = { conversation_id: conversationId };
  const at = new Date();
  const key = Buffer.alloc(32, 7);
  const who = { name: named('name'), attributes: { [named('key')]: named('value') }, tags: [named('tag')] };
  await insert('contacts', { id: contactId, digest_key: key, created_at: at, ...who });
  const identity = { channel_id: channelId, external_id: named('identity') };
  await insert('contact_identities', { contact_id: contactId, ...identity });
  await insert('contact_addresses', { contact_id: contactId, kind: 'email', value: `${canary}@example.org` });
  await insert('contact_notes', { id: uuid(), contact_id: contactId, text: named('note'), created_at: at });
  const thread = { channel_id: channelId, external_thread: named('thread') };
  await insert('conversations', { id: conversationId, contact_id: contactId, created_at: at, ...thread });
  await insert('mailboxes', { ...of, last_at: at, last_seq: 1, handed_seq: 1 });
  await insert('actors', of);
  await insert('contact_blocks', {
    ...of,
    id: uuid(),
    contact_id: contactId,
    reason: named('reason'),
    message: named('told'),
    by_id: uuid(),
    created_at: at,
  });
  await insert('visitor_sessions', {
    ...identity,
    id: uuid(),
    token_hash: Buffer.from(uuid()),
    name: named('visitor'),
    emails: [`${canary}@example.org`],
    phones: [named('phone')],
    page_url: `https://${canary}.example`,
    created_at: at,
    expires_at: new Date(at.getTime() + 3_600_000),
  });

  const message = { ...of, content: { text: named('words') }, created_at: at };
  const ids = { external_id: named('message'), client_id: named('client') };
  const received = { direction: 'in', author_kind: 'customer', author_id: contactId, status: 'received' };
  await insert('messages', { id: uuid(), ...message, ...ids, ...received, inbox_seq: 1, position: 1 });
  const out = { direction: 'out', author_kind: 'bot', author_name: 'Bot' };
  await insert('messages', { id: uuid(), ...message, ...out, status: 'queued', position: 2 });
  await insert('messages', { id: uuid(), ...message, ...out, status: 'draft' });
  await insert('messages', { id: uuid(), ...message, ...out, status: 'discarded' });
  const input = { type: 'CustomerWrote', source_id: channelId };
  await insert('inbox', { ...of, ...input, seq: 1, at, external_id: named('message') });
  const parked = { source_id: channelId, error: 'unreadable', parked_at: at };
  await insert('parked', { ...of, ...parked, id: uuid(), external_id: named('item'), item: { text: canary } });
  const unread = { deep: [{ from: named('identity'), text: canary }] };
  await insert('parked', { ...parked, id: uuid(), external_id: named('unread'), item: unread });

  const sent = { ...of, seq: 1, to_id: channelId };
  const outbound = { message_id: uuid(), to_kind: 'channel', author_kind: 'bot', epoch: 1, queued_at: at };
  await insert('outbound', { ...sent, ...outbound, status: 'delivered', provider_id: named('sent') });
  await insert('outbound_parts', { ...sent, part: 1, provider_id: named('part'), sent_at: at });
  await insert('receipts', {
    ...of,
    seq: 1,
    id: uuid(),
    channel_id: channelId,
    provider_id: named('sent'),
    status: 'delivered',
    external_id: named('receipt'),
    at,
  });
  await insert('comments', { ...of, id: uuid(), visibility: 'agents', text: named('comment'), created_at: at });
  const request = { id: uuid(), reason: named('wish'), data: { [named('field')]: canary }, created_at: at };
  await insert('handover_requests', { ...of, ...request });
  const intake = [{ name: named('name'), value: canary }];
  await insert('bot_answers', { ...of, turn: 1, answer: {}, intake: JSON.stringify(intake), answered_at: at });
  const answer = { name: named('question'), label: named('asked'), value: named('answer') };
  await insert('intake_answers', { ...of, handover: 1, ...answer, answered_at: at });
  return { contactId, conversationId };
}
