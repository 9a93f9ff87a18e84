-- Mailboxes, as whoever puts something in, hands it over or asks for it again sees them. Each function that is called
-- from outside is one round trip and binds itself to its account first: row-level security reads `baton.account`, and a
-- query without it is an error.

-- One more row of a conversation's inbox, in its place. All null: this external id is there already.
-- The mailbox row's lock makes places commit in order and leaves no gaps. The courier is told by the row that finds
-- nothing waiting before it; whoever hands that one over looks for more until there is none, under the same lock.
CREATE FUNCTION append_to_inbox(p_account uuid, p_conversation uuid, p_type text, p_payload jsonb, p_at timestamptz,
                                p_source uuid, p_external text) RETURNS inbox
  LANGUAGE plpgsql AS $$
DECLARE
  v_external text := p_external;
  v_first boolean;
  v_row inbox;
BEGIN
  UPDATE mailboxes SET last_seq = last_seq + 1,
      last_at = greatest(last_at, p_at, (SELECT last_at FROM actors WHERE account_id = p_account AND conversation_id = p_conversation)),
      waiting_at = coalesce(waiting_at, p_at)
    WHERE account_id = p_account AND conversation_id = p_conversation
    RETURNING last_seq, last_at, last_seq = handed_seq + 1 INTO v_row.seq, v_row.at, v_first;
  IF v_row.seq IS NULL THEN
    RAISE EXCEPTION 'no mailbox' USING ERRCODE = 'no_data_found';
  END IF;
  IF p_external IS NOT NULL THEN
    v_external := input_id_to_keep(p_account, p_conversation, p_source, p_external);
  END IF;
  INSERT INTO inbox (account_id, conversation_id, seq, type, payload, at, source_id, external_id)
    VALUES (p_account, p_conversation, v_row.seq, p_type, p_payload, v_row.at, p_source, v_external)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    -- The place was taken under this lock, so nobody has seen it: give it back.
    UPDATE mailboxes SET last_seq = last_seq - 1, waiting_at = CASE WHEN NOT v_first THEN waiting_at END
      WHERE account_id = p_account AND conversation_id = p_conversation;
    RETURN NULL;
  END IF;
  IF v_first THEN
    PERFORM pg_notify('baton_inbox', '');
  END IF;
  v_row.account_id := p_account;
  v_row.conversation_id := p_conversation;
  RETURN v_row;
END $$;

-- The same for whoever needs the place alone. Null: this external id is there already.
CREATE FUNCTION put_in_inbox(p_account uuid, p_conversation uuid, p_type text, p_payload jsonb, p_at timestamptz,
                             p_source uuid, p_external text) RETURNS bigint
  LANGUAGE sql AS $$ SELECT (append_to_inbox(p_account, p_conversation, p_type, p_payload, p_at, p_source, p_external)).seq $$;

-- What waits in a mailbox may be handed over from now on.
CREATE FUNCTION tell_courier(p_waits boolean) RETURNS void
  LANGUAGE sql AS $$ SELECT pg_notify('baton_inbox', '') WHERE p_waits $$;

-- Everything above `p_seq` is handed over again. The generation is raised in any case: a courier that has sent rows to a
-- run that is gone, and not yet moved its cursor, must not move it over them.
CREATE FUNCTION set_cursor_back(p_account uuid, p_conversation uuid, p_seq bigint, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_waits boolean;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  UPDATE mailboxes SET handed_seq = least(handed_seq, p_seq), generation = generation + 1, leased_until = NULL,
      waiting_at = CASE WHEN last_seq > least(handed_seq, p_seq) THEN coalesce(waiting_at, p_now) END
    WHERE account_id = p_account AND conversation_id = p_conversation
    RETURNING waiting_at IS NOT NULL INTO v_waits;
  PERFORM tell_courier(v_waits);
END $$;

-- No batch is handed over before `p_until`, unless the mailbox is released.
CREATE FUNCTION hold_mailbox(p_account uuid, p_conversation uuid, p_until timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  UPDATE mailboxes SET held_until = p_until WHERE account_id = p_account AND conversation_id = p_conversation;
END $$;

CREATE FUNCTION release_mailbox(p_account uuid, p_conversation uuid) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_waits boolean;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  UPDATE mailboxes SET held_until = NULL
    WHERE account_id = p_account AND conversation_id = p_conversation AND held_until IS NOT NULL
    RETURNING waiting_at IS NOT NULL INTO v_waits;
  PERFORM tell_courier(v_waits);
END $$;

-- Nobody wrote until then, and a record is about to say so: what is stored from here on has a later time.
CREATE FUNCTION keep_silence(p_account uuid, p_conversation uuid, p_until timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE mailboxes SET last_at = greatest(last_at, p_until)
    WHERE account_id = p_account AND conversation_id = p_conversation;
END $$;
