-- Whom a token is checked against, at every request: one statement, bound to the account that the token names. null: nobody.
CREATE FUNCTION find_signing_agent(p_account uuid, p_agent uuid) RETURNS jsonb
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  RETURN (
    SELECT jsonb_build_object('role', role, 'tokenEpoch', token_epoch) FROM agents
    WHERE account_id = p_account AND id = p_agent AND deleted_at IS NULL);
END $$;
REVOKE ALL ON FUNCTION find_signing_agent(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_signing_agent(uuid, uuid) TO baton_api;
