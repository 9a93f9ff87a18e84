-- A page of an account's feed in one round trip: see store/feed.ts. `rows`: after a place and below the oldest running
-- transaction, in order; `held`: there are others, which have to wait for it.
-- Erasures (0067) are of no one conversation.
CREATE FUNCTION feed_page(p_account uuid, p_xid xid8, p_feed_id bigint, p_most integer) RETURNS jsonb
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
  -- The newest of each kind, in the order of its index: asked whether there is one, Postgres would look for it from the beginning.
  RETURN jsonb_build_object('rows', v_rows, 'held', EXISTS (SELECT 1 FROM (
    (SELECT xid FROM domain_events WHERE account_id = p_account ORDER BY xid DESC, feed_id DESC LIMIT 1) UNION ALL
    (SELECT xid FROM comments WHERE account_id = p_account ORDER BY xid DESC, feed_id DESC LIMIT 1) UNION ALL
    (SELECT xid FROM receipts WHERE account_id = p_account ORDER BY xid DESC, feed_id DESC LIMIT 1) UNION ALL
    (SELECT xid FROM erasures WHERE account_id = p_account AND xid IS NOT NULL ORDER BY xid DESC, feed_id DESC LIMIT 1)) AS newest
    WHERE xid >= v_oldest));
END $$;
REVOKE ALL ON FUNCTION feed_page(uuid, xid8, bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_page(uuid, xid8, bigint, integer) TO baton_api;
