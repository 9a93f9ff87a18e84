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

REVOKE ALL ON FUNCTION announce_block(uuid, uuid, uuid, uuid, timestamptz), news_of(announcements) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION announce_block(uuid, uuid, uuid, uuid, timestamptz) TO baton_worker;
GRANT EXECUTE ON FUNCTION news_of(announcements) TO baton_api;
