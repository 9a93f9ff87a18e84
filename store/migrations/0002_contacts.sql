-- The customer: a set of external ids, never "phone = key". All that identifies a person stands in these tables.

CREATE TABLE contacts (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text,
  attributes  jsonb NOT NULL DEFAULT '{}',
  tags        text[] NOT NULL DEFAULT '{}',
  -- Key of the digests that the audit chain holds of this person's words; erasing the contact deletes it.
  digest_key  bytea,
  block_id    uuid,                           -- blocked while set
  blocked_until timestamptz,                  -- null with block_id set: until unblocked
  created_at  timestamptz NOT NULL,
  erased_at   timestamptz,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE contact_identities (
  account_id  uuid NOT NULL,
  channel_id  uuid NOT NULL,
  external_id text NOT NULL,
  contact_id  uuid NOT NULL,
  PRIMARY KEY (account_id, channel_id, external_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts,
  FOREIGN KEY (account_id, channel_id) REFERENCES channels
);
CREATE INDEX contact_identities_by_contact ON contact_identities (account_id, contact_id);

CREATE TABLE contact_addresses (
  account_id  uuid NOT NULL,
  contact_id  uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('phone', 'email')),
  value       text NOT NULL,
  PRIMARY KEY (account_id, contact_id, kind, value),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);

CREATE TABLE contact_notes (
  account_id  uuid NOT NULL,
  id          uuid NOT NULL,
  contact_id  uuid NOT NULL,
  agent_id    uuid,
  text        text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);

-- Append-only: who changed what of a contact, and when; in the transaction that does. Names of fields and no words, so that
-- erasing the contact leaves it as it is.
CREATE TABLE contact_changes (
  account_id  uuid NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  contact_id  uuid NOT NULL,
  at          timestamptz NOT NULL,
  by_kind     text NOT NULL CHECK (by_kind IN ('customer', 'agent', 'key', 'conversation')),
  by_id       uuid,                           -- of a conversation: its events say who asked for it; null: the customer
  fields      text[] NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);
CREATE INDEX contact_changes_by_contact ON contact_changes (account_id, contact_id, id);

-- A draft until the record of the `Block` command makes it true.
CREATE TABLE contact_blocks (
  account_id  uuid NOT NULL,
  id          uuid NOT NULL,
  contact_id  uuid NOT NULL,
  conversation_id uuid NOT NULL,
  reason      text NOT NULL,
  message     text NOT NULL,
  by_id       text NOT NULL,
  expires_at  timestamptz,
  created_at  timestamptz NOT NULL,
  active_from timestamptz,
  ended_at    timestamptz,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);
