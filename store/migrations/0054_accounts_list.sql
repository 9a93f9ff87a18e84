-- The operator lists accounts: their names, and nothing of what is theirs. Asked for under the operator's key alone, since no
-- account is bound then.
GRANT SELECT (name, created_at) ON accounts TO baton_lookup;

CREATE FUNCTION list_accounts(p_after uuid, p_most integer)
  RETURNS TABLE (id uuid, name text, created_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT id, name, created_at FROM accounts WHERE p_after IS NULL OR id > p_after ORDER BY id LIMIT p_most $$;

SELECT run_as('baton_lookup', 'list_accounts(uuid, integer)', 'baton_api');
