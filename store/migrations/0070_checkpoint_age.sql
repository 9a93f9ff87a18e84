-- How long ago the newest checkpoint was due of the account that lags most, in seconds; of one that has none yet, how long ago
-- something was recorded first. Null: there is none at all, because no worker was ever given a key.
CREATE FUNCTION checkpoint_age(p_now timestamptz) RETURNS float8
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT age_in_seconds(min(newest.at), p_now) FROM accounts a, LATERAL (
    SELECT coalesce(
      (SELECT hour FROM checkpoints WHERE account_id = a.id ORDER BY no DESC LIMIT 1),
      (SELECT recorded_at FROM domain_events WHERE account_id = a.id ORDER BY xid, feed_id LIMIT 1)) AS at) AS newest
  WHERE EXISTS (SELECT 1 FROM checkpoints)
  HAVING min(newest.at) IS NOT NULL
$$;
CREATE POLICY of_lookup ON checkpoints FOR SELECT TO baton_lookup USING (true);
GRANT SELECT (account_id, no, hour) ON checkpoints TO baton_lookup;
SELECT run_as('baton_lookup', 'checkpoint_age(timestamptz)', 'baton_api');
