-- What makes a decision true: the actor's row, its events, its outcomes, its runs.

CREATE TABLE actors (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  version         bigint NOT NULL DEFAULT 0,       -- every input that was taken moves it
  seq             bigint NOT NULL DEFAULT 0,       -- inbox places taken up to here
  event_no        bigint NOT NULL DEFAULT 0,
  head            text NOT NULL DEFAULT '',        -- link of the last event
  state           json,                            -- what the actor goes on from; null: nothing recorded yet
  format          integer NOT NULL DEFAULT 1,
  last_at         timestamptz,                     -- time of the last input taken
  wake_at         timestamptz,                     -- nearest deadline, or time of what is pending; null: nothing open
  PRIMARY KEY (account_id, conversation_id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations
) WITH (fillfactor = 70);
CREATE INDEX actors_wake ON actors (wake_at) WHERE wake_at IS NOT NULL;

-- Append-only. `data` is json and not jsonb: the chain is over its very text.
CREATE TABLE domain_events (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  no              bigint NOT NULL,
  type            text NOT NULL,
  at              timestamptz NOT NULL,
  data            json NOT NULL,                   -- canonical text: {event, cause, policy}
  message_id      uuid,
  digest          text,                            -- of the message that the event is about
  link            text NOT NULL,                   -- sha256(previous link, data, digest), hex
  version         bigint NOT NULL,                 -- of the record that wrote it
  recorded_at     timestamptz NOT NULL,
  xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
  feed_id         bigint NOT NULL DEFAULT nextval('feed_ids'),
  PRIMARY KEY (account_id, conversation_id, no)
);
CREATE INDEX domain_events_feed ON domain_events (account_id, xid, feed_id);

-- Outcomes are written once; whoever comes second answers what is stored. Kept 24 h.
CREATE TABLE idempotency (
  account_id uuid NOT NULL,
  key        text NOT NULL,                        -- a digest of what the client named it
  digest     text NOT NULL,                        -- of the request's body, keyed
  outcome    jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Every run of an actor, the build that wrote it, and (by the run after it) its exported history.
CREATE TABLE runs (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  run_id          text NOT NULL,
  build           text NOT NULL,
  started_at      timestamptz NOT NULL,
  history         bytea,                           -- gzip of Temporal's JSON; null: not exported yet
  history_sha256  text,
  exported_at     timestamptz,
  PRIMARY KEY (account_id, conversation_id, run_id)
);
CREATE INDEX runs_unexported ON runs (started_at) WHERE history IS NULL;
