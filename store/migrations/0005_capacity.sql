-- Who gets what. Queue entries and assignments are folds of the conversations' events; claims are a source of their own.
-- Locks are taken in one order everywhere: policy, presence, group, agents by id, contact, conversations by id.

CREATE TABLE queue_entries (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  entry           integer NOT NULL,
  epoch           integer NOT NULL,
  group_id        uuid,
  desk_id         uuid,                            -- an entry for a desk names it; no matcher sees it
  bot_id          uuid,
  skill           text,
  priority        integer NOT NULL DEFAULT 0,
  since           timestamptz NOT NULL,
  waiting_since   timestamptz NOT NULL,
  not_to          uuid,
  claim_id        uuid,                            -- claimed: stays, marked, until the conversation confirms or declines
  PRIMARY KEY (account_id, conversation_id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations,
  CHECK ((group_id IS NULL) <> (desk_id IS NULL))
);
CREATE INDEX queue_order ON queue_entries (account_id, group_id, priority DESC, waiting_since)
  WHERE group_id IS NOT NULL AND claim_id IS NULL;

CREATE TABLE assignments (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  agent_id        uuid NOT NULL,
  epoch           integer NOT NULL,
  override        boolean NOT NULL DEFAULT false,
  since           timestamptz NOT NULL,
  PRIMARY KEY (account_id, conversation_id),       -- at most one owner
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations,
  FOREIGN KEY (account_id, agent_id) REFERENCES agents
);
CREATE INDEX assignments_by_agent ON assignments (account_id, agent_id);

CREATE TABLE claims (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  conversation_id uuid NOT NULL,
  entry           integer NOT NULL,
  agent_id        uuid NOT NULL,
  epoch           integer NOT NULL,
  status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'confirmed', 'declined')),
  made_at         timestamptz NOT NULL,
  decided_at      timestamptz,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX claims_open ON claims (account_id, agent_id) WHERE status = 'open';

-- Whoever changes availability leaves a mark in the changing transaction (`mark_group`); the matcher deletes the marks it
-- sees. Some rows a group at most: who finds a mark that stays until it has committed needs none of its own.
CREATE TABLE group_marks (
  account_id uuid NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  group_id   uuid NOT NULL,
  marked_at  timestamptz NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX group_marks_by_group ON group_marks (account_id, group_id);
