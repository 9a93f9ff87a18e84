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

-- As `feed_page` in 0052, with erasures, which are of no one conversation. Of a name of its own: a build that doesn't know them
-- goes on asking the other.
CREATE FUNCTION feed_with_erasures(p_account uuid, p_xid xid8, p_feed_id bigint, p_most integer) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_oldest xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_rows jsonb;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT coalesce(jsonb_agg(jsonb_build_object(
      'kind', f.kind, 'xid', f.xid::text, 'feedId', f.feed_id::text, 'conversationId', f.conversation_id, 'at', ms_of(f.at),
      'body', f.body, 'belongs', CASE WHEN c.id IS NOT NULL
        THEN jsonb_build_object('agentId', c.agent_id, 'groupId', c.group_id, 'botId', c.bot_id) END)
      ORDER BY f.xid, f.feed_id), '[]') INTO v_rows
  FROM (
    SELECT * FROM (
      (SELECT 'event' AS kind, xid, feed_id, conversation_id, at, jsonb_build_object(
         'no', no, 'event', data->'event', 'cause', data->'cause',
         'message', (SELECT jsonb_build_object('id', m.id, 'content', m.content,
                       'author', jsonb_build_object('kind', m.author_kind, 'name', m.author_name))
                     FROM messages m WHERE m.account_id = e.account_id AND m.id = e.message_id)) AS body
       FROM domain_events e
       WHERE account_id = p_account AND (xid, feed_id) > (p_xid, p_feed_id) AND xid < v_oldest
       ORDER BY xid, feed_id LIMIT p_most)
      UNION ALL
      (SELECT 'comment', xid, feed_id, conversation_id, created_at, jsonb_build_object('comment', jsonb_build_object(
         'id', id, 'agentId', agent_id, 'visibility', visibility, 'text', text))
       FROM comments
       WHERE account_id = p_account AND (xid, feed_id) > (p_xid, p_feed_id) AND xid < v_oldest
       ORDER BY xid, feed_id LIMIT p_most)
      UNION ALL
      (SELECT 'receipt', xid, feed_id, conversation_id, at, jsonb_build_object('receipt', jsonb_build_object(
         'outbound', seq, 'status', status, 'class', class,
         'messageId', (SELECT o.message_id FROM outbound o
                       WHERE o.account_id = r.account_id AND o.conversation_id = r.conversation_id AND o.seq = r.seq)))
       FROM receipts r
       WHERE account_id = p_account AND (xid, feed_id) > (p_xid, p_feed_id) AND xid < v_oldest AND raised
       ORDER BY xid, feed_id LIMIT p_most)
      UNION ALL
      (SELECT 'erasure', xid, feed_id, NULL, finished_at, jsonb_build_object('erasure', jsonb_build_object(
         'contactId', contact_id, 'conversationIds', conversations_with_words(account_id, contact_id)))
       FROM erasures
       WHERE account_id = p_account AND (xid, feed_id) > (p_xid, p_feed_id) AND xid < v_oldest
       ORDER BY xid, feed_id LIMIT p_most)) AS four
    ORDER BY xid, feed_id LIMIT p_most) AS f
  LEFT JOIN conversations c ON c.account_id = p_account AND c.id = f.conversation_id;
  RETURN jsonb_build_object('rows', v_rows, 'held',
    EXISTS (SELECT 1 FROM domain_events WHERE account_id = p_account AND xid >= v_oldest)
    OR EXISTS (SELECT 1 FROM comments WHERE account_id = p_account AND xid >= v_oldest)
    OR EXISTS (SELECT 1 FROM receipts WHERE account_id = p_account AND xid >= v_oldest)
    OR EXISTS (SELECT 1 FROM erasures WHERE account_id = p_account AND xid >= v_oldest));
END $$;

-- Those of the contact, and those of others in which they wrote.
CREATE FUNCTION conversations_with_words(p_account uuid, p_contact uuid) RETURNS jsonb
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM (
    SELECT id FROM conversations WHERE account_id = p_account AND contact_id = p_contact
    UNION SELECT conversation_id FROM messages WHERE account_id = p_account AND guest AND author_id = p_contact::text) AS c);
END $$;
REVOKE ALL ON FUNCTION feed_with_erasures(uuid, xid8, bigint, integer), conversations_with_words(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_with_erasures(uuid, xid8, bigint, integer), conversations_with_words(uuid, uuid) TO baton_api;
