-- The hot transactions, each one round trip. `baton.account` is set first in every one of them: row-level security
-- reads it, and a query without it is an error.

-- Declared no less volatile than their bodies: only then does Postgres put them in place instead of calling them.
CREATE FUNCTION at_ms(ms bigint) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT to_timestamp(ms::float8 / 1000) $$;

CREATE FUNCTION ms_of(t timestamptz) RETURNS bigint
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT (extract(epoch FROM t) * 1000)::bigint $$;

-- RFC 2104 over SHA-256, for keys of at most 64 bytes (ours have 32); pgcrypto is not everywhere.
CREATE FUNCTION hmac_sha256(key bytea, message bytea) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
  FOR i IN 0 .. length(key) - 1 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || message));
END $$;

-- What the audit chain holds of a message: nothing without the contact's key.
CREATE FUNCTION content_digest(p_account uuid, p_contact uuid, content jsonb) RETURNS text
  LANGUAGE sql STABLE
  AS $$ SELECT encode(hmac_sha256(digest_key, convert_to(content::text, 'UTF8')), 'hex')
        FROM contacts WHERE account_id = p_account AND id = p_contact AND digest_key IS NOT NULL $$;

-- One more row of a conversation's inbox, in its place. All null: this external id is there already.
-- The mailbox row's lock makes places commit in order and leaves no gaps. The courier is told by the row that finds
-- nothing waiting before it; whoever hands that one over looks for more until there is none, under the same lock.
CREATE FUNCTION append_to_inbox(p_account uuid, p_conversation uuid, p_type text, p_payload jsonb, p_at timestamptz,
                                p_source uuid, p_external text) RETURNS inbox
  LANGUAGE plpgsql AS $$
DECLARE
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
  INSERT INTO inbox (account_id, conversation_id, seq, type, payload, at, source_id, external_id)
    VALUES (p_account, p_conversation, v_row.seq, p_type, p_payload, v_row.at, p_source, p_external)
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
  IF v_waits THEN
    PERFORM pg_notify('baton_inbox', '');
  END IF;
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
  IF v_waits THEN
    PERFORM pg_notify('baton_inbox', '');
  END IF;
END $$;

-- What an actor starts from, and the facts that a session's beginning depends on.
CREATE FUNCTION stored_actor(p_account uuid, p_conversation uuid) RETURNS jsonb
  LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('version', version, 'seq', seq, 'eventNo', event_no, 'head', head, 'format', format,
                            'lastAt', coalesce(ms_of(last_at), 0), 'state', state::jsonb)
  FROM actors WHERE account_id = p_account AND conversation_id = p_conversation
$$;

-- Gives a place of an agent: true if one was free (or a supervisor overrides the limit).
CREATE FUNCTION take_place(p_account uuid, p_agent uuid, p_override boolean, p_at timestamptz) RETURNS boolean
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE agents SET active = active + 1, last_assigned_at = greatest(coalesce(last_assigned_at, p_at), p_at)
    WHERE account_id = p_account AND id = p_agent AND deleted_at IS NULL AND (active < max_chats OR p_override);
  RETURN FOUND;
END $$;

-- Frees a place and marks the agent's groups: the matcher has something to do.
CREATE FUNCTION free_place(p_account uuid, p_agent uuid, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE agents SET active = active - 1 WHERE account_id = p_account AND id = p_agent;
  INSERT INTO group_marks (account_id, group_id, marked_at)
    SELECT account_id, group_id, p_at FROM agent_groups WHERE account_id = p_account AND agent_id = p_agent;
END $$;

-- The record: the transaction that makes a decision true. Everything or nothing; see store/record.ts for its argument.
-- Locks: group, agents by id, contact, conversation's actor (and, for a deadline of silence, its mailbox).
CREATE FUNCTION record_decision(p jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid := (p->>'account')::uuid;
  v_conversation uuid := (p->>'conversation')::uuid;
  v_now timestamptz := at_ms((p->>'now')::bigint);
  v_contact uuid;
  v_actor actors%ROWTYPE;
  v_outcome jsonb;
  v_item jsonb;
  v_digest text;
  v_link text;
  v_no bigint;
  v_place bigint;
  v_claim claims%ROWTYPE;
  v_agent agents%ROWTYPE;
  v_row jsonb := p->'row';
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);

  IF p->>'key' IS NOT NULL THEN
    SELECT outcome INTO v_outcome FROM idempotency WHERE account_id = v_account AND key = p->>'key';
    IF FOUND THEN
      RETURN jsonb_build_object('kind', 'repeated', 'outcome', v_outcome, 'row', stored_actor(v_account, v_conversation));
    END IF;
  END IF;

  SELECT contact_id INTO v_contact FROM conversations WHERE account_id = v_account AND id = v_conversation;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such conversation' USING ERRCODE = 'no_data_found';
  END IF;

  -- A group that gets a chat can't be removed before the chat is seen to wait in it.
  IF p->>'groupId' IS NOT NULL THEN
    PERFORM 1 FROM groups WHERE account_id = v_account AND id = (p->>'groupId')::uuid FOR KEY SHARE;
  END IF;
  IF jsonb_array_length(coalesce(p->'agents', '[]')) > 0 THEN
    PERFORM 1 FROM agents WHERE account_id = v_account
      AND id IN (SELECT value::uuid FROM jsonb_array_elements_text(p->'agents')) ORDER BY id FOR NO KEY UPDATE;
  END IF;
  IF p->>'lockContact' = 'update' THEN
    PERFORM 1 FROM contacts WHERE account_id = v_account AND id = v_contact FOR NO KEY UPDATE;
  ELSIF p->>'lockContact' = 'share' THEN
    PERFORM 1 FROM contacts WHERE account_id = v_account AND id = v_contact FOR SHARE;
  END IF;

  SELECT * INTO v_actor FROM actors WHERE account_id = v_account AND conversation_id = v_conversation FOR NO KEY UPDATE;
  IF v_actor.version <> (p->>'expected')::bigint THEN
    RETURN jsonb_build_object('kind', 'moved', 'row', stored_actor(v_account, v_conversation));
  END IF;

  -- Refusals. Nothing has been written so far, so returning is rolling back.
  IF p->>'silentUntil' IS NOT NULL THEN
    PERFORM 1 FROM mailboxes WHERE account_id = v_account AND conversation_id = v_conversation FOR NO KEY UPDATE;
    PERFORM 1 FROM inbox WHERE account_id = v_account AND conversation_id = v_conversation
      AND seq > (p->>'seq')::bigint AND at <= at_ms((p->>'silentUntil')::bigint);
    IF FOUND THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'inbox-waiting');
    END IF;
    UPDATE mailboxes SET last_at = greatest(last_at, at_ms((p->>'silentUntil')::bigint))
      WHERE account_id = v_account AND conversation_id = v_conversation;
  END IF;

  -- Whether a block has expired is judged by the clock, as the facts were (`readContext`): by the time of the input, which
  -- may be older, the two would differ for ever about a block that ended in between.
  IF p->>'expectBlocked' IS NOT NULL THEN
    PERFORM 1 FROM contacts WHERE account_id = v_account AND id = v_contact
      AND (block_id IS NOT NULL AND (blocked_until IS NULL OR blocked_until > v_now)) = (p->>'expectBlocked')::boolean;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'context-changed');
    END IF;
  END IF;

  -- One block at a time: another conversation was faster, and its news waits in this one's inbox.
  IF p->'block' <> 'null'::jsonb THEN
    PERFORM 1 FROM contacts WHERE account_id = v_account AND id = v_contact
      AND block_id <> (p->'block'->>'blockId')::uuid AND (blocked_until IS NULL OR blocked_until > v_now);
    IF FOUND THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'blocked');
    END IF;
  END IF;

  IF p->'claim' <> 'null'::jsonb THEN
    SELECT * INTO v_agent FROM agents
      WHERE account_id = v_account AND id = (p->'claim'->>'agentId')::uuid AND deleted_at IS NULL;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'agent-unknown');
    END IF;
    IF v_agent.status <> 'online' AND (p->'claim'->>'online')::boolean
       OR NOT agent_available(v_agent.status, v_agent.lease_until, v_now) AND (p->'claim'->>'present')::boolean THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'agent-offline');
    END IF;
    IF p->'claim'->>'groupId' IS NOT NULL THEN
      PERFORM 1 FROM agent_groups WHERE account_id = v_account AND agent_id = v_agent.id
        AND group_id = (p->'claim'->>'groupId')::uuid;
      IF NOT FOUND THEN
        RETURN jsonb_build_object('kind', 'refused', 'code', 'agent-not-in-group');
      END IF;
    END IF;
    IF p->'claim'->>'botId' IS NOT NULL THEN
      PERFORM 1 WHERE NOT EXISTS (SELECT 1 FROM agent_bots WHERE account_id = v_account AND agent_id = v_agent.id)
        OR EXISTS (SELECT 1 FROM agent_bots WHERE account_id = v_account AND agent_id = v_agent.id
                   AND bot_id = (p->'claim'->>'botId')::uuid);
      IF NOT FOUND THEN
        RETURN jsonb_build_object('kind', 'refused', 'code', 'agent-not-for-this-bot');
      END IF;
    END IF;
    IF p->'claim'->>'claimId' IS NOT NULL THEN
      SELECT * INTO v_claim FROM claims WHERE account_id = v_account AND id = (p->'claim'->>'claimId')::uuid FOR UPDATE;
      IF NOT FOUND OR v_claim.status <> 'open' THEN
        RETURN jsonb_build_object('kind', 'refused', 'code', 'claim-gone');
      END IF;
    ELSIF v_agent.active - (CASE WHEN p->>'release' = v_agent.id::text THEN 1 ELSE 0 END) >= v_agent.max_chats
          AND NOT (p->'claim'->>'override')::boolean THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'agent-at-limit');
    END IF;
  END IF;

  IF p->>'groupId' IS NOT NULL THEN
    PERFORM 1 FROM groups WHERE account_id = v_account AND id = (p->>'groupId')::uuid AND deleted_at IS NULL;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('kind', 'refused', 'code', 'group-unknown');
    END IF;
  END IF;

  FOR v_item IN SELECT * FROM jsonb_array_elements(p->'outbound') LOOP
    IF v_item->'content' = 'null'::jsonb THEN
      PERFORM 1 FROM messages WHERE account_id = v_account AND id = (v_item->>'messageId')::uuid
        AND conversation_id = v_conversation AND (status = 'draft' OR (v_item->>'authorKind') = 'customer');
      IF NOT FOUND THEN
        RETURN jsonb_build_object('kind', 'refused', 'code', 'draft-unknown');
      END IF;
    END IF;
  END LOOP;

  -- Capacity.
  IF p->>'release' IS NOT NULL THEN
    PERFORM free_place(v_account, (p->>'release')::uuid, v_now);
  END IF;
  IF p->'claim' <> 'null'::jsonb THEN
    IF p->'claim'->>'claimId' IS NOT NULL THEN
      UPDATE claims SET status = 'confirmed', decided_at = v_now WHERE account_id = v_account AND id = v_claim.id;
    ELSE
      PERFORM take_place(v_account, v_agent.id, (p->'claim'->>'override')::boolean, v_now);
    END IF;
  END IF;
  FOR v_item IN SELECT * FROM jsonb_array_elements(p->'decline') LOOP
    UPDATE claims SET status = 'declined', decided_at = v_now
      WHERE account_id = v_account AND id = (v_item->>'claimId')::uuid AND status = 'open'
      RETURNING * INTO v_claim;
    IF FOUND THEN
      UPDATE queue_entries SET claim_id = NULL WHERE account_id = v_account AND claim_id = v_claim.id;
      PERFORM free_place(v_account, v_claim.agent_id, v_now);
    END IF;
  END LOOP;

  -- Folds of the state: what it says is what stands.
  IF (p->>'assignmentChanged')::boolean THEN
    DELETE FROM assignments WHERE account_id = v_account AND conversation_id = v_conversation;
    IF p->'assignment' <> 'null'::jsonb THEN
      INSERT INTO assignments (account_id, conversation_id, agent_id, epoch, override, since)
        VALUES (v_account, v_conversation, (p->'assignment'->>'agentId')::uuid, (p->'assignment'->>'epoch')::int,
                (p->'assignment'->>'override')::boolean, at_ms((p->'assignment'->>'since')::bigint));
    END IF;
  END IF;
  IF (p->>'queueChanged')::boolean THEN
    DELETE FROM queue_entries WHERE account_id = v_account AND conversation_id = v_conversation;
    IF p->'queue' <> 'null'::jsonb THEN
      INSERT INTO queue_entries (account_id, conversation_id, entry, epoch, group_id, desk_id, bot_id, skill, priority,
                                 since, waiting_since, not_to, claim_id)
        SELECT v_account, v_conversation, (q->>'entry')::int, (q->>'epoch')::int, (q->>'groupId')::uuid,
               (q->>'deskId')::uuid, (q->>'botId')::uuid,
               (SELECT skill FROM handover_requests WHERE account_id = v_account AND conversation_id = v_conversation
                  AND id = q->>'requestId'),
               (q->>'priority')::int, at_ms((q->>'since')::bigint), at_ms((q->>'waitingSince')::bigint),
               (q->>'notTo')::uuid, (q->>'claimId')::uuid
        FROM (SELECT p->'queue' AS q) AS one;
      IF p->'queue'->>'groupId' IS NOT NULL THEN
        INSERT INTO group_marks (account_id, group_id, marked_at)
          VALUES (v_account, (p->'queue'->>'groupId')::uuid, v_now);
      END IF;
    END IF;
  END IF;

  -- The contact's block, and every other conversation of the contact hears of it through its inbox.
  IF p->'block' <> 'null'::jsonb THEN
    UPDATE contacts SET block_id = (p->'block'->>'blockId')::uuid,
                        blocked_until = at_ms((p->'block'->>'expiresAt')::bigint)
      WHERE account_id = v_account AND id = v_contact;
    UPDATE contact_blocks SET active_from = v_now
      WHERE account_id = v_account AND id = (p->'block'->>'blockId')::uuid AND active_from IS NULL;
    PERFORM put_in_inbox(v_account, c.id, 'ContactBlocked',
                         jsonb_build_object('blockId', p->'block'->>'blockId', 'expiresAt', p->'block'->'expiresAt'),
                         v_now, NULL, NULL)
      FROM (SELECT id FROM conversations WHERE account_id = v_account AND contact_id = v_contact
              AND id <> v_conversation ORDER BY id) AS c;
  END IF;
  IF p->'unblock' <> 'null'::jsonb THEN
    UPDATE contact_blocks SET ended_at = v_now
      WHERE account_id = v_account AND id = (p->'unblock'->>'blockId')::uuid AND ended_at IS NULL;
    UPDATE contacts SET block_id = NULL, blocked_until = NULL
      WHERE account_id = v_account AND id = v_contact AND block_id = (p->'unblock'->>'blockId')::uuid;
    IF FOUND THEN
      PERFORM put_in_inbox(v_account, c.id, 'ContactUnblocked',
                           jsonb_build_object('blockId', p->'unblock'->>'blockId'), v_now, NULL, NULL)
        FROM (SELECT id FROM conversations WHERE account_id = v_account AND contact_id = v_contact
                AND id <> v_conversation ORDER BY id) AS c;
    END IF;
  END IF;

  -- Words: drafts that were accepted, the engine's notices, and what is discarded or cancelled while unsent.
  IF jsonb_array_length(p->'outbound') > 0 OR jsonb_array_length(p->'received') > 0 OR v_row IS NOT NULL THEN
    UPDATE conversations SET
        positions = positions + jsonb_array_length(p->'outbound') + jsonb_array_length(p->'received'),
        phase = v_row->>'phase', holder_kind = v_row->>'holderKind', holder_id = v_row->>'holderId',
        epoch = (v_row->>'epoch')::int, session_no = (v_row->>'sessionNo')::int,
        session_ends_at = at_ms((v_row->>'sessionEndsAt')::bigint), locked = (v_row->>'locked')::boolean,
        handover_no = (v_row->>'handoverNo')::int, request_id = v_row->>'requestId',
        bot_id = (v_row->>'botId')::uuid, group_id = (v_row->>'groupId')::uuid, desk_id = (v_row->>'deskId')::uuid,
        agent_id = (v_row->>'agentId')::uuid, priority = (v_row->>'priority')::int,
        waiting_since = at_ms((v_row->>'waitingSince')::bigint), resolved_at = at_ms((v_row->>'resolvedAt')::bigint),
        archived = (v_row->>'archived')::boolean, policy_version = (v_row->>'policyVersion')::int,
        tag_ids = ARRAY(SELECT value::uuid FROM jsonb_array_elements_text(v_row->'tagIds')),
        flagged = flagged OR jsonb_array_length(p->'park') > 0,
        last_message_at = coalesce(at_ms((p->>'messageAt')::bigint), last_message_at)
      WHERE account_id = v_account AND id = v_conversation
      RETURNING positions - jsonb_array_length(p->'outbound') - jsonb_array_length(p->'received') INTO v_place;
  END IF;
  FOR v_item IN SELECT * FROM jsonb_array_elements(p->'received') LOOP
    v_place := v_place + 1;
    UPDATE messages SET position = v_place
      WHERE account_id = v_account AND id = (v_item #>> '{}')::uuid AND position IS NULL;
  END LOOP;
  FOR v_item IN SELECT * FROM jsonb_array_elements(p->'outbound') LOOP
    v_place := v_place + 1;
    IF v_item->'content' <> 'null'::jsonb THEN
      INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, digest, position, created_at)
        VALUES (v_account, (v_item->>'messageId')::uuid, v_conversation, 'out', 'engine', 'queued', v_item->'content',
                content_digest(v_account, v_contact, v_item->'content'), v_place, v_now);
    ELSIF v_item->>'authorKind' <> 'customer' THEN
      UPDATE messages SET status = 'queued', position = v_place
        WHERE account_id = v_account AND id = (v_item->>'messageId')::uuid;
    END IF;
    INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, handover, author_kind, epoch, queued_at)
      SELECT v_account, v_conversation, (v_item->>'seq')::int, (v_item->>'messageId')::uuid, v_item->>'toKind',
             coalesce((v_item->>'toId')::uuid, c.channel_id), (v_item->>'handover')::int, v_item->>'authorKind',
             (v_item->>'epoch')::int, v_now
      FROM conversations c WHERE c.account_id = v_account AND c.id = v_conversation;
  END LOOP;
  UPDATE outbound SET status = 'cancelled', settled_at = v_now
    WHERE account_id = v_account AND conversation_id = v_conversation AND status IN ('pending', 'ambiguous')
      AND seq IN (SELECT value::int FROM jsonb_array_elements_text(p->'cancel'));
  UPDATE outbound SET status = CASE WHEN o.item->>'as' = 'failed' THEN 'failed' ELSE 'unknown' END,
                      failure_class = coalesce(o.item->>'class', failure_class), settled_at = v_now
    FROM (SELECT value AS item FROM jsonb_array_elements(p->'settle')) AS o
    WHERE account_id = v_account AND conversation_id = v_conversation AND seq = (o.item->>'seq')::int
      AND status IN ('pending', 'sending', 'ambiguous');
  UPDATE messages SET status = 'discarded'
    WHERE account_id = v_account AND status = 'draft'
      AND id IN (SELECT value::uuid FROM jsonb_array_elements_text(p->'discard'));

  INSERT INTO handover_requests (account_id, conversation_id, id, reason, created_at)
    SELECT v_account, v_conversation, value #>> '{}', 'engine', v_now FROM jsonb_array_elements(p->'requests')
    ON CONFLICT DO NOTHING;
  -- A hand-over that goes on under a new number takes its answers along.
  INSERT INTO intake_answers (account_id, conversation_id, handover, name, label, value, answered_at)
    SELECT v_account, v_conversation, (o.item->>'to')::int, i.name, i.label, i.value, i.answered_at
    FROM (SELECT value AS item FROM jsonb_array_elements(p->'continued')) AS o
      JOIN intake_answers i ON i.account_id = v_account AND i.conversation_id = v_conversation
        AND i.handover = (o.item->>'from')::int
    ON CONFLICT DO NOTHING;

  -- Events, chained.
  v_no := v_actor.event_no;
  v_link := v_actor.head;
  FOR v_item IN SELECT * FROM jsonb_array_elements(p->'events') LOOP
    v_no := v_no + 1;
    v_digest := NULL;
    IF v_item->>'messageId' IS NOT NULL THEN
      SELECT digest INTO v_digest FROM messages WHERE account_id = v_account AND id = (v_item->>'messageId')::uuid;
    END IF;
    v_link := encode(sha256(convert_to(v_link || E'\n' || (v_item->>'data') || E'\n' || coalesce(v_digest, ''), 'UTF8')), 'hex');
    INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, message_id, digest, link, version, recorded_at)
      VALUES (v_account, v_conversation, v_no, v_item->>'type', at_ms((v_item->>'at')::bigint), (v_item->>'data')::json,
              (v_item->>'messageId')::uuid, v_digest, v_link, v_actor.version + 1, v_now);
  END LOOP;

  INSERT INTO parked (account_id, id, conversation_id, seq, item, error, parked_at)
    SELECT v_account, (i->>'id')::uuid, v_conversation, (i->>'seq')::bigint, NULL, i->>'error', v_now
    FROM jsonb_array_elements(p->'park') AS i;

  UPDATE actors SET version = version + 1, seq = (p->>'seq')::bigint, event_no = v_no, head = v_link,
                    state = (p->>'state')::json, format = (p->>'format')::int,
                    last_at = at_ms((p->>'lastAt')::bigint), wake_at = at_ms((p->>'wakeAt')::bigint)
    WHERE account_id = v_account AND conversation_id = v_conversation;

  IF p->>'key' IS NOT NULL THEN
    INSERT INTO idempotency (account_id, key, digest, outcome, created_at)
      VALUES (v_account, p->>'key', coalesce(p->>'keyDigest', ''),
              jsonb_set(p->'outcome', '{version}', to_jsonb(v_actor.version + 1)), v_now);
  END IF;
  IF v_no > v_actor.event_no THEN
    PERFORM pg_notify('baton_feed', v_account::text);
  END IF;
  RETURN jsonb_build_object('kind', 'recorded', 'version', v_actor.version + 1, 'eventNo', v_no, 'head', v_link);
END $$;

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
