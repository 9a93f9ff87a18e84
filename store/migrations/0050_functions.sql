-- Nobody calls our functions but our roles. A function can do only what its caller may (0041); those that run as another
-- role have their callers already (`run_as`). A function that comes later brings its rights with it.
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p
           WHERE p.pronamespace = 'public'::regnamespace AND NOT p.prosecdef AND p.proname <> 'run_as'
             AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO baton_api, baton_worker', f);
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION
  next_mail(uuid, uuid, integer, bigint, timestamptz, timestamptz, integer), put_mail_off(uuid, uuid, timestamptz),
  unrecorded_mail(timestamptz, timestamptz, integer), ms_of(timestamptz) TO baton_courier;
-- Called by those that run as it.
GRANT EXECUTE ON FUNCTION
  words_sought(text), age_in_seconds(timestamptz, timestamptz), lease_is_lost(timestamptz, timestamptz) TO baton_lookup;
