/** Contacts: who writes to us, with all that identifies them, notes and tags. */
import { sql } from 'kysely';
import type { Transaction } from './connection.ts';
import { containing, db, json, type Page, run } from './queries.ts';

export interface ContactRow {
  id: string;
  name: string | null;
  attributes: Record<string, unknown>;
  tags: string[];
  blocked: boolean;
  blockedUntil: Date | null;
  identities: { channelId: string; externalId: string }[];
  addresses: { kind: 'phone' | 'email'; value: string }[];
  createdAt: Date;
  erasedAt: Date | null;
}

const identities = sql<ContactRow['identities']>`
  (SELECT coalesce(jsonb_agg(jsonb_build_object('channelId', i.channel_id, 'externalId', i.external_id)
                             ORDER BY i.channel_id, i.external_id), '[]')
   FROM contact_identities i WHERE i.account_id = contacts.account_id AND i.contact_id = contacts.id)`;

const addresses = sql<ContactRow['addresses']>`
  (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'value', a.value) ORDER BY a.kind, a.value), '[]')
   FROM contact_addresses a WHERE a.account_id = contacts.account_id AND a.contact_id = contacts.id)`;

function select(accountId: string) {
  return db
    .selectFrom('contacts')
    .select(['id', 'name', 'tags', 'created_at as createdAt', 'erased_at as erasedAt', 'blocked_until as blockedUntil'])
    .select(({ ref, eb }) => [
      ref('attributes').$castTo<Record<string, unknown>>().as('attributes'),
      eb('block_id', 'is not', null).$castTo<boolean>().as('blocked'),
      identities.as('identities'),
      addresses.as('addresses'),
    ])
    .where('account_id', '=', accountId);
}

export interface ContactFilter {
  /** Part of a name, phone, address, id of a network, or note. */
  q: string | undefined;
  tag: string | undefined;
  blocked: boolean | undefined;
}

/** In an address, an id of a network, or a note. */
const mentions = (text: string) => sql<boolean>`
  EXISTS (SELECT 1 FROM contact_addresses a
          WHERE a.account_id = contacts.account_id AND a.contact_id = contacts.id AND a.value ILIKE ${text})
  OR EXISTS (SELECT 1 FROM contact_identities i
             WHERE i.account_id = contacts.account_id AND i.contact_id = contacts.id AND i.external_id ILIKE ${text})
  OR EXISTS (SELECT 1 FROM contact_notes n
             WHERE n.account_id = contacts.account_id AND n.contact_id = contacts.id AND n.text ILIKE ${text})`;

/** Newest first. */
export function listContacts(
  tx: Transaction,
  accountId: string,
  { q, tag, blocked }: ContactFilter,
  { limit, after }: Page,
): Promise<ContactRow[]> {
  let query = select(accountId);
  if (q !== undefined) {
    const text = containing(q);
    query = query.where(({ or, eb }) => or([eb('name', 'ilike', text), mentions(text)]));
  }
  if (tag !== undefined) {
    query = query.where(sql<boolean>`tags @> ARRAY[${tag}]::text[]`);
  }
  if (blocked !== undefined) {
    query = query.where('block_id', blocked ? 'is not' : 'is', null);
  }
  if (after !== null) {
    query = query.where('id', '<', after);
  }
  return run(tx, query.orderBy('id', 'desc').limit(limit + 1));
}

export async function findContact(tx: Transaction, accountId: string, id: string): Promise<ContactRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id)))[0] ?? null;
}

export interface ContactChange {
  name?: string | null | undefined;
  attributes?: Record<string, unknown> | undefined;
  tags?: string[] | undefined;
}

/** Who changes something of a contact, and when. */
export interface ChangedBy {
  kind: 'agent' | 'key';
  id: string;
  at: Date;
}

/** Changes what is given, and notes that. False: there is no such contact, or it has been erased. */
export async function updateContact(
  tx: Transaction,
  accountId: string,
  id: string,
  change: ContactChange,
  by: ChangedBy,
): Promise<boolean> {
  const { name, attributes, tags } = change;
  const query = db
    .updateTable('contacts')
    .set({
      account_id: accountId,
      ...(name === undefined ? {} : { name }),
      ...(attributes === undefined ? {} : { attributes: json(attributes) }),
      ...(tags === undefined ? {} : { tags }),
    })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .returning('id');
  const isThere = (await run(tx, query)).length === 1;
  const fields = Object.entries({ name, attributes, tags }).flatMap(([field, value]) =>
    value === undefined ? [] : [field],
  );
  if (isThere && fields.length > 0) await noteChange(tx, { accountId, contactId: id, fields }, by);
  return isThere;
}

/** Append-only, and without words: those that were are nobody's business once they are changed. */
async function noteChange(
  tx: Transaction,
  { accountId, contactId, fields }: { accountId: string; contactId: string; fields: string[] },
  { kind, id, at }: ChangedBy,
): Promise<void> {
  await tx.query('SELECT note_contact_change($1, $2, $3, $4, $5, $6)', [accountId, contactId, at, kind, id, fields]);
}

export interface NoteRow {
  id: string;
  /** Who wrote it; null: a backend. */
  agentId: string | null;
  text: string;
  createdAt: Date;
}

/** False: there is no such contact, or it has been erased. Holds the contact, so that erasing it comes before or after. */
export async function insertNote(
  tx: Transaction,
  accountId: string,
  contactId: string,
  { id, agentId, text, createdAt }: NoteRow,
  by: ChangedBy,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO contact_notes (account_id, id, contact_id, agent_id, text, created_at)
     SELECT account_id, $3, id, $4, $5, $6 FROM contacts
     WHERE account_id = $1 AND id = $2 AND erased_at IS NULL FOR SHARE`,
    [accountId, contactId, id, agentId, text, createdAt],
  );
  if (rowCount === 1) await noteChange(tx, { accountId, contactId, fields: ['notes'] }, by);
  return rowCount === 1;
}

/** Newest first. */
export function listNotes(
  tx: Transaction,
  accountId: string,
  contactId: string,
  { limit, after }: Page,
): Promise<NoteRow[]> {
  let query = db
    .selectFrom('contact_notes')
    .select(['id', 'agent_id as agentId', 'text', 'created_at as createdAt'])
    .where('account_id', '=', accountId)
    .where('contact_id', '=', contactId);
  if (after !== null) {
    query = query.where('id', '<', after);
  }
  return run(tx, query.orderBy('id', 'desc').limit(limit + 1));
}

export async function deleteNote(
  tx: Transaction,
  accountId: string,
  { contactId, id }: { contactId: string; id: string },
  by: ChangedBy,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'DELETE FROM contact_notes WHERE account_id = $1 AND contact_id = $2 AND id = $3',
    [accountId, contactId, id],
  );
  if (rowCount === 1) await noteChange(tx, { accountId, contactId, fields: ['notes'] }, by);
  return rowCount === 1;
}
