-- Histories of runs: what no later run exported is found by a sweep, and what Temporal has no longer is said to be gone.

ALTER TABLE runs
  ADD COLUMN history_gone_at timestamptz,         -- Temporal was asked and has it no longer: this run can't be replayed
  ADD COLUMN export_again_at timestamptz;         -- the sweep leaves it alone until then; null: it has not tried yet
DROP INDEX runs_unexported;
CREATE INDEX runs_unexported ON runs (started_at) WHERE exported_at IS NULL AND history_gone_at IS NULL;

-- Runs of every account whose history should have been exported by now, and only their ids: those that a later run
-- followed, and the last ones of actors in which nothing is open. Whoever gets one has it for a minute at least, longer
-- the older it is: several workers share the work, and one that can't be exported comes seldom and in nobody's way.
CREATE FUNCTION claim_unexported_runs(p_now timestamptz, p_started_before timestamptz, p_most integer)
  RETURNS TABLE (account_id uuid, conversation_id uuid, run_id text)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH due AS (
    SELECT r.account_id, r.conversation_id, r.run_id FROM runs r
    WHERE r.exported_at IS NULL AND r.history_gone_at IS NULL AND r.started_at <= p_started_before
      AND (r.export_again_at IS NULL OR r.export_again_at <= p_now)
      AND (EXISTS (SELECT 1 FROM runs later WHERE later.account_id = r.account_id
                     AND later.conversation_id = r.conversation_id AND later.started_at > r.started_at)
           OR EXISTS (SELECT 1 FROM actors a WHERE a.account_id = r.account_id
                        AND a.conversation_id = r.conversation_id AND a.wake_at IS NULL))
    ORDER BY r.started_at LIMIT p_most FOR NO KEY UPDATE OF r SKIP LOCKED)
  UPDATE runs r
    SET export_again_at = p_now + greatest(interval '1 minute', least(interval '6 hours', (p_now - r.started_at) / 10))
    FROM due
    WHERE r.account_id = due.account_id AND r.conversation_id = due.conversation_id AND r.run_id = due.run_id
    RETURNING r.account_id, r.conversation_id, r.run_id
$$;

-- A role of its own, that can do this and nothing else: the function runs as it, whoever calls.
CREATE POLICY of_exports ON runs TO baton_exports USING (true);
CREATE POLICY of_exports ON actors FOR SELECT TO baton_exports USING (true);
GRANT USAGE ON SCHEMA public TO baton_exports;
GRANT SELECT (account_id, conversation_id, run_id, started_at, exported_at, history_gone_at, export_again_at),
  UPDATE (export_again_at) ON runs TO baton_exports;
GRANT SELECT (account_id, conversation_id, wake_at) ON actors TO baton_exports;
SELECT run_as('baton_exports', 'claim_unexported_runs(timestamptz, timestamptz, integer)', 'baton_worker');
