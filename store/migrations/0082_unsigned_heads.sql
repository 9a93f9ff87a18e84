-- A checkpoint's heads are written a batch per transaction, and last its signed row: one transaction for all of them would keep the
-- feed from showing anything newer for as long as it takes. Heads without a signed row are what a worker has under way, or left when
-- it died; nobody else counts them, and whoever makes the checkpoint removes them first.
ALTER TABLE checkpoint_heads DROP CONSTRAINT checkpoint_heads_account_id_no_fkey;
CREATE INDEX checkpoint_heads_by_no ON checkpoint_heads (account_id, no);

CREATE POLICY of_exports ON checkpoint_heads FOR SELECT TO baton_exports USING (true);
CREATE POLICY of_unsigned ON checkpoint_heads FOR DELETE TO baton_exports
  USING (NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.account_id = checkpoint_heads.account_id AND c.no >= checkpoint_heads.no));
GRANT SELECT (account_id, conversation_id, no), DELETE ON checkpoint_heads TO baton_exports;
GRANT SELECT (no) ON checkpoints TO baton_exports;

-- So many of them at most; answers how many there were. The caller holds the claim to the account's next checkpoint.
CREATE FUNCTION remove_unsigned_heads(p_account uuid, p_most integer) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH removed AS (
    DELETE FROM checkpoint_heads WHERE account_id = p_account AND (conversation_id, no) IN (
      SELECT conversation_id, no FROM checkpoint_heads
      WHERE account_id = p_account AND no > coalesce((SELECT max(no) FROM checkpoints WHERE account_id = p_account), 0)
      LIMIT p_most)
    RETURNING 1)
  SELECT count(*) FROM removed
$$;
SELECT run_as('baton_exports', 'remove_unsigned_heads(uuid, integer)', 'baton_worker');
