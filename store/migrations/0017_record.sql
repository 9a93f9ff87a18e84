-- The record: the transaction that makes a decision true, everything or nothing. What each part does stands in the files
-- before this one, and of blocks in 0053; a part is called only where it has something to do, since this runs for every message.

-- Those that come before the conversation's own, in the one order: policy, presence, group, agents by id, contact. A group
-- that gets a chat can't be removed before the chat is seen to wait in it.
CREATE FUNCTION lock_for_record(p jsonb, p_account uuid, p_contact uuid) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  IF p->>'policyVersion' IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock_shared(policy_lock(p_account));
  END IF;
  IF (p->>'expectSomebody')::boolean THEN
    PERFORM pg_advisory_xact_lock_shared(presence_lock(p_account));
  END IF;
  IF p->>'groupId' IS NOT NULL THEN
    PERFORM 1 FROM groups WHERE account_id = p_account AND id = (p->>'groupId')::uuid FOR KEY SHARE;
  END IF;
  IF p->'agents' <> '[]' THEN
    PERFORM 1 FROM agents WHERE account_id = p_account
      AND id IN (SELECT value::uuid FROM jsonb_array_elements_text(p->'agents')) ORDER BY id FOR NO KEY UPDATE;
  END IF;
  IF p->>'lockContact' = 'update' THEN
    PERFORM 1 FROM contacts WHERE account_id = p_account AND id = p_contact FOR NO KEY UPDATE;
  ELSIF p->>'lockContact' = 'share' THEN
    PERFORM 1 FROM contacts WHERE account_id = p_account AND id = p_contact FOR SHARE;
  END IF;
END $$;

-- Appends what happened, chained; the rule of the links is in store/chain.ts. Answers the last link.
CREATE FUNCTION append_events(p_account uuid, p_conversation uuid, p_events jsonb, p_no bigint, p_head text, p_version bigint,
                              p_now timestamptz) RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE
  v_data text[];
  v_digests text[];
  v_links text[] := '{}';
  v_link text := p_head;
BEGIN
  SELECT array_agg(e.event->>'data' ORDER BY e.n), array_agg((
           SELECT digest FROM messages WHERE account_id = p_account AND id = (e.event->>'messageId')::uuid) ORDER BY e.n)
    INTO v_data, v_digests FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e (event, n);
  FOR i IN 1 .. cardinality(v_data) LOOP
    v_link := encode(sha256(convert_to(v_link || E'\n' || v_data[i] || E'\n' || coalesce(v_digests[i], ''), 'UTF8')), 'hex');
    v_links[i] := v_link;
  END LOOP;
  INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, message_id, digest, link, version, recorded_at)
    SELECT p_account, p_conversation, p_no + n, event->>'type', at_ms((event->>'at')::bigint), (event->>'data')::json,
           (event->>'messageId')::uuid, v_digests[n], v_links[n], p_version, p_now
    FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e (event, n) ORDER BY n;
  RETURN v_link;
END $$;

-- Inputs that could not be decided: people see them, and resume them by hand.
CREATE FUNCTION park_inputs(p_account uuid, p_conversation uuid, p_inputs jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO parked (account_id, id, conversation_id, seq, item, error, parked_at)
    SELECT p_account, (i->>'id')::uuid, p_conversation, (i->>'seq')::bigint, NULL, i->>'error', p_now
    FROM jsonb_array_elements(p_inputs) AS i;
END $$;

-- See `DecisionRecord` and `DecisionAnswer` in store/record.ts for what goes in and comes out.
CREATE FUNCTION record_decision(p jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid := (p->>'account')::uuid;
  v_conversation uuid := (p->>'conversation')::uuid;
  v_now timestamptz := at_ms((p->>'now')::bigint);
  v_outcome jsonb;
  v_digest text;
  v_contact uuid;
  v_version bigint;
  v_no bigint;
  v_head text;
  v_refusal text;
  v_received integer := jsonb_array_length(p->'received');
  v_sent integer := jsonb_array_length(p->'outbound');
  v_last bigint;
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);

  -- A command that was answered gets its answer again.
  IF p->>'key' IS NOT NULL THEN
    SELECT outcome, digest INTO v_outcome, v_digest FROM idempotency WHERE account_id = v_account AND key = p->>'key';
    IF FOUND THEN
      IF v_digest <> coalesce(p->>'keyDigest', '') THEN
        PERFORM discard_drafts(v_account, p->'drafts'); -- another request has the key
      END IF;
      RETURN jsonb_build_object('kind', 'repeated', 'outcome', v_outcome, 'row', stored_actor(v_account, v_conversation));
    END IF;
  END IF;

  -- Locks.
  SELECT contact_id INTO v_contact FROM conversations WHERE account_id = v_account AND id = v_conversation;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such conversation' USING ERRCODE = 'no_data_found';
  END IF;
  IF p->>'policyVersion' IS NOT NULL OR p->>'groupId' IS NOT NULL OR p->'agents' <> '[]' OR p->>'lockContact' IS NOT NULL THEN
    PERFORM lock_for_record(p, v_account, v_contact);
  END IF;
  SELECT version, event_no, head INTO v_version, v_no, v_head FROM actors
    WHERE account_id = v_account AND conversation_id = v_conversation FOR NO KEY UPDATE;
  IF v_version <> (p->>'expected')::bigint THEN
    RETURN jsonb_build_object('kind', 'moved', 'row', stored_actor(v_account, v_conversation));
  END IF;

  -- Refusals. The place is the last of them and the first write: until it is taken, returning is rolling back.
  v_refusal := refusal_of(p, v_account, v_conversation, v_contact, v_now);
  IF v_refusal IS NULL AND p->'claim' <> 'null' THEN
    v_refusal := take_decided_place(v_account, v_conversation, p->'claim', p->'decline', v_now);
  END IF;
  IF v_refusal IS NOT NULL THEN
    RETURN jsonb_build_object('kind', 'refused', 'code', v_refusal);
  END IF;

  -- Capacity that is given back.
  IF p->>'release' IS NOT NULL THEN
    PERFORM free_place(v_account, (p->>'release')::uuid, v_now);
  END IF;
  IF p->'decline' <> '[]' THEN
    PERFORM decline_claims(v_account, p->'decline', v_now);
  END IF;

  -- The contact's block, before the conversation's own rows.
  IF p->'block' <> 'null' THEN
    PERFORM block_contact(v_account, v_conversation, v_contact, p->'block', v_now);
  END IF;
  IF p->'unblock' <> 'null' THEN
    PERFORM unblock_contact(v_account, v_conversation, v_contact, p->'unblock', v_now);
  END IF;

  -- Folds.
  IF (p->>'assignmentChanged')::boolean THEN
    PERFORM fold_assignment(v_account, v_conversation, p->'assignment');
  END IF;
  IF (p->>'queueChanged')::boolean THEN
    PERFORM fold_queue_entry(v_account, v_conversation, p->'queue', v_now);
  END IF;
  IF p->>'silentUntil' IS NOT NULL THEN
    PERFORM keep_silence(v_account, v_conversation, at_ms((p->>'silentUntil')::bigint));
  END IF;
  v_last := fold_conversation(v_account, v_conversation, p->'row', v_received + v_sent,
                              at_ms((p->>'messageAt')::bigint), p->'park' <> '[]');

  -- Words.
  IF v_received > 0 THEN
    PERFORM place_received(v_account, p->'received', v_last);
  END IF;
  IF v_sent > 0 THEN
    PERFORM queue_outbound(v_account, v_conversation, v_contact, p->'outbound', v_last + v_received, v_now);
  END IF;
  IF p->'cancel' <> '[]' THEN
    PERFORM cancel_outbound(v_account, v_conversation, p->'cancel', v_now);
  END IF;
  IF p->'settle' <> '[]' THEN
    PERFORM settle_outbound(v_account, v_conversation, p->'settle', v_now);
  END IF;
  IF p->'discard' <> '[]' THEN
    PERFORM discard_drafts(v_account, p->'discard');
  END IF;
  IF p->'requests' <> '[]' THEN
    PERFORM note_requests(v_account, v_conversation, p->'requests', v_now);
  END IF;
  IF p->'intake' <> '[]' THEN
    PERFORM take_intake(v_account, v_conversation, p->'intake');
  END IF;
  IF p->'continued' <> '[]' THEN
    PERFORM carry_answers_over(v_account, v_conversation, p->'continued');
  END IF;

  -- What happened, and what the actor goes on from.
  IF p->'events' <> '[]' THEN
    v_head := append_events(v_account, v_conversation, p->'events', v_no, v_head, v_version + 1, v_now);
    v_no := v_no + jsonb_array_length(p->'events');
    PERFORM pg_notify('baton_feed', p->>'account');
  END IF;
  IF p->'park' <> '[]' THEN
    PERFORM park_inputs(v_account, v_conversation, p->'park', v_now);
  END IF;
  UPDATE actors SET version = v_version + 1, seq = (p->>'seq')::bigint, event_no = v_no, head = v_head,
                    state = (p->>'state')::json, format = (p->>'format')::int,
                    last_at = at_ms((p->>'lastAt')::bigint), wake_at = at_ms((p->>'wakeAt')::bigint)
    WHERE account_id = v_account AND conversation_id = v_conversation;

  IF p->>'key' IS NOT NULL THEN
    INSERT INTO idempotency (account_id, key, digest, outcome, created_at)
      VALUES (v_account, p->>'key', coalesce(p->>'keyDigest', ''),
              jsonb_set(p->'outcome', '{version}', to_jsonb(v_version + 1)), v_now);
    IF NOT (p->'outcome'->>'ok')::boolean THEN
      PERFORM discard_drafts(v_account, p->'drafts');
    END IF;
  END IF;
  RETURN jsonb_build_object('kind', 'recorded', 'version', v_version + 1, 'eventNo', v_no, 'head', v_head);
END $$;
