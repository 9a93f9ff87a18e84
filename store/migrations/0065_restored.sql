-- A database that was put back from a backup gives out again what it has given out since: places of the feed, and numbers
-- of outbound messages. Both carry the generation, so nobody takes the new for the old: a feed's cursor of the lost time
-- is told to reload, and a channel that honours keys does not take new words for a repeat of lost ones.

-- A generation ends where the cluster is another one (a logical restore), where its timeline is (a restore to a point in
-- time, a standby that took over), or where an operator says so (a copy of the files shows neither).
-- Of a WAL file's name the first eight digits are the timeline.
CREATE FUNCTION cluster_life() RETURNS text
  LANGUAGE sql STABLE AS $$
  SELECT system_identifier::text || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) FROM pg_control_system()
$$;
REVOKE ALL ON FUNCTION cluster_life() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cluster_life() TO baton_lookup;

-- `attended`: the generation for which `baton restored` has done what else a restore asks for.
ALTER TABLE feed_generation ADD COLUMN attended integer;
UPDATE feed_generation SET attended = generation, system_id = cluster_life();
ALTER TABLE feed_generation ALTER COLUMN attended SET NOT NULL;
GRANT UPDATE (attended) ON feed_generation TO baton_lookup;

CREATE FUNCTION begin_generation() RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE feed_generation SET generation = generation + 1, system_id = cluster_life() RETURNING generation
$$;
SELECT run_as('baton_lookup', 'begin_generation()', 'baton_worker');

CREATE FUNCTION attend_generation(p_generation integer) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE feed_generation SET attended = p_generation
$$;
SELECT run_as('baton_lookup', 'attend_generation(integer)', 'baton_worker');

-- The store was put back, and nobody has said `baton restored`: actors may go on from what is no longer so.
CREATE FUNCTION is_restore_unattended() RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT feed_generation_now() <> attended FROM feed_generation
$$;
SELECT run_as('baton_lookup', 'is_restore_unattended()', 'baton_api');

ALTER TABLE outbound ALTER COLUMN generation SET DEFAULT feed_generation_now();
