-- A block, or its end, reaches the contact's other conversations as all news for many do: one row in the transaction that
-- makes it true, told a batch per transaction after it. A session that begins meanwhile needs no news: it waits for the
-- contact's row, and finds the block there.

ALTER TABLE announcements DROP CONSTRAINT announcements_type_check;
ALTER TABLE announcements ADD CONSTRAINT announcements_type_check
  CHECK (type IN ('PolicyChanged', 'HoursChanged', 'AvailabilityChanged', 'BlockChanged'));
-- Of 'BlockChanged', which is about a contact: the blocks that have ended and may stand in a conversation still.
ALTER TABLE announcements ADD COLUMN ended uuid[] NOT NULL DEFAULT '{}';
GRANT UPDATE (ended) ON announcements TO baton_worker;

-- A batch begins after the one before it.
CREATE INDEX conversations_of_contact ON conversations (account_id, contact_id, id);
DROP INDEX conversations_by_contact;

-- In one row with the news before it, so that nobody is told of the older ones after it: whoever tells them holds the row.
CREATE FUNCTION announce_block(p_account uuid, p_conversation uuid, p_contact uuid, p_ended uuid, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO announcements (account_id, type, about, told_to, made_at, ended)
    SELECT p_account, 'BlockChanged', p_contact, '00000000-0000-0000-0000-000000000000', p_at, array_remove(ARRAY[p_ended], NULL)
    WHERE EXISTS (SELECT 1 FROM conversations
                  WHERE account_id = p_account AND contact_id = p_contact AND id <> p_conversation)
    ON CONFLICT (account_id, type, about) DO UPDATE
      SET told_to = EXCLUDED.told_to, made_at = EXCLUDED.made_at, ended = announcements.ended || EXCLUDED.ended;
END $$;

-- `p_block` is {blockId, expiresAt}.
CREATE OR REPLACE FUNCTION block_contact(p_account uuid, p_conversation uuid, p_contact uuid, p_block jsonb, p_now timestamptz)
  RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE contacts SET block_id = (p_block->>'blockId')::uuid, blocked_until = at_ms((p_block->>'expiresAt')::bigint)
    WHERE account_id = p_account AND id = p_contact;
  PERFORM note_contact_change(p_account, p_contact, p_now, 'conversation', p_conversation, ARRAY['block']);
  UPDATE contact_blocks SET active_from = p_now
    WHERE account_id = p_account AND id = (p_block->>'blockId')::uuid AND active_from IS NULL;
  PERFORM announce_block(p_account, p_conversation, p_contact, NULL, p_now);
END $$;

-- `p_unblock` is {blockId}. Where another block stands by now, that one stays.
CREATE OR REPLACE FUNCTION unblock_contact(p_account uuid, p_conversation uuid, p_contact uuid, p_unblock jsonb, p_now timestamptz)
  RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_block uuid := (p_unblock->>'blockId')::uuid;
BEGIN
  UPDATE contact_blocks SET ended_at = p_now WHERE account_id = p_account AND id = v_block AND ended_at IS NULL;
  UPDATE contacts SET block_id = NULL, blocked_until = NULL
    WHERE account_id = p_account AND id = p_contact AND block_id = v_block;
  IF FOUND THEN
    PERFORM note_contact_change(p_account, p_contact, p_now, 'conversation', p_conversation, ARRAY['block']);
    PERFORM announce_block(p_account, p_conversation, p_contact, v_block, p_now);
  END IF;
END $$;
DROP FUNCTION tell_other_conversations(uuid, uuid, uuid, text, jsonb, timestamptz);

CREATE OR REPLACE FUNCTION next_to_tell(p_account uuid, p_type text, p_about uuid, p_after uuid, p_most integer, p_now timestamptz)
  RETURNS TABLE (conversation_id uuid, concerned boolean)
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_type = 'PolicyChanged' THEN
    RETURN QUERY SELECT a.conversation_id, a.wake_at IS NOT NULL FROM actors a
      WHERE a.account_id = p_account AND a.conversation_id > p_after ORDER BY a.conversation_id LIMIT p_most;
  ELSIF p_type = 'BlockChanged' THEN
    RETURN QUERY SELECT c.id, true FROM conversations c
      WHERE c.account_id = p_account AND c.contact_id = p_about AND c.id > p_after ORDER BY c.id LIMIT p_most;
  ELSE
    RETURN QUERY SELECT q.conversation_id, p_type = 'HoursChanged' OR NOT somebody_is_there(p_account, p_about, q.bot_id, p_now)
      FROM queue_entries q
      WHERE q.account_id = p_account AND q.group_id = p_about AND q.conversation_id > p_after
      ORDER BY q.conversation_id LIMIT p_most;
  END IF;
END $$;

-- What each conversation gets into its inbox: [{type, payload}]. Of a block, what is true now; nothing that changes it
-- commits while the announcement's row is held.
CREATE FUNCTION news_of(a announcements) RETURNS jsonb
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_standing jsonb;
BEGIN
  IF a.type = 'PolicyChanged' THEN
    RETURN '[{"type": "PolicyChanged", "payload": {}}]';
  ELSIF a.type <> 'BlockChanged' THEN
    -- Who waits is told of hours and of agents in one way: what is true is read with it.
    RETURN '[{"type": "AvailabilityChanged", "payload": {}}]';
  END IF;
  SELECT jsonb_build_object('blockId', block_id, 'expiresAt', ms_of(blocked_until)) INTO v_standing
    FROM contacts WHERE account_id = a.account_id AND id = a.about AND block_id IS NOT NULL;
  IF FOUND THEN
    RETURN jsonb_build_array(jsonb_build_object('type', 'ContactBlocked', 'payload', v_standing));
  END IF;
  RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'ContactUnblocked',
                                                       'payload', jsonb_build_object('blockId', b.id)) ORDER BY b.nth), '[]')
          FROM unnest(a.ended) WITH ORDINALITY AS b (id, nth));
END $$;

-- One batch of the account's oldest news that nobody else is telling. False: there are none.
CREATE OR REPLACE FUNCTION tell_some(p_account uuid, p_most integer, p_now timestamptz) RETURNS boolean
  LANGUAGE plpgsql AS $$
DECLARE
  a announcements;
  v_news jsonb;
  v_next record;
  v_count integer := 0;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT * INTO a FROM announcements WHERE account_id = p_account ORDER BY made_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  v_news := news_of(a);
  FOR v_next IN SELECT * FROM next_to_tell(p_account, a.type, a.about, a.told_to, p_most, p_now) ORDER BY conversation_id LOOP
    v_count := v_count + 1;
    IF v_next.concerned THEN
      PERFORM put_in_inbox(p_account, v_next.conversation_id, n.value->>'type', n.value->'payload', p_now, NULL, NULL)
        FROM jsonb_array_elements(v_news) AS n;
    END IF;
  END LOOP;
  IF v_count < p_most THEN
    DELETE FROM announcements WHERE account_id = p_account AND type = a.type AND about = a.about;
  ELSE
    UPDATE announcements SET told_to = v_next.conversation_id WHERE account_id = p_account AND type = a.type AND about = a.about;
  END IF;
  RETURN true;
END $$;

REVOKE ALL ON FUNCTION announce_block(uuid, uuid, uuid, uuid, timestamptz), news_of(announcements) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION announce_block(uuid, uuid, uuid, uuid, timestamptz) TO baton_worker;
GRANT EXECUTE ON FUNCTION news_of(announcements) TO baton_api;
