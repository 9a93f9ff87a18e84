-- What operators watch, over all accounts, in one round trip: sums and ages, nothing of anybody. What can be many is counted
-- up to 10,000 (of the feed, for each account), so that asking costs little when it matters most.

-- Null: nothing is that old.
CREATE FUNCTION age_in_seconds(p_since timestamptz, p_now timestamptz) RETURNS float8
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT greatest(0, coalesce(extract(epoch FROM p_now - p_since), 0))::float8
$$;

CREATE FUNCTION vital_signs(p_now timestamptz) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH horizon AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest),
    -- Committed, and not to be shown while an older transaction of any database of this server runs (see `readFeed`).
    held AS (
      SELECT count(*) AS n, min(at) AS since FROM horizon, accounts a, LATERAL (
        (SELECT recorded_at AS at FROM domain_events
          WHERE account_id = a.id AND xid >= oldest ORDER BY xid, feed_id LIMIT 10000)
        UNION ALL
        (SELECT created_at FROM comments WHERE account_id = a.id AND xid >= oldest ORDER BY xid, feed_id LIMIT 10000)
        UNION ALL
        (SELECT at FROM receipts
          WHERE account_id = a.id AND xid >= oldest AND raised ORDER BY xid, feed_id LIMIT 10000)) AS rows),
    due AS (
      SELECT count(*) AS n, min(wake_at) AS since FROM (
        SELECT wake_at FROM actors WHERE wake_at <= p_now - interval '5 seconds' ORDER BY wake_at LIMIT 10000) AS overdue),
    queue AS (SELECT count(*) AS n, min(waiting_since) AS since FROM queue_entries),
    dead AS (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM outbound
          WHERE status IN ('failed', 'unknown') AND retried_as IS NULL AND discarded_at IS NULL AND settled_at IS NOT NULL
          LIMIT 10000) AS letters),
    parked AS (SELECT count(*) AS n FROM (SELECT 1 FROM parked WHERE resumed_at IS NULL LIMIT 10000) AS inputs)
  SELECT jsonb_build_object(
    'inboxBacklog', inbox_backlog(),
    'feedHeldRows', held.n, 'feedLagSeconds', age_in_seconds(held.since, p_now),
    'dueActors', due.n, 'overdueSeconds', age_in_seconds(due.since, p_now),
    'queueEntries', queue.n, 'queueWaitSeconds', age_in_seconds(queue.since, p_now),
    'deadLetters', dead.n, 'parkedInputs', parked.n)
  FROM held, due, queue, dead, parked
$$;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['accounts', 'domain_events', 'receipts', 'actors', 'queue_entries', 'outbound', 'parked'] LOOP
    EXECUTE format('CREATE POLICY of_lookup ON %I FOR SELECT TO baton_lookup USING (true)', t);
  END LOOP;
END $$;
GRANT SELECT (id) ON accounts TO baton_lookup;
GRANT SELECT (account_id, xid, feed_id, recorded_at) ON domain_events TO baton_lookup;
GRANT SELECT (xid, feed_id, created_at) ON comments TO baton_lookup;
GRANT SELECT (account_id, xid, feed_id, at, raised) ON receipts TO baton_lookup;
GRANT SELECT (wake_at) ON actors TO baton_lookup;
GRANT SELECT (waiting_since) ON queue_entries TO baton_lookup;
GRANT SELECT (status, retried_as, discarded_at, settled_at) ON outbound TO baton_lookup;
GRANT SELECT (resumed_at) ON parked TO baton_lookup;
SELECT run_as('baton_lookup', 'vital_signs(timestamptz)', 'baton_api');
