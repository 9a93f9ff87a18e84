-- The outbound message that a receipt is about: by the provider's id (of the message, or of a part before its last), or
-- by the send key, where the network gives it back (made in store/send-key.ts: one of another generation is of a message
-- that nobody has any more). `whole`: it is about the message and not only about a part.
CREATE FUNCTION outbound_of_receipt(p_account uuid, p_channel uuid, p_provider text, p_key text)
  RETURNS TABLE (conversation_id uuid, seq integer, status text, whole boolean)
  LANGUAGE sql STABLE AS $$
  SELECT conversation_id, seq, status, whole FROM (
    SELECT conversation_id, seq, status, true AS whole, 1 AS choice FROM outbound
      WHERE account_id = p_account AND to_id = p_channel AND provider_id = p_provider
    UNION ALL
    SELECT conversation_id, seq, o.status, false, 2 FROM outbound_parts p JOIN outbound o USING (account_id, conversation_id, seq)
      WHERE p.account_id = p_account AND p.to_id = p_channel AND p.provider_id = p_provider
    UNION ALL
    SELECT conversation_id, seq, status, true, 3
      FROM regexp_match(p_key, '^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9})(?:g([0-9]{1,9}))?$') AS key
        -- The limit keeps this what it is, a look at one row: joined, all that the account ever sent may be read for it.
        JOIN LATERAL (SELECT conversation_id, seq, status FROM outbound
          WHERE account_id = p_account AND to_id = p_channel AND conversation_id = key[1]::uuid
            AND seq = key[2]::int AND generation = coalesce(key[3]::int, 1) LIMIT 1) AS sent ON true) AS found
  ORDER BY choice LIMIT 1
$$;

-- Receipts of a channel (`p_items` may hold other kinds too). They raise what is shown, and wake no actor, except those
-- that one waits for: a failure, and the answer to an ambiguous send. A receipt of a part moves its message only by
-- failing. One whose message is not known yet is kept, and joined by whoever stores the provider's id.
CREATE FUNCTION accept_receipts(p_account uuid, p_channel uuid, p_at timestamptz, p_items jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_kinds text[] := array_fill(NULL::text, ARRAY[jsonb_array_length(p_items)]);
  v_entry record;
  v_was text;
  v_is text;
BEGIN
  PERFORM lock_provider_id(p_channel, provider) FROM (
    SELECT DISTINCT i.value->>'providerId' AS provider FROM jsonb_array_elements(p_items) AS i
    WHERE i.value->>'kind' = 'receipt' ORDER BY 1) AS providers;

  -- Mailboxes come before outbound rows, and those of this webhook's messages in one order with them.
  PERFORM 1 FROM mailboxes
    WHERE account_id = p_account AND conversation_id = ANY (ARRAY(
      SELECT o.conversation_id FROM jsonb_array_elements(p_items) AS i,
          outbound_of_receipt(p_account, p_channel, i.value->>'providerId', i.value->>'key') AS o
        WHERE i.value->>'kind' = 'receipt' AND (o.status = 'ambiguous' OR i.value->>'status' = 'failed')
      UNION ALL
      SELECT (SELECT id FROM conversations
              WHERE account_id = p_account AND channel_id = p_channel AND external_thread = i.value->>'thread')
        FROM jsonb_array_elements(p_items) AS i WHERE i.value->>'kind' IN ('message', 'cancel')))
    ORDER BY conversation_id FOR NO KEY UPDATE;

  FOR v_entry IN
    SELECT i.ordinality AS index, i.value AS item, o.conversation_id, o.seq, o.whole
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i
      LEFT JOIN LATERAL outbound_of_receipt(p_account, p_channel, i.value->>'providerId', i.value->>'key') AS o ON true
    WHERE i.value->>'kind' = 'receipt'
    ORDER BY o.conversation_id, o.seq, i.ordinality
  LOOP
    SELECT status INTO v_was FROM outbound
      WHERE account_id = p_account AND conversation_id = v_entry.conversation_id AND seq = v_entry.seq FOR NO KEY UPDATE;
    v_is := CASE WHEN v_entry.whole OR v_entry.item->>'status' = 'failed'
                 THEN risen_status(v_was, v_entry.item->>'status') ELSE v_was END;
    INSERT INTO receipts (account_id, id, channel_id, provider_id, status, class, external_id, at, conversation_id, seq, raised)
      VALUES (p_account, (v_entry.item->>'id')::uuid, p_channel, v_entry.item->>'providerId', v_entry.item->>'status',
              v_entry.item->>'class', v_entry.item->>'externalId', p_at, v_entry.conversation_id, v_entry.seq,
              v_entry.seq IS NOT NULL AND v_is <> v_was)
      ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      v_kinds[v_entry.index] := 'duplicate';
      CONTINUE;
    END IF;
    v_kinds[v_entry.index] := 'stored';
    CONTINUE WHEN v_entry.seq IS NULL OR v_is = v_was;
    PERFORM pg_notify('baton_feed', p_account::text);
    UPDATE outbound SET
        status = v_is,
        provider_id = CASE WHEN v_entry.whole THEN coalesce(provider_id, v_entry.item->>'providerId') ELSE provider_id END,
        sent_at = CASE WHEN v_is <> 'failed' THEN coalesce(sent_at, p_at) ELSE sent_at END,
        delivered_at = CASE WHEN v_is = 'delivered' THEN coalesce(delivered_at, p_at) ELSE delivered_at END,
        read_at = CASE WHEN v_is = 'read' THEN coalesce(read_at, p_at) ELSE read_at END,
        failure_class = CASE WHEN v_is = 'failed' THEN coalesce(v_entry.item->>'class', 'permanent') END,
        settled_at = CASE WHEN v_is = 'failed' THEN p_at END
      WHERE account_id = p_account AND conversation_id = v_entry.conversation_id AND seq = v_entry.seq;
    IF v_is = 'failed' AND v_was IN ('pending', 'sending', 'ambiguous', 'sent') OR v_was = 'ambiguous' THEN
      PERFORM put_in_inbox(p_account, v_entry.conversation_id, 'ReceiptCame',
                           CASE v_is WHEN 'failed'
                             THEN jsonb_build_object('outbound', v_entry.seq, 'status', 'failed',
                                                     'class', coalesce(v_entry.item->>'class', 'permanent'))
                             ELSE jsonb_build_object('outbound', v_entry.seq, 'status', 'sent') END,
                           p_at, NULL, NULL);
    END IF;
  END LOOP;
  RETURN (SELECT jsonb_object_agg(n - 1, jsonb_build_object('kind', kind)) FROM unnest(v_kinds) WITH ORDINALITY AS k (kind, n)
          WHERE kind IS NOT NULL);
END $$;
