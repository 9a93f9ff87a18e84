-- Agents' places: one is one chat of one agent, and `agents.active` counts those in use.

-- Is this agent there for a new chat? Intent by connection: whoever renews a lease and lost it counts as gone after the
-- grace. Without a lease (a backend that sets the status by the API) the intent alone counts.
CREATE FUNCTION agent_available(p_status text, p_lease_until timestamptz, p_at timestamptz) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT p_status = 'online' AND (p_lease_until IS NULL OR p_lease_until + interval '30 seconds' > p_at) $$;

-- An agent without bots serves every bot, and a chat without one is for everybody.
CREATE FUNCTION serves_bot(p_account uuid, p_agent uuid, p_bot uuid) RETURNS boolean
  LANGUAGE sql STABLE AS $$
  SELECT p_bot IS NULL
    OR NOT EXISTS (SELECT 1 FROM agent_bots WHERE account_id = p_account AND agent_id = p_agent)
    OR EXISTS (SELECT 1 FROM agent_bots WHERE account_id = p_account AND agent_id = p_agent AND bot_id = p_bot)
$$;

-- Is any agent of the group there for chats of this bot?
CREATE FUNCTION somebody_is_there(p_account uuid, p_group uuid, p_bot uuid, p_at timestamptz) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1 FROM agent_groups m JOIN agents a ON a.account_id = m.account_id AND a.id = m.agent_id
    WHERE m.account_id = p_account AND m.group_id = p_group AND a.deleted_at IS NULL
      AND agent_available(a.status, a.lease_until, p_at) AND serves_bot(p_account, a.id, p_bot));
END $$;

-- Whoever goes (or loses the lease, or leaves a group) takes this lock alone; those who are left to wait for nobody are told
-- once that has committed. A record that queues a chat because somebody is there shares it. So of two agents who go at once the
-- second tells, and a chat is among those that are told, or its record finds that nobody is there.
CREATE FUNCTION presence_lock(p_account uuid) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT hashtextextended('presence', hashtext(p_account::text)) $$;

-- Places that a supervisor granted to this agent above the limit. Each is of one chat, and goes with its assignment.
CREATE FUNCTION overrides_in_use(p_account uuid, p_agent uuid) RETURNS integer
  LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM assignments WHERE account_id = p_account AND agent_id = p_agent AND override
$$;

-- Takes a place, if there is one: the only judge of an agent's limit, whoever assigns and however many do so at once.
-- False: none is free, and nothing has changed. With `p_override` a supervisor goes one above the limit, for this chat and
-- no other: it takes none of the agent's own places. `p_freed` are places of this very agent that the same transaction
-- frees afterwards. The agent's row is locked by a statement before, so that the overrides are those of its last holder.
CREATE FUNCTION take_place(p_account uuid, p_agent uuid, p_override boolean, p_at timestamptz, p_freed integer DEFAULT 0)
  RETURNS boolean
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM agents WHERE account_id = p_account AND id = p_agent FOR NO KEY UPDATE;
  UPDATE agents SET active = active + 1, last_assigned_at = greatest(coalesce(last_assigned_at, p_at), p_at)
    WHERE account_id = p_account AND id = p_agent AND deleted_at IS NULL
      AND (p_override OR active - p_freed - overrides_in_use(p_account, p_agent) < max_chats);
  RETURN FOUND;
END $$;

-- Availability in the group has changed: whoever matches chats with agents has something to do there. A mark that stands
-- already will do, if its row is held until this transaction ends: the matcher that deletes it waits, and so reads what is
-- changed here. One that a matcher is deleting is passed over, not waited for, since the matcher may be about to want what
-- is locked here.
CREATE FUNCTION mark_group(p_account uuid, p_group uuid, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM group_marks WHERE account_id = p_account AND group_id = p_group LIMIT 1 FOR KEY SHARE SKIP LOCKED;
  IF NOT FOUND THEN
    INSERT INTO group_marks (account_id, group_id, marked_at) VALUES (p_account, p_group, p_at);
  END IF;
END $$;

CREATE FUNCTION mark_groups_of(p_account uuid, p_agent uuid, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_group(p_account, group_id, p_at) FROM agent_groups WHERE account_id = p_account AND agent_id = p_agent;
END $$;

-- Frees a place and marks the agent's groups: the matcher has something to do.
CREATE FUNCTION free_place(p_account uuid, p_agent uuid, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE agents SET active = active - 1 WHERE account_id = p_account AND id = p_agent;
  PERFORM mark_groups_of(p_account, p_agent, p_at);
END $$;

-- The place that a claim took becomes its conversation's. False: the claim is no longer open, and nothing has changed.
CREATE FUNCTION confirm_claim(p_account uuid, p_conversation uuid, p_claim uuid, p_agent uuid, p_at timestamptz)
  RETURNS boolean
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE claims SET status = 'confirmed', decided_at = p_at
    WHERE account_id = p_account AND id = p_claim AND conversation_id = p_conversation AND agent_id = p_agent
      AND status = 'open';
  RETURN FOUND;
END $$;

-- Claims that came to nothing: their places are free again, and their queue entry is for everybody. `p_claims` is
-- [{claimId}].
CREATE FUNCTION decline_claims(p_account uuid, p_claims jsonb, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_claim jsonb;
  v_agent uuid;
BEGIN
  FOR v_claim IN SELECT * FROM jsonb_array_elements(p_claims) LOOP
    UPDATE claims SET status = 'declined', decided_at = p_at
      WHERE account_id = p_account AND id = (v_claim->>'claimId')::uuid AND status = 'open'
      RETURNING agent_id INTO v_agent;
    IF FOUND THEN
      UPDATE queue_entries SET claim_id = NULL WHERE account_id = p_account AND claim_id = (v_claim->>'claimId')::uuid;
      PERFORM free_place(p_account, v_agent, p_at);
    END IF;
  END LOOP;
END $$;

-- Open claims of this agent among `p_claims` ([{claimId}]).
CREATE FUNCTION open_claims_of(p_account uuid, p_agent uuid, p_claims jsonb) RETURNS integer
  LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM claims
  WHERE account_id = p_account AND agent_id = p_agent AND status = 'open'
    AND id IN (SELECT (value->>'claimId')::uuid FROM jsonb_array_elements(p_claims))
$$;

-- What a decision that gives a chat to an agent needs: the place of the claim that it confirms, or one of its own, taken
-- before those are freed that the decision gives back. Answers why there is none; null: it is taken. `p_claim` is the
-- record's `claim`, `p_declined` its `decline`.
CREATE FUNCTION take_decided_place(p_account uuid, p_conversation uuid, p_claim jsonb, p_declined jsonb, p_at timestamptz)
  RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE
  v_agent uuid := (p_claim->>'agentId')::uuid;
  v_taken boolean;
BEGIN
  IF p_claim->>'claimId' IS NOT NULL THEN
    v_taken := confirm_claim(p_account, p_conversation, (p_claim->>'claimId')::uuid, v_agent, p_at);
    RETURN CASE WHEN NOT v_taken THEN 'claim-gone' END;
  END IF;
  v_taken := take_place(p_account, v_agent, (p_claim->>'override')::boolean, p_at,
                        open_claims_of(p_account, v_agent, p_declined));
  RETURN CASE WHEN NOT v_taken THEN 'agent-at-limit' END;
END $$;
