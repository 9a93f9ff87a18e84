-- What a decision makes of words: they get their places in the transcript, go out, are taken back or discarded. Fields are
-- those of `DecisionRecord` (store/record.ts).

-- Customer messages get the places after `p_last`.
CREATE FUNCTION place_received(p_account uuid, p_messages jsonb, p_last bigint) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. jsonb_array_length(p_messages) LOOP
    UPDATE messages SET position = p_last + i
      WHERE account_id = p_account AND id = (p_messages->>(i - 1))::uuid AND position IS NULL;
  END LOOP;
END $$;

-- Is there a stored message (a draft, or a customer's words for a desk) behind each that goes out without a text here?
CREATE FUNCTION words_are_stored(p_account uuid, p_conversation uuid, p_outbound jsonb) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_item jsonb;
BEGIN
  FOR v_item IN SELECT * FROM jsonb_array_elements(p_outbound) LOOP
    CONTINUE WHEN v_item->'content' <> 'null';
    PERFORM 1 FROM messages WHERE account_id = p_account AND id = (v_item->>'messageId')::uuid
      AND conversation_id = p_conversation AND (status = 'draft' OR v_item->>'authorKind' = 'customer');
    IF NOT FOUND THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;

-- Drafts that were accepted and the engine's own notices go out, with the places after `p_last`.
CREATE FUNCTION queue_outbound(p_account uuid, p_conversation uuid, p_contact uuid, p_outbound jsonb, p_last bigint,
                               p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_item jsonb;
  v_position bigint := p_last;
BEGIN
  FOR v_item IN SELECT * FROM jsonb_array_elements(p_outbound) LOOP
    v_position := v_position + 1;
    IF v_item->'content' <> 'null' THEN
      INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, digest, position, created_at)
        VALUES (p_account, (v_item->>'messageId')::uuid, p_conversation, 'out', 'engine', 'queued', v_item->'content',
                content_digest(p_account, p_contact, v_item->'content'), v_position, p_now);
    ELSIF v_item->>'authorKind' <> 'customer' THEN
      UPDATE messages SET status = 'queued', position = v_position
        WHERE account_id = p_account AND id = (v_item->>'messageId')::uuid;
    END IF;
    INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, handover, author_kind, epoch, queued_at)
      SELECT p_account, p_conversation, (v_item->>'seq')::int, (v_item->>'messageId')::uuid, v_item->>'toKind',
             coalesce((v_item->>'toId')::uuid, c.channel_id), (v_item->>'handover')::int, v_item->>'authorKind',
             (v_item->>'epoch')::int, p_now
      FROM conversations c WHERE c.account_id = p_account AND c.id = p_conversation;
  END LOOP;
END $$;

-- What is being sent at this moment is left alone: whoever ends the sending finds that it was taken back.
CREATE FUNCTION cancel_outbound(p_account uuid, p_conversation uuid, p_seqs jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE outbound SET status = 'cancelled', settled_at = p_now
    WHERE account_id = p_account AND conversation_id = p_conversation AND status IN ('pending', 'ambiguous')
      AND seq IN (SELECT value::int FROM jsonb_array_elements_text(p_seqs));
END $$;

-- The conversation has given them up: failed for good, or nobody will ever know.
-- Not where another attempt, of a run that is gone, is sending the words or has sent them: they have not failed, and the
-- whole record is refused (`another-attempt`). Only here, where the row's lock has been waited for, is that certain.
CREATE FUNCTION settle_outbound(p_account uuid, p_conversation uuid, p_settled jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE outbound SET status = CASE WHEN o.item->>'as' = 'failed' THEN 'failed' ELSE 'unknown' END,
                      failure_class = coalesce(o.item->>'class', failure_class), settled_at = p_now
    FROM (SELECT value AS item FROM jsonb_array_elements(p_settled)) AS o
    WHERE account_id = p_account AND conversation_id = p_conversation AND seq = (o.item->>'seq')::int
      AND (status IN ('pending', 'ambiguous') OR status = 'sending' AND o.item->>'as' <> 'failed');
  PERFORM 1 FROM outbound o JOIN jsonb_array_elements(p_settled) AS s ON (s->>'seq')::int = o.seq
    WHERE o.account_id = p_account AND o.conversation_id = p_conversation
      AND s->>'as' = 'failed' AND o.status IN ('sending', 'sent', 'delivered', 'read');
  IF FOUND THEN
    RAISE EXCEPTION 'another attempt has the words' USING ERRCODE = 'BT001';
  END IF;
END $$;

CREATE FUNCTION discard_drafts(p_account uuid, p_messages jsonb) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messages SET status = 'discarded'
    WHERE account_id = p_account AND status = 'draft'
      AND id IN (SELECT value::uuid FROM jsonb_array_elements_text(p_messages));
END $$;

-- Requests for a person that the engine itself makes, for no reason that anybody gave; a bot's or the API's are stored by
-- whoever brings them.
CREATE FUNCTION note_requests(p_account uuid, p_conversation uuid, p_requests jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO handover_requests (account_id, conversation_id, id, created_at)
    SELECT p_account, p_conversation, value, p_now FROM jsonb_array_elements_text(p_requests)
    ON CONFLICT DO NOTHING;
END $$;

-- What a customer told the bot stands with the turn until its answer is taken, and with the hand-over from then on: an
-- answer that comes too late, or to another hand-over's turn, changes nothing of one that is open.
CREATE FUNCTION take_intake(p_account uuid, p_conversation uuid, p_taken jsonb) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 0 .. jsonb_array_length(p_taken) - 1 LOOP
    INSERT INTO intake_answers (account_id, conversation_id, handover, name, label, value, answered_at)
      SELECT p_account, p_conversation, (p_taken->i->>'handover')::int, a->>'name', a->>'label', a->>'value', b.answered_at
      FROM bot_answers b, jsonb_array_elements(b.intake) AS a
      WHERE b.account_id = p_account AND b.conversation_id = p_conversation AND b.turn = (p_taken->i->>'turn')::int
      ON CONFLICT (account_id, conversation_id, handover, name)
      DO UPDATE SET label = excluded.label, value = excluded.value, answered_at = excluded.answered_at;
    UPDATE bot_answers SET intake = NULL
      WHERE account_id = p_account AND conversation_id = p_conversation AND turn = (p_taken->i->>'turn')::int
        AND intake IS NOT NULL;
  END LOOP;
END $$;

-- A hand-over that goes on under a new number takes its answers along.
CREATE FUNCTION carry_answers_over(p_account uuid, p_conversation uuid, p_continued jsonb) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO intake_answers (account_id, conversation_id, handover, name, label, value, answered_at)
    SELECT p_account, p_conversation, (o.item->>'to')::int, i.name, i.label, i.value, i.answered_at
    FROM (SELECT value AS item FROM jsonb_array_elements(p_continued)) AS o
      JOIN intake_answers i ON i.account_id = p_account AND i.conversation_id = p_conversation
        AND i.handover = (o.item->>'from')::int
    ON CONFLICT DO NOTHING;
END $$;
