-- Folds made anew from events and sources (`baton rebuild`): as this role, which nobody logs in as. The database's owner, who
-- made it, belongs to it for one transaction at a time, as in `run_as`; see store/rebuild-role.ts.

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'baton_rebuild') THEN
    CREATE ROLE baton_rebuild NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another migration of this cluster was faster
END $$;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['conversations', 'actors', 'domain_events', 'inbox', 'parked', 'handover_requests', 'claims', 'queue_entries',
      'assignments', 'agents', 'group_marks', 'outbound', 'outbound_attempts', 'receipts', 'visitor_stream'] LOOP
    EXECUTE format('CREATE POLICY of_rebuild ON %I TO baton_rebuild USING (account_id = current_setting(''baton.account'')::uuid)
                    WITH CHECK (account_id = current_setting(''baton.account'')::uuid)', t);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO baton_rebuild;

-- Sources, without words.
GRANT SELECT ON domain_events, outbound_attempts TO baton_rebuild;
GRANT SELECT (account_id, conversation_id, seq) ON inbox TO baton_rebuild;
GRANT SELECT (account_id, conversation_id, seq, resumed_at) ON parked TO baton_rebuild;
GRANT SELECT (account_id, conversation_id, id, skill) ON handover_requests TO baton_rebuild;
GRANT SELECT (account_id, conversation_id, id, entry, agent_id, status) ON claims TO baton_rebuild;
GRANT SELECT (account_id, conversation_id, seq, provider_id, status, class, at, raised) ON receipts TO baton_rebuild;
GRANT SELECT (account_id, conversation_id, place) ON visitor_stream TO baton_rebuild;

-- Folds.
GRANT SELECT (account_id, id, channel_id, phase, holder_kind, holder_id, epoch, session_no, session_ends_at, locked, window_closed_at,
  handover_no, request_id, bot_id, group_id, desk_id, agent_id, priority, waiting_since, resolved_at, archived, flagged, policy_version,
  last_message_at, tag_ids, positions, stream),
  UPDATE (phase, holder_kind, holder_id, epoch, session_no, session_ends_at, locked, window_closed_at, handover_no, request_id, bot_id,
  group_id, desk_id, agent_id, priority, waiting_since, resolved_at, archived, flagged, policy_version, last_message_at, tag_ids,
  positions, stream) ON conversations TO baton_rebuild;
GRANT SELECT, INSERT, UPDATE (version, seq, event_no, head, state, format, last_at, wake_at) ON actors TO baton_rebuild;
GRANT SELECT, INSERT, DELETE ON queue_entries, assignments TO baton_rebuild;
GRANT SELECT (account_id, id, active), UPDATE (active) ON agents TO baton_rebuild;
GRANT SELECT, INSERT, UPDATE (account_id) ON group_marks TO baton_rebuild;
GRANT SELECT, INSERT, UPDATE (message_id, to_kind, to_id, handover, author_kind, epoch, status, attempt_id, attempts, failure_class,
  queued_at, sent_at, delivered_at, read_at, settled_at) ON outbound TO baton_rebuild;
GRANT EXECUTE ON FUNCTION at_ms(bigint), ms_of(timestamptz), mark_group(uuid, uuid, timestamptz),
  fold_assignment(uuid, uuid, jsonb), fold_queue_entry(uuid, uuid, jsonb, timestamptz),
  fold_conversation(uuid, uuid, jsonb, integer, timestamptz, boolean) TO baton_rebuild;

-- An outbound row that is lost comes back with the generation in which it does.
DO $$ BEGIN EXECUTE format('GRANT baton_lookup TO %I', current_user); END $$;
GRANT EXECUTE ON FUNCTION feed_generation_now() TO baton_rebuild;
DO $$ BEGIN EXECUTE format('REVOKE baton_lookup FROM %I', current_user); END $$;
