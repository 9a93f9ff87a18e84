-- A conversation is three rows: what people look at (conversations), where its inbox stands (mailboxes, written by
-- every webhook), and what its actor starts from (actors, written by every record). Apart, because webhooks and
-- records must not wait for each other's row.

CREATE TABLE conversations (
  account_id      uuid NOT NULL REFERENCES accounts,
  id              uuid NOT NULL,
  channel_id      uuid NOT NULL,
  external_thread text NOT NULL,
  contact_id      uuid NOT NULL,
  created_at      timestamptz NOT NULL,
  -- Folded from here on: projectConversation(state).
  phase           text NOT NULL DEFAULT 'bot'
                  CHECK (phase IN ('bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked')),
  holder_kind     text NOT NULL DEFAULT 'engine',
  holder_id       text,
  epoch           integer NOT NULL DEFAULT 0,
  session_no      integer NOT NULL DEFAULT 0,
  session_ends_at timestamptz,
  locked          boolean NOT NULL DEFAULT false,
  window_closed_at timestamptz,                    -- until the customer writes, what goes to the channel is held
  handover_no     integer,
  request_id      text,
  bot_id          uuid,
  group_id        uuid,
  desk_id         uuid,
  agent_id        uuid,
  priority        integer NOT NULL DEFAULT 0,
  waiting_since   timestamptz,
  resolved_at     timestamptz,
  archived        boolean NOT NULL DEFAULT false,
  flagged         boolean NOT NULL DEFAULT false,   -- an input is parked: people should look
  policy_version  integer NOT NULL DEFAULT 0,
  last_message_at timestamptz,
  tag_ids         uuid[] NOT NULL DEFAULT '{}',
  positions       bigint NOT NULL DEFAULT 0,        -- last place given out in the transcript
  stream          bigint NOT NULL DEFAULT 0,        -- last place given out in the visitor's stream
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, channel_id, external_thread),
  FOREIGN KEY (account_id, channel_id) REFERENCES channels,
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);
CREATE INDEX conversations_by_phase ON conversations (account_id, phase, last_message_at DESC, id);
CREATE INDEX conversations_by_contact ON conversations (account_id, contact_id);
CREATE INDEX conversations_by_agent ON conversations (account_id, agent_id) WHERE agent_id IS NOT NULL;

-- `last_seq` has no gaps: it is raised under the row's lock by the transaction that inserts the inbox row.
CREATE TABLE mailboxes (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  last_seq        bigint NOT NULL DEFAULT 0,
  last_at         timestamptz NOT NULL,            -- time never runs backwards in a conversation
  handed_seq      bigint NOT NULL DEFAULT 0,       -- the courier's cursor: handed to the actor up to here
  generation      integer NOT NULL DEFAULT 0,      -- raised when an actor sets the cursor back; a mover must have read it
  waiting_at      timestamptz,                     -- since when rows wait above the cursor: whoever waits longest is next
  leased_until    timestamptz,                     -- economy, not correctness: order comes from seq
  handed_at       timestamptz,                     -- when to look whether what was handed over is recorded; null: it is
  held_until      timestamptz,                     -- the actor continues as new; its next run releases it
  PRIMARY KEY (account_id, conversation_id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations,
  CHECK ((waiting_at IS NULL) = (last_seq <= handed_seq))
) WITH (fillfactor = 70);
-- On `waiting_at` alone: a row that joins others that wait changes no index.
CREATE INDEX mailboxes_waiting ON mailboxes (waiting_at) WHERE waiting_at IS NOT NULL;
CREATE INDEX mailboxes_handed ON mailboxes (handed_at) WHERE handed_at IS NOT NULL;

CREATE TABLE inbox (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  seq             bigint NOT NULL,
  type            text NOT NULL,                   -- an InboxInput of the core
  payload         jsonb NOT NULL DEFAULT '{}',     -- ids, numbers and codes: this goes to Temporal
  at              timestamptz NOT NULL,
  source_id       uuid,                            -- channel, desk or bot
  external_id     text,                            -- theirs; the same id has one effect
  PRIMARY KEY (account_id, conversation_id, seq)
);
CREATE UNIQUE INDEX inbox_external ON inbox (account_id, source_id, external_id) WHERE external_id IS NOT NULL;

-- An item of a webhook that could not be parsed, or an input whose decision threw. It gets (keeps) its place when resumed.
CREATE TABLE parked (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  source_id       uuid,
  external_id     text,
  conversation_id uuid,
  seq             bigint,                          -- of the inbox row, where it had one
  item            jsonb,                           -- may hold words; erased with the contact
  error           text NOT NULL,                   -- class and code, no text of the item
  parked_at       timestamptz NOT NULL,
  resumed_at      timestamptz,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX parked_external ON parked (account_id, source_id, external_id) WHERE external_id IS NOT NULL;

-- Words. In: received. Out: a draft, until the record that decides on it queues or discards it.
CREATE TABLE messages (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  conversation_id uuid NOT NULL,
  direction       text NOT NULL CHECK (direction IN ('in', 'out')),
  author_kind     text NOT NULL CHECK (author_kind IN ('customer', 'bot', 'agent', 'desk', 'engine')),
  author_id       text,
  author_name     text,
  status          text NOT NULL CHECK (status IN ('received', 'draft', 'queued', 'discarded')),
  content         jsonb,                           -- null: erased
  digest          text,                            -- HMAC of the content under the contact's key
  external_id     text,
  client_id       text,                            -- the sender's own id (web chat)
  inbox_seq       bigint,
  position        bigint,                          -- place in the transcript
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations
);
CREATE UNIQUE INDEX messages_by_position ON messages (account_id, conversation_id, position) WHERE position IS NOT NULL;
CREATE INDEX messages_by_inbox ON messages (account_id, conversation_id, inbox_seq) WHERE inbox_seq IS NOT NULL;

-- The tries of one turn share it: the first answer wins, the rest read it.
CREATE TABLE bot_answers (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  turn            integer NOT NULL,
  answer          jsonb NOT NULL,                  -- the core's BotAnswer
  intake          jsonb,                           -- until the answer is taken; null: none, taken, or erased
  answered_at     timestamptz NOT NULL,
  PRIMARY KEY (account_id, conversation_id, turn)
);

CREATE TABLE handover_requests (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  id              text NOT NULL,
  reason          text,
  group_id        uuid,
  desk_id         uuid,
  skill           text,
  webstore        text,
  channel_tag     text,
  priority        integer NOT NULL DEFAULT 0,
  history         jsonb NOT NULL DEFAULT '{"kind":"none"}',   -- none | last n | all
  data            jsonb NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (account_id, conversation_id, id)
);

CREATE TABLE intake_answers (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  handover        integer NOT NULL,
  name            text NOT NULL,
  label           text,
  value           text,                            -- null: erased
  answered_at     timestamptz NOT NULL,
  PRIMARY KEY (account_id, conversation_id, handover, name)
);

CREATE TABLE comments (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  conversation_id uuid NOT NULL,
  agent_id        uuid,
  visibility      text NOT NULL CHECK (visibility IN ('personal', 'agents')),
  text            text,                            -- null: erased
  created_at      timestamptz NOT NULL,
  xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
  feed_id         bigint NOT NULL DEFAULT nextval('feed_ids'),
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations
);
CREATE INDEX comments_feed ON comments (account_id, xid, feed_id);
CREATE INDEX comments_by_conversation ON comments (account_id, conversation_id, created_at);

CREATE TABLE tags (
  account_id uuid NOT NULL REFERENCES accounts,
  id         uuid NOT NULL,
  name       text NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX tags_name ON tags (account_id, lower(name));
CREATE INDEX conversations_by_tag ON conversations USING gin (tag_ids);
