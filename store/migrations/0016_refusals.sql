-- Why a decision may not become true. Nothing here writes: a record that is refused has changed nothing.

-- Whoever makes a version of the account's policy takes this lock alone, before any other; every conversation that is open is
-- told once that has committed. A record that brings a version into a conversation shares it. So each new version finds the
-- conversation among those that are told, or is found by its record.
CREATE FUNCTION policy_lock(p_account uuid) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT hashtextextended('policy', hashtext(p_account::text)) $$;

CREATE FUNCTION policy_is_newer(p_account uuid, p_version integer) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM policies WHERE account_id = p_account AND version > p_version);
END $$;

-- The first reason against this record (`DecisionRecord`), under the locks that it took; null: none but, perhaps, that no
-- place is left, which the taking of the place itself decides. `refuseErased`: the command of a person, or of a backend, that
-- does more than bring the conversation to its end. The caller holds the contact's row, or the conversation keeps it from
-- being erased (`erase_contact`).
CREATE FUNCTION refusal_of(p jsonb, p_account uuid, p_conversation uuid, p_contact uuid, p_now timestamptz) RETURNS text
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE
    WHEN (p->>'refuseErased')::boolean AND is_erased(p_account, p_contact) THEN 'contact-erased'
    WHEN p->>'silentUntil' IS NOT NULL AND inbox_waits(p_account, p_conversation, p) THEN 'inbox-waiting'
    -- Whether a block has expired is judged by the clock, as the facts were (`readContext`): by the time of the input,
    -- which may be older, the two would differ for ever about a block that ended in between.
    WHEN p->>'expectBlocked' IS NOT NULL
      AND (p->>'expectBlocked')::boolean <> (standing_block(p_account, p_contact, p_now) IS NOT NULL) THEN 'context-changed'
    WHEN p->>'policyVersion' IS NOT NULL AND policy_is_newer(p_account, (p->>'policyVersion')::int) THEN 'context-changed'
    -- One block at a time: another conversation was faster, and its news waits in this one's inbox.
    WHEN p->'block' <> 'null'
      AND (p->'block'->>'blockId')::uuid <> standing_block(p_account, p_contact, p_now) THEN 'blocked'
    WHEN p->>'groupId' IS NOT NULL AND NOT group_exists(p_account, (p->>'groupId')::uuid) THEN 'group-unknown'
    WHEN (p->>'expectSomebody')::boolean
      AND NOT somebody_is_there(p_account, (p->>'groupId')::uuid, (p->'queue'->>'botId')::uuid, p_now) THEN 'context-changed'
    WHEN p->'outbound' <> '[]' AND NOT words_are_stored(p_account, p_conversation, p->'outbound') THEN 'draft-unknown'
    WHEN p->'claim' <> 'null' THEN refusal_of_agent(p_account, p->'claim', p_now)
  END;
END $$;

-- Does a row wait that breaks the silence? The mailbox stays locked, so none comes in behind the record's back.
CREATE FUNCTION inbox_waits(p_account uuid, p_conversation uuid, p jsonb) RETURNS boolean
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM mailboxes WHERE account_id = p_account AND conversation_id = p_conversation FOR NO KEY UPDATE;
  PERFORM 1 FROM inbox WHERE account_id = p_account AND conversation_id = p_conversation
    AND seq > (p->>'seq')::bigint AND at <= at_ms((p->>'silentUntil')::bigint);
  RETURN FOUND;
END $$;

CREATE FUNCTION group_exists(p_account uuid, p_group uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM groups WHERE account_id = p_account AND id = p_group AND deleted_at IS NULL);
END $$;

-- May this agent have the chat? Whether there is a place is not asked here. An agent without bots serves every bot.
CREATE FUNCTION refusal_of_agent(p_account uuid, p_claim jsonb, p_now timestamptz) RETURNS text
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_agent agents%ROWTYPE;
BEGIN
  SELECT id, status, lease_until INTO v_agent.id, v_agent.status, v_agent.lease_until FROM agents
    WHERE account_id = p_account AND id = (p_claim->>'agentId')::uuid AND deleted_at IS NULL;
  RETURN CASE
    WHEN v_agent.id IS NULL THEN 'agent-unknown'
    WHEN (p_claim->>'online')::boolean AND v_agent.status <> 'online' THEN 'agent-offline'
    WHEN (p_claim->>'present')::boolean AND NOT agent_available(v_agent.status, v_agent.lease_until, p_now) THEN 'agent-offline'
    WHEN p_claim->>'groupId' IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM agent_groups WHERE account_id = p_account AND agent_id = v_agent.id
                      AND group_id = (p_claim->>'groupId')::uuid) THEN 'agent-not-in-group'
    WHEN NOT serves_bot(p_account, v_agent.id, (p_claim->>'botId')::uuid) THEN 'agent-not-for-this-bot'
  END;
END $$;
