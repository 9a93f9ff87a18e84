-- Accounts, what they configure, and who works for them.
-- Every table carries the account, every key begins with it, and row-level security (0008) says it again.

CREATE TABLE accounts (
  id          uuid PRIMARY KEY,
  name        text NOT NULL,
  created_at  timestamptz NOT NULL
);

-- Immutable versions. `numbers` is the core's Policy; texts, form and routing tables stand beside it and never leave.
CREATE TABLE policies (
  account_id  uuid NOT NULL REFERENCES accounts,
  version     integer NOT NULL,
  numbers     jsonb NOT NULL,
  groups      jsonb NOT NULL DEFAULT '{}',   -- group id → the numbers that differ there
  notices     jsonb NOT NULL,                -- notice code → text
  form        jsonb NOT NULL DEFAULT '[]',   -- declared intake fields
  routing     jsonb NOT NULL DEFAULT '{}',   -- rules (skill, webstore → group or desk), default, webstore table
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (account_id, version)
);

CREATE TABLE api_keys (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text NOT NULL,
  hash        bytea NOT NULL UNIQUE,          -- SHA-256 of a 256-bit random key: nothing to stretch
  scopes      text[] NOT NULL,
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz,
  revoked_at  timestamptz,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE bots (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text NOT NULL,
  type        text NOT NULL,
  settings    jsonb NOT NULL DEFAULT '{}',
  secrets     jsonb NOT NULL DEFAULT '[]',    -- newest first; two are valid during a rotation
  created_at  timestamptz NOT NULL,
  disabled_at timestamptz,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE desks (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text NOT NULL,
  type        text NOT NULL,
  settings    jsonb NOT NULL DEFAULT '{}',
  secrets     jsonb NOT NULL DEFAULT '[]',
  created_at  timestamptz NOT NULL,
  disabled_at timestamptz,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE groups (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text NOT NULL,
  skills      text[] NOT NULL DEFAULT '{}',
  hours       jsonb,                          -- null: always open
  created_at  timestamptz NOT NULL,
  deleted_at  timestamptz,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE channels (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text NOT NULL,
  type        text NOT NULL,                  -- a key of the registry
  mode        text NOT NULL DEFAULT 'engagement' CHECK (mode IN ('engagement', 'business')),
  responsible text NOT NULL DEFAULT 'bot' CHECK (responsible IN ('bot', 'managers')),
  bot_id      uuid,
  group_id    uuid,                           -- managers' group where managers are responsible; else the default group
  settings    jsonb NOT NULL DEFAULT '{}',
  secrets     jsonb NOT NULL DEFAULT '[]',
  created_at  timestamptz NOT NULL,
  disabled_at timestamptz,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, bot_id) REFERENCES bots,
  FOREIGN KEY (account_id, group_id) REFERENCES groups
);

-- `active` is what events and open claims add up to. Taking a place is one conditional update (`take_place`); the table's
-- own check is only active >= 0, since a lowered limit throws nobody out.
CREATE TABLE agents (
  account_id  uuid NOT NULL REFERENCES accounts,
  id          uuid NOT NULL,
  name        text NOT NULL,
  email       text,
  role        text NOT NULL DEFAULT 'agent' CHECK (role IN ('admin', 'supervisor', 'agent', 'auditor')),
  status      text NOT NULL DEFAULT 'offline' CHECK (status IN ('online', 'away', 'offline')),
  lease_until timestamptz,                    -- presence: renewed by the client; null: never connected
  max_chats   integer NOT NULL DEFAULT 5 CHECK (max_chats >= 0),
  active      integer NOT NULL DEFAULT 0 CHECK (active >= 0),
  token_epoch integer NOT NULL DEFAULT 0,     -- raised to revoke every token of this agent at once
  last_assigned_at timestamptz,
  created_at  timestamptz NOT NULL,
  deleted_at  timestamptz,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX agents_email ON agents (account_id, lower(email)) WHERE email IS NOT NULL;

CREATE TABLE agent_groups (
  account_id uuid NOT NULL,
  agent_id   uuid NOT NULL,
  group_id   uuid NOT NULL,
  PRIMARY KEY (account_id, agent_id, group_id),
  FOREIGN KEY (account_id, agent_id) REFERENCES agents,
  FOREIGN KEY (account_id, group_id) REFERENCES groups
);
CREATE INDEX agent_groups_by_group ON agent_groups (account_id, group_id);

-- An agent without a row here serves every bot; with rows, only these (S4-2).
CREATE TABLE agent_bots (
  account_id uuid NOT NULL,
  agent_id   uuid NOT NULL,
  bot_id     uuid NOT NULL,
  PRIMARY KEY (account_id, agent_id, bot_id),
  FOREIGN KEY (account_id, agent_id) REFERENCES agents,
  FOREIGN KEY (account_id, bot_id) REFERENCES bots
);

-- Append-only: who was available when.
CREATE TABLE presence_changes (
  account_id uuid NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  agent_id   uuid NOT NULL,
  at         timestamptz NOT NULL,
  status     text NOT NULL,
  because    text NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- The feed's cursor is only good in the cluster (and its life) in which it was given out.
CREATE TABLE feed_generation (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  generation integer NOT NULL,
  system_id  text NOT NULL
);
INSERT INTO feed_generation SELECT true, 1, system_identifier::text FROM pg_control_system();
CREATE SEQUENCE feed_ids;
