-- What was set aside and nobody will ever resume is discarded, with a reason out of a list: its words and the network's id go, and
-- a repeat of it has no effect for as long as networks repeat. Who did it, when and why stays.
ALTER TABLE parked
  ADD COLUMN discarded_because text CHECK (discarded_because IN ('not-for-us', 'done-elsewhere', 'not-needed', 'personal-data', 'erased')),
  ADD COLUMN discarded_by_kind text CHECK (discarded_by_kind IN ('agent', 'key')),
  ADD COLUMN discarded_by_id uuid;
GRANT UPDATE (resumed_at, discarded_because, discarded_by_kind, discarded_by_id) ON parked TO baton_erasure;

-- The caller holds the row, which nobody has resumed or discarded.
CREATE FUNCTION discard_parked(p_account uuid, p_id uuid, p_because text, p_by_kind text, p_by_id uuid, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  PERFORM remember_erased_id(p_account, source_id, external_id, p_now) FROM parked WHERE account_id = p_account AND id = p_id;
  UPDATE parked SET item = NULL, external_id = NULL, resumed_at = p_now, discarded_because = p_because,
      discarded_by_kind = p_by_kind, discarded_by_id = p_by_id
    WHERE account_id = p_account AND id = p_id;
END $$;
SELECT run_as('baton_erasure', 'discard_parked(uuid, uuid, text, text, uuid, timestamptz)', 'baton_api');

