-- A webhook is stored in one round trip, under a connection that its process has read before: what was verified against is
-- compared in the transaction that stores it. So an exchanged secret, or a switched-off channel, is in force for every webhook
-- that comes after its commit, in every process, and nobody has to be told.

-- As `accept_inbound`, if the channel is still as it was in that version. Null: it isn't, and nothing was stored.
CREATE FUNCTION accept_inbound_if(p jsonb, p_version xid) RETURNS jsonb
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);
  PERFORM 1 FROM channels
    WHERE account_id = (p->>'account')::uuid AND id = (p->>'source')::uuid AND xmin = p_version AND disabled_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN accept_inbound(p);
END $$;
REVOKE ALL ON FUNCTION accept_inbound_if(jsonb, xid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_inbound_if(jsonb, xid) TO baton_api;
