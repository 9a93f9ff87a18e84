-- A block is of the contact. The conversation in which it is decided changes the contact's row; every other conversation
-- of the contact hears of it through its inbox (`announce_block`, 0053).

-- The block that stands; null: none, or it has expired.
CREATE FUNCTION standing_block(p_account uuid, p_contact uuid, p_now timestamptz) RETURNS uuid
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT block_id FROM contacts
          WHERE account_id = p_account AND id = p_contact AND (blocked_until IS NULL OR blocked_until > p_now));
END $$;

-- `p_block` is {blockId, expiresAt}.
CREATE FUNCTION block_contact(p_account uuid, p_conversation uuid, p_contact uuid, p_block jsonb, p_now timestamptz)
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
CREATE FUNCTION unblock_contact(p_account uuid, p_conversation uuid, p_contact uuid, p_unblock jsonb, p_now timestamptz)
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
