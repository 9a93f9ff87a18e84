-- What lists, transcripts, feeds and streams read by. Row-level security lets an index be used only for comparisons that
-- can't leak, so the search for words runs in a function of its own role, bound to the account by itself.

-- Lists: the queue in its orders, everything else by its last message. (By phase there is one already.)
CREATE INDEX conversations_queue_by_age ON conversations (account_id, waiting_since, id) WHERE phase = 'queued';
CREATE INDEX conversations_queue_by_priority ON conversations (account_id, priority DESC, waiting_since, id)
  WHERE phase = 'queued';
CREATE INDEX conversations_by_last_message ON conversations (account_id, last_message_at DESC, id);
CREATE INDEX conversations_open ON conversations (account_id, last_message_at DESC, id)
  WHERE phase IN ('prechat', 'queued', 'assigned');
CREATE INDEX conversations_by_group ON conversations (account_id, group_id, last_message_at DESC, id)
  WHERE group_id IS NOT NULL;
CREATE INDEX conversations_by_channel ON conversations (account_id, channel_id, last_message_at DESC, id);

-- How the last hand-over ended, for lists.
CREATE INDEX domain_events_handover_ends ON domain_events (account_id, conversation_id, no) WHERE type = 'HandoverEnded';

CREATE INDEX parked_open ON parked (account_id, parked_at) WHERE resumed_at IS NULL;
CREATE INDEX messages_by_client_id ON messages (account_id, conversation_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX outbound_by_message ON outbound (account_id, message_id);

-- Where a comment stands in the transcript: after the message that had this place when it was written.
ALTER TABLE comments ADD COLUMN position bigint NOT NULL DEFAULT 0;
DROP INDEX comments_by_conversation;
CREATE INDEX comments_by_conversation ON comments (account_id, conversation_id, position, feed_id);

-- What people see of a delivery: it only rises, so what is still being tried is pending.
CREATE FUNCTION shown_status(p_status text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN p_status IN ('sending', 'ambiguous') THEN 'pending' ELSE p_status END $$;

-- Search. A message's words get in when it has its place (once; before, its row is still to be written again), in small
-- portions, so that nobody who stores a message waits for the words of thousands.
CREATE INDEX messages_words ON messages USING gin (to_tsvector('simple', left(coalesce(content->>'text', ''), 10000)))
  WITH (gin_pending_list_limit = 512) WHERE position IS NOT NULL;
CREATE INDEX contacts_words ON contacts USING gin (to_tsvector('simple', left(coalesce(name, ''), 1000)));
CREATE INDEX comments_words ON comments USING gin (to_tsvector('simple', left(coalesce(text, ''), 10000)));
CREATE INDEX contact_notes_words ON contact_notes USING gin (to_tsvector('simple', left(text, 10000)));

-- Every word of the search must begin a word of the text. Null: nothing to look for.
CREATE FUNCTION words_sought(p_text text) RETURNS tsquery
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''':*', ' & ')::tsquery
  FROM unnest(to_tsvector('simple', p_text))
$$;

-- Conversations in which the words are said, commented (a personal comment is found by its author alone), noted of the
-- contact, or the contact's name. Of the account that the transaction is bound to: an argument for it there is none.
CREATE FUNCTION conversations_mentioning(p_text text, p_reader uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH sought AS MATERIALIZED (
    SELECT current_setting('baton.account')::uuid AS account, words_sought(p_text) AS words)
  SELECT m.conversation_id FROM sought, messages m
    WHERE m.account_id = account AND m.position IS NOT NULL
      AND to_tsvector('simple', left(coalesce(m.content->>'text', ''), 10000)) @@ words
  UNION
  SELECT n.conversation_id FROM sought, comments n
    WHERE n.account_id = account AND (n.visibility <> 'personal' OR n.agent_id = p_reader)
      AND to_tsvector('simple', left(coalesce(n.text, ''), 10000)) @@ words
  UNION
  SELECT c.id FROM conversations c
    WHERE c.account_id = (SELECT account FROM sought) AND c.contact_id IN (
      SELECT k.id FROM sought, contacts k WHERE k.account_id = account
        AND to_tsvector('simple', left(coalesce(k.name, ''), 1000)) @@ words
      UNION
      SELECT w.contact_id FROM sought, contact_notes w WHERE w.account_id = account
        AND to_tsvector('simple', left(w.text, 10000)) @@ words)
$$;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['messages', 'comments', 'contacts', 'contact_notes', 'conversations'] LOOP
    EXECUTE format('CREATE POLICY of_lookup ON %I FOR SELECT TO baton_lookup USING (true)', t);
  END LOOP;
END $$;
GRANT SELECT (account_id, conversation_id, content, position) ON messages TO baton_lookup;
GRANT SELECT (account_id, conversation_id, text, visibility, agent_id) ON comments TO baton_lookup;
GRANT SELECT (account_id, id, name) ON contacts TO baton_lookup;
GRANT SELECT (account_id, contact_id, text) ON contact_notes TO baton_lookup;
GRANT SELECT (account_id, id, contact_id) ON conversations TO baton_lookup;
SELECT run_as('baton_lookup', 'conversations_mentioning(text, uuid)', 'baton_api');

-- The feed's cursors are good in one life of the store only (`cluster_life`, 0065): restored, transaction ids begin anew,
-- and so does the generation, by whoever asks first.
CREATE FUNCTION feed_generation_now() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_life text := cluster_life();
  v_generation integer;
BEGIN
  SELECT generation INTO v_generation FROM feed_generation WHERE system_id = v_life;
  IF NOT FOUND THEN
    UPDATE feed_generation SET generation = generation + 1, system_id = v_life WHERE system_id <> v_life;
    SELECT generation INTO v_generation FROM feed_generation;
  END IF;
  RETURN v_generation;
END $$;
GRANT SELECT, UPDATE (generation, system_id) ON feed_generation TO baton_lookup;
SELECT run_as('baton_lookup', 'feed_generation_now()', 'baton_api', 'baton_worker');

-- What a visitor (or the page) said of themselves before their first message makes them a contact.
ALTER TABLE visitor_sessions
  ADD COLUMN name     text,
  ADD COLUMN emails   text[] NOT NULL DEFAULT '{}',
  ADD COLUMN phones   text[] NOT NULL DEFAULT '{}',
  ADD COLUMN verified boolean NOT NULL DEFAULT false;
CREATE INDEX visitor_sessions_by_visitor ON visitor_sessions (account_id, channel_id, external_id);
CREATE INDEX visitor_sessions_by_end ON visitor_sessions (account_id, expires_at);

-- Streams are woken by their thread and not by their conversation: one that waits for its first message has none yet.
CREATE FUNCTION visitor_topic(p_channel uuid, p_thread text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT encode(sha256(convert_to(p_channel::text || ':' || p_thread, 'UTF8')), 'hex') $$;

CREATE FUNCTION wake_visitor() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('baton_visitor', visitor_topic(channel_id, external_thread))
    FROM conversations WHERE account_id = NEW.account_id AND id = NEW.conversation_id;
  RETURN NULL;
END $$;
CREATE TRIGGER wake_visitor AFTER INSERT ON visitor_stream FOR EACH ROW EXECUTE FUNCTION wake_visitor();

-- Streams say whether a person is awaited.
CREATE FUNCTION wake_visitor_of_phase() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('baton_visitor', visitor_topic(NEW.channel_id, NEW.external_thread));
  RETURN NULL;
END $$;
CREATE TRIGGER wake_visitor_of_phase AFTER UPDATE OF phase ON conversations FOR EACH ROW
  WHEN (OLD.phase IS DISTINCT FROM NEW.phase AND NEW.stream > 0) EXECUTE FUNCTION wake_visitor_of_phase();

-- What a call from outside is checked against, in one round trip: bound to the account that it names, which sees no other.
-- Null: unknown, or switched off. `version`: the transaction that wrote the row. Any change gives the row another one;
-- locking it does not. The same number comes again after four thousand million transactions.
CREATE FUNCTION webhook_endpoint(p_account uuid, p_kind text, p_id uuid) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_endpoint jsonb;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  IF p_kind = 'channel' THEN
    SELECT jsonb_build_object('type', type, 'settings', settings, 'secrets', secrets, 'version', xmin::text) INTO v_endpoint
      FROM channels WHERE account_id = p_account AND id = p_id AND disabled_at IS NULL;
  ELSE
    SELECT jsonb_build_object('type', type, 'settings', settings, 'secrets', secrets, 'version', xmin::text) INTO v_endpoint
      FROM desks WHERE account_id = p_account AND id = p_id AND disabled_at IS NULL;
  END IF;
  RETURN v_endpoint;
END $$;
