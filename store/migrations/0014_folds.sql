-- Folds of an actor's state, written with it: what the state says is what stands. Fields are those of `DecisionRecord`
-- (store/record.ts).

-- `p_assignment` null: nobody has the conversation.
CREATE FUNCTION fold_assignment(p_account uuid, p_conversation uuid, p_assignment jsonb) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM assignments WHERE account_id = p_account AND conversation_id = p_conversation;
  IF p_assignment <> 'null' THEN
    INSERT INTO assignments (account_id, conversation_id, agent_id, epoch, override, since)
      VALUES (p_account, p_conversation, (p_assignment->>'agentId')::uuid, (p_assignment->>'epoch')::int,
              (p_assignment->>'override')::boolean, at_ms((p_assignment->>'since')::bigint));
  END IF;
END $$;

-- `p_entry` null: it doesn't wait. Where it waits for a group, the matcher has something to do.
CREATE FUNCTION fold_queue_entry(p_account uuid, p_conversation uuid, p_entry jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM queue_entries WHERE account_id = p_account AND conversation_id = p_conversation;
  IF p_entry <> 'null' THEN
    INSERT INTO queue_entries (account_id, conversation_id, entry, epoch, group_id, desk_id, bot_id, skill, priority,
                               since, waiting_since, not_to, claim_id)
      VALUES (p_account, p_conversation, (p_entry->>'entry')::int, (p_entry->>'epoch')::int,
              (p_entry->>'groupId')::uuid, (p_entry->>'deskId')::uuid, (p_entry->>'botId')::uuid,
              (SELECT skill FROM handover_requests
               WHERE account_id = p_account AND conversation_id = p_conversation AND id = p_entry->>'requestId'),
              (p_entry->>'priority')::int, at_ms((p_entry->>'since')::bigint), at_ms((p_entry->>'waitingSince')::bigint),
              (p_entry->>'notTo')::uuid, (p_entry->>'claimId')::uuid);
  END IF;
  IF p_entry->>'groupId' IS NOT NULL THEN
    PERFORM mark_group(p_account, (p_entry->>'groupId')::uuid, p_now);
  END IF;
END $$;

-- What lists are read from. Gives out `p_places` places in the transcript, and answers the last one before them.
CREATE FUNCTION fold_conversation(p_account uuid, p_conversation uuid, p_row jsonb, p_places integer, p_message_at timestamptz,
                                  p_flag boolean) RETURNS bigint
  LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
BEGIN
  UPDATE conversations SET
      positions = positions + p_places,
      phase = p_row->>'phase', holder_kind = p_row->>'holderKind', holder_id = p_row->>'holderId',
      epoch = (p_row->>'epoch')::int, session_no = (p_row->>'sessionNo')::int,
      session_ends_at = at_ms((p_row->>'sessionEndsAt')::bigint), locked = (p_row->>'locked')::boolean,
      window_closed_at = at_ms((p_row->>'windowClosedAt')::bigint),
      handover_no = (p_row->>'handoverNo')::int, request_id = p_row->>'requestId',
      bot_id = (p_row->>'botId')::uuid, group_id = (p_row->>'groupId')::uuid, desk_id = (p_row->>'deskId')::uuid,
      agent_id = (p_row->>'agentId')::uuid, priority = (p_row->>'priority')::int,
      waiting_since = at_ms((p_row->>'waitingSince')::bigint), resolved_at = at_ms((p_row->>'resolvedAt')::bigint),
      archived = (p_row->>'archived')::boolean, policy_version = (p_row->>'policyVersion')::int,
      tag_ids = ARRAY(SELECT value::uuid FROM jsonb_array_elements_text(p_row->'tagIds')),
      flagged = flagged OR p_flag,
      last_message_at = coalesce(p_message_at, last_message_at)
    WHERE account_id = p_account AND id = p_conversation
    RETURNING positions - p_places INTO v_last;
  RETURN v_last;
END $$;
