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

DO $$ BEGIN EXECUTE format('GRANT baton_lookup TO %I', current_user); END $$;
CREATE OR REPLACE FUNCTION feed_generation_now() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_life text := cluster_life();
  v_generation integer;
BEGIN
  SELECT generation INTO v_generation FROM feed_generation WHERE system_id = v_life;
  IF NOT FOUND THEN
    UPDATE feed_generation SET generation = generation + 1, system_id = v_life WHERE system_id <> v_life;
    SELECT generation INTO v_generation FROM feed_generation;
  END IF;
  RETURN v_generation;
END $$;
GRANT EXECUTE ON FUNCTION feed_generation_now() TO baton_worker;
DO $$ BEGIN EXECUTE format('REVOKE baton_lookup FROM %I', current_user); END $$;

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

ALTER TABLE outbound ADD COLUMN generation integer NOT NULL DEFAULT 1;
ALTER TABLE outbound ALTER COLUMN generation SET DEFAULT feed_generation_now();

-- As in 0020, with the generation.
CREATE OR REPLACE FUNCTION outbound_words(p_account uuid, o outbound, p_type text) RETURNS jsonb
  LANGUAGE plpgsql STABLE AS $$ -- not sql: this one is planned once per connection
BEGIN
  RETURN (SELECT jsonb_build_object(
    'toId', o.to_id, 'type', p_type, 'handover', o.handover, 'authorKind', o.author_kind, 'authorName', m.author_name,
    'content', m.content, 'at', ms_of(m.created_at), 'thread', c.external_thread, 'generation', o.generation,
    'contactExternalId', (SELECT i.external_id FROM contact_identities i
       WHERE i.account_id = p_account AND i.channel_id = c.channel_id AND i.contact_id = c.contact_id
       ORDER BY i.external_id = c.external_thread DESC, i.external_id LIMIT 1),
    'partsSent', (SELECT count(*) FROM outbound_parts p
       WHERE p.account_id = p_account AND p.conversation_id = o.conversation_id AND p.seq = o.seq),
    'connection', CASE WHEN o.to_kind = 'desk'
       THEN (SELECT jsonb_build_object('settings', settings, 'secrets', secrets, 'disabled', disabled_at IS NOT NULL)
             FROM desks WHERE account_id = p_account AND id = o.to_id)
       ELSE (SELECT jsonb_build_object('settings', settings, 'secrets', secrets, 'disabled', disabled_at IS NOT NULL)
             FROM channels WHERE account_id = p_account AND id = o.to_id) END)
  FROM conversations c LEFT JOIN messages m ON m.account_id = p_account AND m.id = o.message_id
  WHERE c.account_id = p_account AND c.id = o.conversation_id);
END $$;

-- As in 0021: a key of another generation is of a message that nobody has any more. Keys are made in store/send-key.ts.
CREATE OR REPLACE FUNCTION outbound_of_receipt(p_account uuid, p_channel uuid, p_provider text, p_key text)
  RETURNS TABLE (conversation_id uuid, seq integer, status text, whole boolean)
  LANGUAGE sql STABLE AS $$
  SELECT conversation_id, seq, status, whole FROM (
    SELECT conversation_id, seq, status, true AS whole, 1 AS choice FROM outbound
      WHERE account_id = p_account AND to_id = p_channel AND provider_id = p_provider
    UNION ALL
    SELECT conversation_id, seq, o.status, false, 2 FROM outbound_parts p JOIN outbound o USING (account_id, conversation_id, seq)
      WHERE p.account_id = p_account AND p.to_id = p_channel AND p.provider_id = p_provider
    UNION ALL
    SELECT conversation_id, seq, status, true, 3
      FROM regexp_match(p_key, '^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9})(?:g([0-9]{1,9}))?$') AS key
        JOIN outbound ON account_id = p_account AND to_id = p_channel AND conversation_id = key[1]::uuid
          AND seq = key[2]::int AND generation = coalesce(key[3]::int, 1)) AS found
  ORDER BY choice LIMIT 1
$$;
