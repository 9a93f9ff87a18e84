-- The courier's round: one call moves the cursor over what was handed over (if it was) and claims the mailbox that has
-- waited longest, with its rows. No transaction stays open while a batch is on its way: the claim is a lease.

-- `p_to` null: nothing to move. The cursor goes up only under the generation that was read with the batch, and never down.
-- Losing this commit costs a batch sent twice, which the actor skips; so it needs no wait for the disk.
-- Answers null where nothing waits, and `busy` where all that waits is locked: by a webhook that is about to commit.
-- `more`: another mailbox waits too.
CREATE FUNCTION next_mail(p_account uuid, p_conversation uuid, p_generation integer, p_to bigint,
                          p_now timestamptz, p_lease_until timestamptz, p_most integer) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  m record;
  v_more boolean;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  IF p_to IS NOT NULL THEN
    UPDATE mailboxes SET handed_seq = p_to, leased_until = NULL, handed_at = p_now,
                         waiting_at = CASE WHEN last_seq > p_to THEN p_now END
      WHERE account_id = p_account AND conversation_id = p_conversation AND generation = p_generation AND handed_seq < p_to;
  END IF;
  IF p_most = 0 THEN
    RETURN NULL;
  END IF;

  SELECT account_id, conversation_id, generation, handed_seq INTO m FROM mailboxes
    WHERE waiting_at IS NOT NULL AND (leased_until IS NULL OR leased_until <= p_now) AND (held_until IS NULL OR held_until <= p_now)
    ORDER BY waiting_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    UPDATE mailboxes SET leased_until = p_lease_until WHERE account_id = m.account_id AND conversation_id = m.conversation_id;
  END IF;
  PERFORM 1 FROM mailboxes
    WHERE waiting_at IS NOT NULL AND (leased_until IS NULL OR leased_until <= p_now) AND (held_until IS NULL OR held_until <= p_now)
    LIMIT 1;
  v_more := FOUND;
  IF m.conversation_id IS NULL THEN
    RETURN CASE WHEN v_more THEN '{"kind": "busy"}'::jsonb END;
  END IF;
  RETURN (
    SELECT jsonb_build_object('kind', 'mail', 'accountId', m.account_id, 'conversationId', m.conversation_id,
                              'generation', m.generation, 'more', v_more, 'rows',
                              jsonb_agg(payload || jsonb_build_object('seq', seq, 'type', type, 'at', ms_of(at)) ORDER BY seq))
    FROM (SELECT seq, type, at, payload FROM inbox
          WHERE account_id = m.account_id AND conversation_id = m.conversation_id AND seq > m.handed_seq
          ORDER BY seq LIMIT p_most) AS batch);
END $$;

-- A batch could not be handed over: the mailbox is left alone until then.
CREATE FUNCTION put_mail_off(p_account uuid, p_conversation uuid, p_until timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE mailboxes SET leased_until = p_until WHERE account_id = p_account AND conversation_id = p_conversation;
END $$;

-- Looks at mailboxes that handed something over before `p_before`: is it recorded? If not, its actor was terminated, or
-- Temporal has lost it, or there is no worker; they are looked at again at `p_again`. Answers how many were looked at,
-- and the actors that are behind: an actor that starts asks for what it has not recorded.
CREATE FUNCTION unrecorded_mail(p_before timestamptz, p_again timestamptz, p_most integer) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_answer jsonb;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  WITH old AS (
    SELECT account_id, conversation_id FROM mailboxes WHERE handed_at <= p_before
    ORDER BY handed_at LIMIT p_most FOR NO KEY UPDATE SKIP LOCKED),
  looked AS (
    UPDATE mailboxes m SET handed_at = CASE WHEN a.seq < m.handed_seq THEN p_again END
    FROM old JOIN actors a USING (account_id, conversation_id)
    WHERE m.account_id = old.account_id AND m.conversation_id = old.conversation_id
    RETURNING m.account_id, m.conversation_id, m.handed_at)
  SELECT jsonb_build_object('looked', count(*), 'behind', coalesce(
      jsonb_agg(jsonb_build_object('accountId', account_id, 'conversationId', conversation_id)) FILTER (WHERE handed_at IS NOT NULL), '[]'))
    INTO v_answer FROM looked;
  RETURN v_answer;
END $$;

-- How much is stored and not decided on yet, over all accounts, for the limit past which nothing more is accepted: what waits for
-- a courier, and what it has handed over to actors that don't keep up. Only the sum is told. A mailbox of which something was handed
-- over stays marked until somebody has seen that it is recorded (`unrecorded_mail`), so only those that were busy are looked at.
CREATE FUNCTION inbox_backlog() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(m.last_seq - a.seq), 0)::bigint
  FROM mailboxes m JOIN actors a ON a.account_id = m.account_id AND a.conversation_id = m.conversation_id
  WHERE m.waiting_at IS NOT NULL OR m.handed_at IS NOT NULL
$$;
CREATE POLICY of_lookup ON mailboxes FOR SELECT TO baton_lookup USING (true);
GRANT SELECT (account_id, conversation_id, last_seq, waiting_at, handed_at) ON mailboxes TO baton_lookup;
GRANT SELECT (account_id, conversation_id, seq) ON actors TO baton_lookup;
SELECT run_as('baton_lookup', 'inbox_backlog()', 'baton_api', 'baton_worker', 'baton_courier');
