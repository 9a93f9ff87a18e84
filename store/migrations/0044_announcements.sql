-- News for many conversations at once: a new version of the policy, other hours of a group, or nobody left who is there for
-- those that wait in it. Whoever brings the news leaves one row here, in the transaction that makes it true; the conversations are told after
-- it, a batch per transaction, which commits with how far it got. So each is told once of the newest, whoever stops in between.
CREATE TABLE announcements (
  account_id uuid NOT NULL REFERENCES accounts,
  type       text NOT NULL CHECK (type IN ('PolicyChanged', 'HoursChanged', 'AvailabilityChanged')),
  about      uuid NOT NULL,                   -- the group; of the policy, the account
  told_to    uuid NOT NULL,                   -- conversations up to this one have been told, or need not be
  made_at    timestamptz NOT NULL,
  PRIMARY KEY (account_id, type, about)
);
ALTER TABLE announcements ENABLE ROW LEVEL SECURITY;
ALTER TABLE announcements FORCE ROW LEVEL SECURITY;
CREATE POLICY of_account ON announcements TO baton_api, baton_worker USING (account_id = current_setting('baton.account')::uuid)
  WITH CHECK (account_id = current_setting('baton.account')::uuid);
-- The API tells; the worker, which notices lost leases, leaves the news only.
GRANT SELECT, INSERT, UPDATE (told_to, made_at), DELETE ON announcements TO baton_api;
GRANT SELECT, INSERT, UPDATE (told_to, made_at) ON announcements TO baton_worker;

-- Newer news begin anew with those whom older ones have reached.
CREATE FUNCTION announce(p_account uuid, p_type text, p_about uuid, p_at timestamptz) RETURNS void
  LANGUAGE sql AS $$
  INSERT INTO announcements (account_id, type, about, told_to, made_at)
    VALUES (p_account, p_type, p_about, '00000000-0000-0000-0000-000000000000', p_at)
    ON CONFLICT (account_id, type, about) DO UPDATE SET told_to = EXCLUDED.told_to, made_at = EXCLUDED.made_at
$$;

-- The next conversations after this one, and whether they are to hear of it. A conversation that is not yet there, or not
-- yet open, when it is passed begins with what is new: its record has found it (`policy_lock`, `presence_lock`).
CREATE FUNCTION next_to_tell(p_account uuid, p_type text, p_about uuid, p_after uuid, p_most integer, p_now timestamptz)
  RETURNS TABLE (conversation_id uuid, concerned boolean)
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_type = 'PolicyChanged' THEN
    RETURN QUERY SELECT a.conversation_id, a.wake_at IS NOT NULL FROM actors a
      WHERE a.account_id = p_account AND a.conversation_id > p_after ORDER BY a.conversation_id LIMIT p_most;
  ELSIF p_type = 'BlockChanged' THEN
    RETURN QUERY SELECT c.id, true FROM conversations c
      WHERE c.account_id = p_account AND c.contact_id = p_about AND c.id > p_after ORDER BY c.id LIMIT p_most;
  ELSE
    RETURN QUERY SELECT q.conversation_id, p_type = 'HoursChanged' OR NOT somebody_is_there(p_account, p_about, q.bot_id, p_now)
      FROM queue_entries q
      WHERE q.account_id = p_account AND q.group_id = p_about AND q.conversation_id > p_after
      ORDER BY q.conversation_id LIMIT p_most;
  END IF;
END $$;

-- One batch of the account's oldest news that nobody else is telling. False: there are none.
CREATE FUNCTION tell_some(p_account uuid, p_most integer, p_now timestamptz) RETURNS boolean
  LANGUAGE plpgsql AS $$
DECLARE
  a announcements;
  v_news jsonb;
  v_next record;
  v_count integer := 0;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT * INTO a FROM announcements WHERE account_id = p_account ORDER BY made_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  v_news := news_of(a);
  FOR v_next IN SELECT * FROM next_to_tell(p_account, a.type, a.about, a.told_to, p_most, p_now) ORDER BY conversation_id LOOP
    v_count := v_count + 1;
    IF v_next.concerned THEN
      PERFORM put_in_inbox(p_account, v_next.conversation_id, n.value->>'type', n.value->'payload', p_now, NULL, NULL)
        FROM jsonb_array_elements(v_news) AS n;
    END IF;
  END LOOP;
  IF v_count < p_most THEN
    DELETE FROM announcements WHERE account_id = p_account AND type = a.type AND about = a.about;
  ELSE
    UPDATE announcements SET told_to = v_next.conversation_id WHERE account_id = p_account AND type = a.type AND about = a.about;
  END IF;
  RETURN true;
END $$;

-- Accounts that have news to tell.
CREATE FUNCTION announcing_accounts(p_most integer) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT account_id FROM announcements GROUP BY account_id ORDER BY min(made_at) LIMIT p_most $$;
CREATE POLICY of_lookup ON announcements FOR SELECT TO baton_lookup USING (true);
GRANT SELECT (account_id, made_at) ON announcements TO baton_lookup;
SELECT run_as('baton_lookup', 'announcing_accounts(integer)', 'baton_api');
