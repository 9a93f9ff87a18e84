-- Row-level security says again what every query says: this account and no other. FORCE binds the owner too; the roles
-- of the processes own nothing and can't bypass it. Unset is an error (the cast of '' fails), not an empty answer.

-- The last two are nobody's login: functions run as them (see `run_as`).
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['baton_api', 'baton_worker', 'baton_courier', 'baton_lookup', 'baton_exports'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', r);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another migration of this cluster was faster
      END;
    END IF;
  END LOOP;
END $$;

DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT c.table_name FROM information_schema.columns c
           JOIN information_schema.tables b USING (table_schema, table_name)
           WHERE c.table_schema = current_schema() AND c.column_name = 'account_id' AND b.table_type = 'BASE TABLE' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY of_account ON %I TO baton_api, baton_worker USING (account_id = current_setting(''baton.account'')::uuid)
                    WITH CHECK (account_id = current_setting(''baton.account'')::uuid)', t);
  END LOOP;
END $$;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_account ON accounts TO baton_api, baton_worker USING (id = current_setting('baton.account')::uuid)
  WITH CHECK (id = current_setting('baton.account')::uuid);

GRANT USAGE ON SCHEMA public TO baton_api, baton_worker, baton_courier;
-- What API and worker may do with each table: 0041.

-- The courier and its sweeps see places, cursors and wake-ups of every account, and no words.
CREATE POLICY of_courier ON mailboxes TO baton_courier USING (true);
CREATE POLICY of_courier ON inbox FOR SELECT TO baton_courier USING (true);
CREATE POLICY of_courier ON actors FOR SELECT TO baton_courier USING (true);
CREATE POLICY of_courier ON idempotency TO baton_courier USING (true);
GRANT SELECT, UPDATE (handed_seq, handed_at, waiting_at, leased_until) ON mailboxes TO baton_courier;
GRANT SELECT (account_id, conversation_id, seq, type, payload, at) ON inbox TO baton_courier;
GRANT SELECT (account_id, conversation_id, seq, wake_at) ON actors TO baton_courier;
GRANT SELECT (account_id, key, created_at), DELETE ON idempotency TO baton_courier;

-- From here on the function runs as this narrow role, and these may call it. Whoever migrates need not be a superuser: the
-- owner of the database, who made the role, belongs to it for as long as it takes to give the function away.
CREATE FUNCTION run_as(p_role text, p_function text, VARIADIC p_callers text[]) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_caller text;
BEGIN
  EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', p_function);
  FOREACH v_caller IN ARRAY p_callers LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', p_function, v_caller);
  END LOOP;
  EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', p_role);
  EXECUTE format('GRANT %I TO %I', p_role, current_user);
  EXECUTE format('ALTER FUNCTION %s OWNER TO %I', p_function, p_role);
  EXECUTE format('REVOKE %I FROM %I', p_role, current_user);
  EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', p_role);
END $$;
REVOKE ALL ON FUNCTION run_as(text, text, text[]) FROM PUBLIC;

-- Whoever knocks has only a token: which account it is for is found by its hash, through functions that answer nothing else.
CREATE POLICY of_lookup ON api_keys TO baton_lookup USING (true);
CREATE POLICY of_lookup ON visitor_sessions TO baton_lookup USING (true);
GRANT USAGE ON SCHEMA public TO baton_lookup;
GRANT SELECT ON api_keys, visitor_sessions TO baton_lookup;

CREATE FUNCTION find_api_key(p_hash bytea)
  RETURNS TABLE (account_id uuid, id uuid, scopes text[], expires_at timestamptz, revoked_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT account_id, id, scopes, expires_at, revoked_at FROM api_keys WHERE hash = p_hash $$;

CREATE FUNCTION find_visitor_session(p_hash bytea)
  RETURNS TABLE (account_id uuid, id uuid, channel_id uuid, external_id text, conversation_id uuid, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT account_id, id, channel_id, external_id, conversation_id, expires_at
        FROM visitor_sessions WHERE token_hash = p_hash $$;

SELECT run_as('baton_lookup', 'find_api_key(bytea)', 'baton_api');
SELECT run_as('baton_lookup', 'find_visitor_session(bytea)', 'baton_api');
