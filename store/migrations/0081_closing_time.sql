-- Hours that end by the clock: a sweep tells whoever waits since the group was open. Who comes later is told as they come.

ALTER TABLE groups ADD COLUMN closing_told_at timestamptz;   -- who waits since then, or earlier, was told that it has closed

-- Groups with hours in which somebody waits to whom that may be news, with the minutes since when; of every account, and no words.
CREATE FUNCTION hours_awaited(p_until timestamptz)
  RETURNS TABLE (account_id uuid, group_id uuid, hours jsonb, told_at timestamptz, since timestamptz[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.account_id, g.id, g.hours, g.closing_told_at, array_agg(DISTINCT date_trunc('minute', q.since))
  FROM groups g JOIN queue_entries q ON q.account_id = g.account_id AND q.group_id = g.id
  WHERE g.hours IS NOT NULL AND q.since <= p_until AND (g.closing_told_at IS NULL OR q.since > g.closing_told_at)
  GROUP BY g.account_id, g.id
$$;
CREATE POLICY of_lookup ON groups FOR SELECT TO baton_lookup USING (true);
GRANT SELECT (account_id, id, hours, closing_told_at) ON groups TO baton_lookup;
GRANT SELECT (account_id, group_id, since) ON queue_entries TO baton_lookup;
SELECT run_as('baton_lookup', 'hours_awaited(timestamptz)', 'baton_worker');

GRANT UPDATE (closing_told_at) ON groups TO baton_worker;
