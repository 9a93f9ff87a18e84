-- What an actor starts from, and the runs that it lives through.

CREATE FUNCTION stored_actor(p_account uuid, p_conversation uuid) RETURNS jsonb
  LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('version', version, 'seq', seq, 'eventNo', event_no, 'head', head, 'format', format,
                            'lastAt', coalesce(ms_of(last_at), 0), 'state', state::jsonb)
  FROM actors WHERE account_id = p_account AND conversation_id = p_conversation
$$;

-- A run begins: noted with its build; the hold of the run before it ends; rows that were handed to a run that is gone
-- are handed over again, unless this run has them all in hand (it would double the cost of every new conversation).
-- Answers the last finished run whose history is not exported yet.
CREATE FUNCTION note_run(p_account uuid, p_conversation uuid, p_run text, p_build text, p_first bigint, p_last bigint,
                         p_now timestamptz) RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE
  v_seq bigint;
  v_unexported text;
BEGIN
  SELECT seq INTO v_seq FROM actors WHERE account_id = p_account AND conversation_id = p_conversation;
  PERFORM release_mailbox(p_account, p_conversation);
  PERFORM 1 FROM mailboxes WHERE account_id = p_account AND conversation_id = p_conversation
    AND p_first <= v_seq + 1 AND p_last >= handed_seq;
  IF NOT FOUND THEN
    PERFORM set_cursor_back(p_account, p_conversation, v_seq, p_now);
  END IF;
  SELECT run_id INTO v_unexported FROM runs
    WHERE account_id = p_account AND conversation_id = p_conversation AND history IS NULL AND history_gone_at IS NULL
      AND run_id <> p_run
    ORDER BY started_at DESC LIMIT 1;
  INSERT INTO runs (account_id, conversation_id, run_id, build, started_at)
    VALUES (p_account, p_conversation, p_run, p_build, p_now) ON CONFLICT DO NOTHING;
  -- Taken back while it was being sent, by an attempt that died with its run: nobody will ever say what came of it.
  UPDATE outbound SET status = 'unknown', settled_at = p_now
    WHERE account_id = p_account AND conversation_id = p_conversation AND status = 'sending'
      AND was_taken_back(p_account, p_conversation, seq);
  RETURN v_unexported;
END $$;

CREATE FUNCTION store_run_history(p_account uuid, p_conversation uuid, p_run text, p_history bytea, p_sha256 text, p_now timestamptz)
  RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  UPDATE runs SET history = p_history, history_sha256 = p_sha256, exported_at = p_now
    WHERE account_id = p_account AND conversation_id = p_conversation AND run_id = p_run AND history IS NULL;
END $$;
