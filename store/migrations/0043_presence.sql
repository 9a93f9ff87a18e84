-- Agents whose client went away without a word: after the grace they count as gone (`agent_available`), and a sweep tells
-- those who waited for them.

ALTER TABLE agents ADD COLUMN lease_noted boolean NOT NULL DEFAULT true;   -- false: should the lease be lost, nobody knows yet
CREATE INDEX agents_leases ON agents (lease_until) WHERE NOT lease_noted;

-- As in `agent_available`.
CREATE FUNCTION lease_is_lost(p_lease_until timestamptz, p_at timestamptz) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT p_lease_until <= p_at - interval '30 seconds' $$;

-- Of every account, and only their ids.
CREATE FUNCTION lost_leases(p_at timestamptz, p_most integer) RETURNS TABLE (account_id uuid, agent_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT account_id, id FROM agents WHERE NOT lease_noted AND lease_is_lost(lease_until, p_at)
  ORDER BY lease_until LIMIT p_most
$$;
CREATE POLICY of_lookup ON agents FOR SELECT TO baton_lookup USING (true);
GRANT SELECT (account_id, id, lease_until, lease_noted) ON agents TO baton_lookup;
SELECT run_as('baton_lookup', 'lost_leases(timestamptz, integer)', 'baton_worker');

-- A client that renews its lease is to be noted again, by the API; the sweep is the worker's.
GRANT UPDATE (lease_noted) ON agents TO baton_api;
GRANT SELECT (lease_noted), UPDATE (lease_noted) ON agents TO baton_worker;
GRANT INSERT ON presence_changes TO baton_worker;
