-- Words going out. Written ahead by the record; moved by the attempts; what is shown only rises.

CREATE TABLE outbound (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  seq             integer NOT NULL,                -- made in the core; with the conversation it is the send key
  message_id      uuid NOT NULL,
  to_kind         text NOT NULL CHECK (to_kind IN ('channel', 'desk')),
  to_id           uuid NOT NULL,
  handover        integer,                         -- of a line to a desk
  author_kind     text NOT NULL,
  epoch           integer NOT NULL,
  status          text NOT NULL DEFAULT 'pending' CHECK (status IN
                  ('pending', 'sending', 'ambiguous', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled')),
  attempt_id      text,                            -- of the attempt that is (or was last) sending
  attempts        integer NOT NULL DEFAULT 0,
  not_before      timestamptz,
  turn_at         timestamptz,                     -- the time that its connection's rate gave it, while it waits for that
  provider_id     text,
  failure_class   text,
  queued_at       timestamptz NOT NULL,
  sent_at         timestamptz,
  delivered_at    timestamptz,
  read_at         timestamptz,
  settled_at      timestamptz,                     -- failed, unknown or cancelled
  retried_as      integer,                         -- a dead letter that was retried: the new outbound's seq
  -- A dead letter that nobody will send again, and who said so.
  discarded_at    timestamptz,
  discarded_because text CHECK (discarded_because IN ('done-elsewhere', 'not-needed', 'unreachable')),
  discarded_by_kind text CHECK (discarded_by_kind IN ('agent', 'key')),
  discarded_by_id uuid,
  generation      integer NOT NULL DEFAULT 1,      -- of the store that gave out the seq: a part of the send key (0065)
  PRIMARY KEY (account_id, conversation_id, seq),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations
);
CREATE INDEX outbound_by_provider ON outbound (account_id, to_id, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX outbound_dead ON outbound (account_id, settled_at) WHERE status IN ('failed', 'unknown');

-- Append-only: what was tried, and what came of it.
CREATE TABLE outbound_attempts (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  seq             integer NOT NULL,
  attempt_id      text NOT NULL,
  at              timestamptz NOT NULL,
  outcome         text NOT NULL,                   -- begun | sent | not-sent | unclear | failed | superseded
  class           text,
  PRIMARY KEY (account_id, conversation_id, seq, attempt_id, outcome)
);

-- Append-only: every change of an outbound message's delivery state that people may see, and receipts as they came.
-- A receipt that comes before its message's provider id is known has no conversation yet and is joined later.
CREATE TABLE receipts (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  channel_id      uuid NOT NULL,
  provider_id     text NOT NULL,
  status          text NOT NULL CHECK (status IN ('sent', 'delivered', 'read', 'failed')),
  class           text,
  external_id     text,
  at              timestamptz NOT NULL,
  conversation_id uuid,
  seq             integer,
  raised          boolean NOT NULL DEFAULT false,  -- it changed what is shown: the feed tells of no other
  xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
  feed_id         bigint NOT NULL DEFAULT nextval('feed_ids'),
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, channel_id, provider_id, status)
);
CREATE INDEX receipts_unjoined ON receipts (account_id, channel_id, provider_id) WHERE seq IS NULL;
CREATE INDEX receipts_feed ON receipts (account_id, xid, feed_id);

-- Rates are per connection and shared by all workers (see `take_turn`); a Retry-After binds them all.
CREATE TABLE connection_rates (
  account_id    uuid NOT NULL,
  connection_id uuid NOT NULL,
  blocked_until timestamptz,
  free_at       timestamptz,                       -- what has gone fills the rate up to here
  promised_at   timestamptz,                       -- the last time that was given to a send that has to wait
  PRIMARY KEY (account_id, connection_id)
);

-- Web chat. The stream's places are given out under the conversation row's lock, so they commit in order and a
-- visitor's cursor (its last place) can't miss one.
CREATE TABLE visitor_sessions (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  channel_id      uuid NOT NULL,
  external_id     text NOT NULL,                   -- the visitor: contact identity and thread of the channel
  token_hash      bytea NOT NULL UNIQUE,
  conversation_id uuid,
  page_url        text,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE visitor_stream (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  place           bigint NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('message', 'receipt')),
  message_id      uuid NOT NULL,
  status          text,
  at              timestamptz NOT NULL,
  PRIMARY KEY (account_id, conversation_id, place)
);
