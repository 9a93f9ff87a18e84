-- Erasing a contact. First, in one short transaction, everything that says who they are, their key, and that they are erased;
-- from then on the tables themselves let no word of theirs in, whoever writes. Then, in batches, the words that there are. It
-- is finished when a batch finds none and no transaction is left that began to write before the first commit.
--
-- What stays: ids, times, numbers, codes and digests, which mean nothing without the key. So chain, folds and replays hold.

-- Who erased whom, and how far it got. No words.
CREATE TABLE erasures (
  account_id  uuid NOT NULL,
  contact_id  uuid NOT NULL,
  at          timestamptz NOT NULL,
  by_kind     text NOT NULL CHECK (by_kind IN ('agent', 'key')),
  by_id       uuid NOT NULL,
  -- Transactions below it may have begun to write before the contact was erased; null: no batch has run yet.
  before_xid  xid8,
  finished_at timestamptz,
  PRIMARY KEY (account_id, contact_id),
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);
CREATE INDEX erasures_unfinished ON erasures (at) WHERE finished_at IS NULL;

-- Networks repeat webhooks for days, and receipts come late. What belonged to an erased contact is known by a digest of the
-- network's id under a key of the connection, for 30 days: it has no effect, and is not stored again.
CREATE TABLE erasure_keys (
  account_id  uuid NOT NULL,
  source_id   uuid NOT NULL,                        -- channel, desk or bot
  key         bytea NOT NULL,
  PRIMARY KEY (account_id, source_id)
);
CREATE TABLE erased_ids (
  account_id  uuid NOT NULL,
  source_id   uuid NOT NULL,
  digest      bytea NOT NULL,
  forget_at   timestamptz NOT NULL,
  PRIMARY KEY (account_id, source_id, digest)
);
CREATE INDEX erased_ids_by_age ON erased_ids (account_id, forget_at);

-- Of somebody who wrote in a thread of another contact.
ALTER TABLE messages ADD COLUMN guest boolean NOT NULL DEFAULT false;
UPDATE messages m SET guest = true FROM conversations c
  WHERE c.account_id = m.account_id AND c.id = m.conversation_id AND m.author_kind = 'customer' AND m.author_id <> c.contact_id::text;
ALTER TABLE messages ALTER COLUMN guest DROP DEFAULT; -- it is told, or found out (`keep_message_erased`)
CREATE INDEX messages_of_guests ON messages (account_id, author_id) WHERE guest;
-- The others have a place, in the inbox or the transcript.
CREATE INDEX messages_unplaced ON messages (account_id, conversation_id) WHERE status IN ('draft', 'discarded');
CREATE INDEX receipts_by_conversation ON receipts (account_id, conversation_id, seq) WHERE conversation_id IS NOT NULL;

-- The role that erases: functions run as it, and nobody logs in. What it may do is what they do, and in one account only.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'baton_erasure') THEN
    CREATE ROLE baton_erasure NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another migration of this cluster was faster
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['erasures', 'erasure_keys', 'erased_ids'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['erasures', 'erasure_keys', 'erased_ids', 'contacts', 'contact_identities', 'contact_addresses',
      'contact_notes', 'contact_blocks', 'contact_changes', 'visitor_sessions', 'conversations', 'messages', 'inbox', 'parked',
      'outbound', 'outbound_parts', 'receipts', 'comments', 'handover_requests', 'intake_answers', 'bot_answers', 'exports'] LOOP
    EXECUTE format('CREATE POLICY of_erasure ON %I TO baton_erasure USING (account_id = current_setting(''baton.account'')::uuid)
                    WITH CHECK (account_id = current_setting(''baton.account'')::uuid)', t);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO baton_erasure;
GRANT SELECT, INSERT, UPDATE (before_xid, finished_at) ON erasures TO baton_erasure;
GRANT SELECT, INSERT, DELETE ON erasure_keys, erased_ids TO baton_erasure;
-- That there is something to compare with: where nobody was erased, nothing is asked for each message.
CREATE POLICY of_account ON erasure_keys FOR SELECT TO baton_api, baton_worker
  USING (account_id = current_setting('baton.account')::uuid);
GRANT SELECT (account_id, source_id) ON erasure_keys TO baton_api, baton_worker;
GRANT SELECT (account_id, id, erased_at), UPDATE (name, attributes, tags, digest_key, erased_at) ON contacts TO baton_erasure;
GRANT SELECT, DELETE ON contact_identities, contact_addresses TO baton_erasure;
GRANT SELECT (account_id, contact_id), DELETE ON contact_notes TO baton_erasure;
GRANT SELECT (account_id, contact_id, reason, message), UPDATE (reason, message) ON contact_blocks TO baton_erasure;
GRANT INSERT ON contact_changes TO baton_erasure;
GRANT SELECT (account_id, channel_id, external_id), DELETE ON visitor_sessions TO baton_erasure;
GRANT SELECT (account_id, id, channel_id, external_thread, contact_id, phase), UPDATE (external_thread) ON conversations TO baton_erasure;
GRANT SELECT, UPDATE (content, client_id, external_id) ON messages TO baton_erasure;
GRANT SELECT (account_id, conversation_id, seq, source_id, external_id), UPDATE (external_id) ON inbox TO baton_erasure;
GRANT SELECT, UPDATE (item, external_id) ON parked TO baton_erasure;
GRANT SELECT (account_id, conversation_id, seq, to_id, provider_id), UPDATE (provider_id) ON outbound TO baton_erasure;
GRANT SELECT, UPDATE (provider_id) ON outbound_parts TO baton_erasure;
GRANT SELECT, DELETE, UPDATE (provider_id, external_id) ON receipts TO baton_erasure;
GRANT SELECT (account_id, id, conversation_id, text), UPDATE (text) ON comments TO baton_erasure;
GRANT SELECT (account_id, conversation_id, id, reason, data), UPDATE (reason, data) ON handover_requests TO baton_erasure;
GRANT SELECT (account_id, conversation_id), DELETE ON intake_answers TO baton_erasure;
GRANT SELECT (account_id, conversation_id, intake), UPDATE (intake) ON bot_answers TO baton_erasure;
GRANT SELECT ON exports TO baton_erasure;
GRANT EXECUTE ON FUNCTION note_contact_change(uuid, uuid, timestamptz, text, uuid, text[]), hmac_sha256(bytea, bytea) TO baton_erasure;

-- Ids of networks that are known no more.

CREATE FUNCTION is_erased_id(p_account uuid, p_source uuid, p_id text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_key bytea;
BEGIN
  SELECT key INTO v_key FROM erasure_keys WHERE account_id = p_account AND source_id = p_source;
  RETURN FOUND AND p_id IS NOT NULL AND EXISTS (SELECT 1 FROM erased_ids
    WHERE account_id = p_account AND source_id = p_source AND digest = hmac_sha256(v_key, convert_to(p_id, 'UTF8')));
END $$;
SELECT run_as('baton_erasure', 'is_erased_id(uuid, uuid, text)', 'baton_api', 'baton_worker');

CREATE FUNCTION remember_erased_id(p_account uuid, p_source uuid, p_id text, p_erased_at timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_key bytea;
BEGIN
  IF p_source IS NULL OR p_id IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO erasure_keys (account_id, source_id, key)
    VALUES (p_account, p_source, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) ON CONFLICT DO NOTHING;
  SELECT key INTO v_key FROM erasure_keys WHERE account_id = p_account AND source_id = p_source;
  INSERT INTO erased_ids (account_id, source_id, digest, forget_at)
    VALUES (p_account, p_source, hmac_sha256(v_key, convert_to(p_id, 'UTF8')), p_erased_at + interval '30 days')
    ON CONFLICT DO NOTHING;
END $$;
SELECT run_as('baton_erasure', 'remember_erased_id(uuid, uuid, text, timestamptz)', 'baton_api', 'baton_worker');

-- When the conversation's contact was erased; null: they weren't. Volatile, and asked by triggers: it sees what committed
-- before this very row is written, however long ago its statement began.
CREATE FUNCTION contact_erased_at(p_account uuid, p_conversation uuid) RETURNS timestamptz
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT k.erased_at FROM conversations c JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
          WHERE c.account_id = p_account AND c.id = p_conversation);
END $$;

-- Nothing of an erased contact gets in any more, whoever writes, and however late. A row that is only words isn't
-- written; of any other the words are left out.

CREATE FUNCTION keep_contact_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  NEW.name := NULL;
  NEW.attributes := '{}';
  NEW.tags := '{}';
  NEW.digest_key := NULL;
  NEW.erased_at := OLD.erased_at;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE UPDATE ON contacts FOR EACH ROW
  WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION keep_contact_erased();

CREATE FUNCTION leave_out_of_erased_contact() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM contacts WHERE account_id = NEW.account_id AND id = NEW.contact_id AND erased_at IS NOT NULL;
  RETURN CASE WHEN NOT FOUND THEN NEW END;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON contact_identities FOR EACH ROW EXECUTE FUNCTION leave_out_of_erased_contact();
CREATE TRIGGER keep_erased BEFORE INSERT ON contact_addresses FOR EACH ROW EXECUTE FUNCTION leave_out_of_erased_contact();
CREATE TRIGGER keep_erased BEFORE INSERT ON contact_notes FOR EACH ROW EXECUTE FUNCTION leave_out_of_erased_contact();

CREATE FUNCTION keep_block_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM contacts WHERE account_id = NEW.account_id AND id = NEW.contact_id AND erased_at IS NOT NULL;
  IF FOUND THEN
    NEW.reason := '';
    NEW.message := '';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON contact_blocks FOR EACH ROW EXECUTE FUNCTION keep_block_erased();

CREATE FUNCTION keep_message_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  v_contact uuid;
  v_erased boolean;
BEGIN
  SELECT k.id, k.erased_at IS NOT NULL INTO v_contact, v_erased
    FROM conversations c JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
    WHERE c.account_id = NEW.account_id AND c.id = NEW.conversation_id;
  IF v_erased THEN
    NEW.content := NULL;
    NEW.client_id := NULL;
    NEW.external_id := NULL;
  END IF;
  NEW.guest := NEW.author_kind = 'customer' AND NEW.author_id IS NOT NULL AND NEW.author_id <> v_contact::text;
  RETURN NEW;
END $$;
-- Who says whether it is a guest has looked at the contact, under the lock of the mailbox, which an erasure takes first.
CREATE TRIGGER keep_erased BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.guest IS NULL) EXECUTE FUNCTION keep_message_erased();

CREATE FUNCTION keep_comment_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  NEW.text := CASE WHEN contact_erased_at(NEW.account_id, NEW.conversation_id) IS NULL THEN NEW.text END;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION keep_comment_erased();

CREATE FUNCTION keep_request_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  IF contact_erased_at(NEW.account_id, NEW.conversation_id) IS NOT NULL THEN
    NEW.reason := NULL;
    NEW.data := '{}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON handover_requests FOR EACH ROW EXECUTE FUNCTION keep_request_erased();

CREATE FUNCTION keep_intake_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE WHEN contact_erased_at(NEW.account_id, NEW.conversation_id) IS NULL THEN NEW END;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON intake_answers FOR EACH ROW EXECUTE FUNCTION keep_intake_erased();

CREATE FUNCTION keep_bot_answer_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  NEW.intake := CASE WHEN contact_erased_at(NEW.account_id, NEW.conversation_id) IS NULL THEN NEW.intake END;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON bot_answers FOR EACH ROW WHEN (NEW.intake IS NOT NULL)
  EXECUTE FUNCTION keep_bot_answer_erased();

-- What an inbox row may keep of its id. For whoever holds the mailbox's lock, which an erasure takes first.
CREATE FUNCTION input_id_to_keep(p_account uuid, p_conversation uuid, p_source uuid, p_external text) RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE
  v_erased_at timestamptz := contact_erased_at(p_account, p_conversation);
BEGIN
  IF v_erased_at IS NULL THEN
    RETURN p_external;
  END IF;
  PERFORM remember_erased_id(p_account, p_source, p_external, v_erased_at);
  RETURN NULL;
END $$;

CREATE FUNCTION keep_parked_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE WHEN NOT is_erased_id(NEW.account_id, NEW.source_id, NEW.external_id) THEN NEW END;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT ON parked FOR EACH ROW WHEN (NEW.external_id IS NOT NULL)
  EXECUTE FUNCTION keep_parked_erased();

CREATE FUNCTION keep_provider_id_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  v_erased_at timestamptz := contact_erased_at(NEW.account_id, NEW.conversation_id);
BEGIN
  IF v_erased_at IS NOT NULL THEN
    PERFORM remember_erased_id(NEW.account_id, NEW.to_id, NEW.provider_id, v_erased_at);
    NEW.provider_id := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE UPDATE OF provider_id ON outbound FOR EACH ROW
  WHEN (NEW.provider_id IS NOT NULL AND NEW.provider_id IS DISTINCT FROM OLD.provider_id) EXECUTE FUNCTION keep_provider_id_erased();
CREATE TRIGGER keep_erased BEFORE INSERT ON outbound_parts FOR EACH ROW
  WHEN (NEW.provider_id IS NOT NULL) EXECUTE FUNCTION keep_provider_id_erased();

-- What `note_sent` makes up where the network has no id is ours.
CREATE FUNCTION keep_receipt_erased() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  v_erased_at timestamptz;
BEGIN
  IF NEW.conversation_id IS NULL THEN
    RETURN CASE WHEN NOT is_erased_id(NEW.account_id, NEW.channel_id, NEW.provider_id) THEN NEW END;
  END IF;
  v_erased_at := contact_erased_at(NEW.account_id, NEW.conversation_id);
  IF v_erased_at IS NOT NULL AND NEW.provider_id <> NEW.conversation_id || ':' || NEW.seq THEN
    PERFORM remember_erased_id(NEW.account_id, NEW.channel_id, NEW.provider_id, v_erased_at);
    NEW.provider_id := 'erased:' || NEW.id;
    NEW.external_id := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_erased BEFORE INSERT OR UPDATE OF conversation_id ON receipts FOR EACH ROW EXECUTE FUNCTION keep_receipt_erased();

-- Erasing.

-- Everything that says who somebody is. Answers null: no such contact; {kind: open, conversations}: a person has one of their
-- conversations, or is awaited there, and nothing has happened; {kind: erased, at, by, finished, exports}.
CREATE FUNCTION erase_contact(p_account uuid, p_contact uuid, p_by_kind text, p_by_id uuid, p_now timestamptz) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_erased_at timestamptz;
  v_open jsonb;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT erased_at INTO v_erased_at FROM contacts WHERE account_id = p_account AND id = p_contact FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF v_erased_at IS NULL THEN
    SELECT jsonb_agg(id) FILTER (WHERE phase IN ('prechat', 'queued', 'assigned')) INTO v_open FROM (
      SELECT id, phase FROM conversations WHERE account_id = p_account AND contact_id = p_contact ORDER BY id FOR NO KEY UPDATE) AS c;
    IF v_open IS NOT NULL THEN
      RETURN jsonb_build_object('kind', 'open', 'conversations', v_open);
    END IF;
    PERFORM forget_person(p_account, p_contact, p_now);
    INSERT INTO erasures (account_id, contact_id, at, by_kind, by_id) VALUES (p_account, p_contact, p_now, p_by_kind, p_by_id);
    PERFORM note_contact_change(p_account, p_contact, p_now, p_by_kind, p_by_id, ARRAY['erased']);
  END IF;
  RETURN (SELECT jsonb_build_object('kind', 'erased', 'at', ms_of(at), 'by', jsonb_build_object('kind', by_kind, 'id', by_id),
                                    'finished', finished_at IS NOT NULL, 'exports', exports_of(p_account, p_contact))
          FROM erasures WHERE account_id = p_account AND contact_id = p_contact);
END $$;

-- Files in somebody's hands, with words of the contact in them unless they were made after the erasure.
CREATE FUNCTION exports_of(p_account uuid, p_contact uuid) RETURNS jsonb
  LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'conversationId', conversation_id, 'madeAt', ms_of(made_at), 'madeBy', made_by,
                                               'file', file, 'sha256', sha256) ORDER BY made_at, id), '[]')
  FROM exports WHERE account_id = p_account AND p_contact <> ALL (without) AND (contact_id = p_contact OR conversation_id IN (
    SELECT conversation_id FROM messages WHERE account_id = p_account AND guest AND author_id = p_contact::text))
$$;

CREATE FUNCTION forget_person(p_account uuid, p_contact uuid, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_named text[];
BEGIN
  v_named := ARRAY(
    SELECT external_id FROM contact_identities WHERE account_id = p_account AND contact_id = p_contact
    UNION SELECT external_thread FROM conversations WHERE account_id = p_account AND contact_id = p_contact
    UNION SELECT value FROM contact_addresses WHERE account_id = p_account AND contact_id = p_contact
    UNION SELECT ltrim(value, '+') FROM contact_addresses WHERE account_id = p_account AND contact_id = p_contact);
  PERFORM forget_unreadable(p_account, v_named, p_now);
  DELETE FROM visitor_sessions s WHERE account_id = p_account AND (channel_id, external_id) IN (
    SELECT channel_id, external_id FROM contact_identities WHERE account_id = p_account AND contact_id = p_contact
    UNION SELECT channel_id, external_thread FROM conversations WHERE account_id = p_account AND contact_id = p_contact);
  DELETE FROM contact_identities WHERE account_id = p_account AND contact_id = p_contact;
  DELETE FROM contact_addresses WHERE account_id = p_account AND contact_id = p_contact;
  DELETE FROM contact_notes WHERE account_id = p_account AND contact_id = p_contact;
  -- Never the network's: whoever writes in that thread begins another conversation.
  UPDATE conversations SET external_thread = 'erased:' || gen_random_uuid() WHERE account_id = p_account AND contact_id = p_contact;
  UPDATE contacts SET name = NULL, attributes = '{}', tags = '{}', digest_key = NULL, erased_at = p_now
    WHERE account_id = p_account AND id = p_contact;
END $$;

-- Items that nobody could read belong to no contact: those that hold one of their ids or addresses, whole, as a value. A short one
-- would be found in anybody's. Nobody is left to resume what nothing is left of.
CREATE FUNCTION forget_unreadable(p_account uuid, p_named text[], p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_parked record;
BEGIN
  FOR v_parked IN
    SELECT id, source_id, external_id FROM parked p
    WHERE account_id = p_account AND item IS NOT NULL AND EXISTS (
      SELECT 1 FROM unnest(p_named) AS named WHERE length(named) > 4 AND (
        EXISTS (SELECT 1 FROM jsonb_path_query(p.item, '$.**') AS v WHERE v #>> '{}' = named)
        OR jsonb_typeof(p.item) = 'string' AND strpos(p.item #>> '{}', named) > 0))
    ORDER BY id FOR NO KEY UPDATE
  LOOP
    PERFORM remember_erased_id(p_account, v_parked.source_id, v_parked.external_id, p_now);
    UPDATE parked SET item = NULL, external_id = NULL, resumed_at = coalesce(resumed_at, p_now),
        discarded_because = CASE WHEN resumed_at IS NULL THEN 'erased' ELSE discarded_because END
      WHERE account_id = p_account AND id = v_parked.id;
  END LOOP;
END $$;

-- The next words of a contact who is erased, `p_most` of each kind at most. Answers {finished, cleared}; neither: a
-- transaction is left that may have begun to write before the contact was erased.
CREATE FUNCTION erase_words(p_account uuid, p_contact uuid, p_most integer, p_now timestamptz) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_erasure erasures;
  v_conversations uuid[];
  v_settled boolean;
  v_cleared integer;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  UPDATE erasures SET before_xid = coalesce(before_xid, pg_snapshot_xmax(pg_current_snapshot()))
    WHERE account_id = p_account AND contact_id = p_contact AND finished_at IS NULL
    RETURNING * INTO v_erasure;
  IF NOT FOUND THEN
    RETURN '{"finished": true, "cleared": 0}';
  END IF;
  -- Our own transaction is not below it: its number was given out after the snapshot, or is newer still.
  v_settled := pg_snapshot_xmin(pg_current_snapshot()) >= v_erasure.before_xid;
  v_conversations := ARRAY(SELECT id FROM conversations WHERE account_id = p_account AND contact_id = p_contact);
  v_cleared := erase_messages(p_account, p_contact, v_conversations, p_most, v_erasure.at)
    + erase_network_ids(p_account, v_conversations, p_most, v_erasure.at)
    + erase_notes(p_account, p_contact, v_conversations, p_most);
  IF v_settled AND v_cleared = 0 THEN
    UPDATE erasures SET finished_at = p_now WHERE account_id = p_account AND contact_id = p_contact;
  END IF;
  RETURN jsonb_build_object('finished', v_settled AND v_cleared = 0, 'cleared', v_cleared);
END $$;

-- Of the contact's conversations, and what they wrote in threads of others. A message without a place is a draft.
CREATE FUNCTION erase_messages(p_account uuid, p_contact uuid, p_conversations uuid[], p_most integer, p_erased_at timestamptz)
  RETURNS integer
  LANGUAGE plpgsql AS $$
DECLARE
  v_message messages;
  v_cleared integer := 0;
BEGIN
  FOR v_message IN
    (SELECT * FROM messages WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND inbox_seq IS NOT NULL
       AND (content IS NOT NULL OR client_id IS NOT NULL OR external_id IS NOT NULL) LIMIT p_most)
    UNION ALL
    (SELECT * FROM messages WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND position IS NOT NULL
       AND inbox_seq IS NULL AND (content IS NOT NULL OR client_id IS NOT NULL OR external_id IS NOT NULL) LIMIT p_most)
    UNION ALL
    (SELECT * FROM messages WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND status IN ('draft', 'discarded')
       AND inbox_seq IS NULL AND position IS NULL
       AND (content IS NOT NULL OR client_id IS NOT NULL OR external_id IS NOT NULL) LIMIT p_most)
    UNION ALL
    (SELECT * FROM messages WHERE account_id = p_account AND guest AND author_id = p_contact::text
       AND (content IS NOT NULL OR client_id IS NOT NULL OR external_id IS NOT NULL) LIMIT p_most)
  LOOP
    v_cleared := v_cleared + 1;
    UPDATE messages SET content = NULL, client_id = NULL, external_id = NULL WHERE account_id = p_account AND id = v_message.id;
    IF v_message.guest THEN
      PERFORM remember_erased_id(p_account, source_id, external_id, p_erased_at) FROM inbox
        WHERE account_id = p_account AND conversation_id = v_message.conversation_id AND seq = v_message.inbox_seq;
      UPDATE inbox SET external_id = NULL
        WHERE account_id = p_account AND conversation_id = v_message.conversation_id AND seq = v_message.inbox_seq;
    END IF;
  END LOOP;
  RETURN v_cleared;
END $$;

-- Of what came in, of what was sent, and of what was said to have become of it. Digests stay, so that none comes again.
CREATE FUNCTION erase_network_ids(p_account uuid, p_conversations uuid[], p_most integer, p_erased_at timestamptz) RETURNS integer
  LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_cleared integer := 0;
BEGIN
  FOR r IN SELECT conversation_id, seq, source_id, external_id FROM inbox
      WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND external_id IS NOT NULL LIMIT p_most LOOP
    v_cleared := v_cleared + 1;
    PERFORM remember_erased_id(p_account, r.source_id, r.external_id, p_erased_at);
    UPDATE inbox SET external_id = NULL WHERE account_id = p_account AND conversation_id = r.conversation_id AND seq = r.seq;
  END LOOP;
  FOR r IN SELECT id, source_id, external_id FROM parked
      WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND (item IS NOT NULL OR external_id IS NOT NULL)
      ORDER BY id LIMIT p_most LOOP
    v_cleared := v_cleared + 1;
    PERFORM remember_erased_id(p_account, r.source_id, r.external_id, p_erased_at);
    UPDATE parked SET item = NULL, external_id = NULL WHERE account_id = p_account AND id = r.id;
  END LOOP;
  FOR r IN SELECT conversation_id, seq, to_id, provider_id FROM outbound
      WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND provider_id IS NOT NULL
      ORDER BY conversation_id, seq LIMIT p_most LOOP
    v_cleared := v_cleared + 1;
    PERFORM remember_erased_id(p_account, r.to_id, r.provider_id, p_erased_at);
    UPDATE outbound SET provider_id = NULL WHERE account_id = p_account AND conversation_id = r.conversation_id AND seq = r.seq;
  END LOOP;
  FOR r IN SELECT conversation_id, seq, part, to_id, provider_id FROM outbound_parts
      WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND provider_id IS NOT NULL
      ORDER BY conversation_id, seq, part LIMIT p_most LOOP
    v_cleared := v_cleared + 1;
    PERFORM remember_erased_id(p_account, r.to_id, r.provider_id, p_erased_at);
    UPDATE outbound_parts SET provider_id = NULL
      WHERE account_id = p_account AND conversation_id = r.conversation_id AND seq = r.seq AND part = r.part;
  END LOOP;
  FOR r IN SELECT id, channel_id, provider_id FROM receipts
      WHERE account_id = p_account AND conversation_id = ANY (p_conversations)
        AND (provider_id NOT IN ('erased:' || id, conversation_id || ':' || seq) OR external_id IS NOT NULL)
      ORDER BY conversation_id, seq LIMIT p_most LOOP
    v_cleared := v_cleared + 1;
    PERFORM remember_erased_id(p_account, r.channel_id, r.provider_id, p_erased_at);
    UPDATE receipts SET provider_id = 'erased:' || id, external_id = NULL WHERE account_id = p_account AND id = r.id;
  END LOOP;
  RETURN v_cleared;
END $$;

-- What was said of the contact, and asked of them.
CREATE FUNCTION erase_notes(p_account uuid, p_contact uuid, p_conversations uuid[], p_most integer) RETURNS integer
  LANGUAGE plpgsql AS $$
DECLARE
  v_cleared integer := 0;
  v_rows integer;
BEGIN
  UPDATE comments SET text = NULL WHERE account_id = p_account AND id IN (
    SELECT id FROM comments WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND text IS NOT NULL LIMIT p_most);
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  v_cleared := v_cleared + v_rows;
  UPDATE handover_requests SET reason = NULL, data = '{}'
    WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND (reason IS NOT NULL OR data <> '{}');
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  v_cleared := v_cleared + v_rows;
  UPDATE bot_answers SET intake = NULL
    WHERE account_id = p_account AND conversation_id = ANY (p_conversations) AND intake IS NOT NULL;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  v_cleared := v_cleared + v_rows;
  UPDATE contact_blocks SET reason = '', message = ''
    WHERE account_id = p_account AND contact_id = p_contact AND (reason <> '' OR message <> '');
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  v_cleared := v_cleared + v_rows;
  DELETE FROM intake_answers WHERE account_id = p_account AND conversation_id = ANY (p_conversations);
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_cleared + v_rows;
END $$;

-- Digests that have had their time, and with the last of a connection its key; and what of networks' ids nobody can say whose
-- they are and nobody needs: receipts whose message never became known, items that could be read in the end.
CREATE FUNCTION forget_erased_ids(p_account uuid, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  DELETE FROM erased_ids WHERE account_id = p_account AND forget_at <= p_now;
  DELETE FROM erasure_keys k WHERE account_id = p_account
    AND NOT EXISTS (SELECT 1 FROM erased_ids e WHERE e.account_id = p_account AND e.source_id = k.source_id);
  DELETE FROM receipts WHERE account_id = p_account AND seq IS NULL AND at <= p_now - interval '30 days';
  UPDATE parked SET item = NULL WHERE account_id = p_account AND item IS NOT NULL AND resumed_at <= p_now - interval '30 days';
END $$;

-- Contacts of every account whose erasure somebody began and didn't finish (`contact_id`), and accounts in which digests have
-- had their time (null).
CREATE FUNCTION erasures_to_go_on_with(p_begun_before timestamptz, p_now timestamptz, p_most integer)
  RETURNS TABLE (account_id uuid, contact_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  (SELECT account_id, contact_id FROM erasures WHERE finished_at IS NULL AND at <= p_begun_before ORDER BY at LIMIT p_most)
  UNION ALL
  (SELECT DISTINCT account_id, NULL::uuid FROM erased_ids WHERE forget_at <= p_now LIMIT p_most)
$$;
CREATE POLICY of_lookup ON erasures FOR SELECT TO baton_lookup USING (true);
CREATE POLICY of_lookup ON erased_ids FOR SELECT TO baton_lookup USING (true);
GRANT SELECT (account_id, contact_id, at, finished_at) ON erasures TO baton_lookup;
GRANT SELECT (account_id, forget_at) ON erased_ids TO baton_lookup;
SELECT run_as('baton_lookup', 'erasures_to_go_on_with(timestamptz, timestamptz, integer)', 'baton_api');

REVOKE ALL ON FUNCTION
  contact_erased_at(uuid, uuid), keep_contact_erased(), leave_out_of_erased_contact(), keep_block_erased(), keep_message_erased(),
  keep_comment_erased(), keep_request_erased(), keep_intake_erased(), keep_bot_answer_erased(), input_id_to_keep(uuid, uuid, uuid, text),
  keep_parked_erased(), keep_provider_id_erased(), keep_receipt_erased(), exports_of(uuid, uuid), forget_person(uuid, uuid, timestamptz),
  forget_unreadable(uuid, text[], timestamptz), erase_messages(uuid, uuid, uuid[], integer, timestamptz),
  erase_network_ids(uuid, uuid[], integer, timestamptz), erase_notes(uuid, uuid, uuid[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact_erased_at(uuid, uuid), input_id_to_keep(uuid, uuid, uuid, text) TO baton_api, baton_worker;
GRANT EXECUTE ON FUNCTION
  exports_of(uuid, uuid), forget_person(uuid, uuid, timestamptz), forget_unreadable(uuid, text[], timestamptz),
  erase_messages(uuid, uuid, uuid[], integer, timestamptz), erase_network_ids(uuid, uuid[], integer, timestamptz),
  erase_notes(uuid, uuid, uuid[], integer) TO baton_erasure;
GRANT EXECUTE ON FUNCTION ms_of(timestamptz) TO baton_erasure;
SELECT run_as('baton_erasure', 'erase_contact(uuid, uuid, text, uuid, timestamptz)', 'baton_api');
SELECT run_as('baton_erasure', 'erase_words(uuid, uuid, integer, timestamptz)', 'baton_api');
SELECT run_as('baton_erasure', 'forget_erased_ids(uuid, timestamptz)', 'baton_api');
