-- The feed tells of an erasure, so that whoever holds copies drops them: once, when nothing of the contact is left to be read.
-- What a client reads after it has no word of theirs, and what it read before stands before it in the feed.
ALTER TABLE erasures ADD COLUMN xid xid8, ADD COLUMN feed_id bigint;
CREATE INDEX erasures_feed ON erasures (account_id, xid, feed_id) WHERE xid IS NOT NULL;

CREATE FUNCTION tell_of_erasure() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  NEW.xid := pg_current_xact_id();
  NEW.feed_id := nextval('feed_ids');
  PERFORM pg_notify('baton_feed', NEW.account_id::text);
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION tell_of_erasure() FROM PUBLIC;
CREATE TRIGGER tell_feed BEFORE UPDATE OF finished_at ON erasures FOR EACH ROW
  WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL) EXECUTE FUNCTION tell_of_erasure();
GRANT USAGE ON SEQUENCE feed_ids TO baton_erasure;

CREATE POLICY of_account ON erasures FOR SELECT TO baton_api USING (account_id = current_setting('baton.account')::uuid);
GRANT SELECT (account_id, contact_id, finished_at, xid, feed_id) ON erasures TO baton_api;

-- Those of the contact, and those of others in which they wrote.
CREATE FUNCTION conversations_with_words(p_account uuid, p_contact uuid) RETURNS jsonb
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM (
    SELECT id FROM conversations WHERE account_id = p_account AND contact_id = p_contact
    UNION SELECT conversation_id FROM messages WHERE account_id = p_account AND guest AND author_id = p_contact::text) AS c);
END $$;
REVOKE ALL ON FUNCTION conversations_with_words(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION conversations_with_words(uuid, uuid) TO baton_api;
