-- What API and worker may do, whole: each right here is used by a statement of that process, and none other is given
-- (test/store/rights.test.ts holds the list that comes of it). A table that comes later brings its rights with it.
--
-- Who may update any column of a row may lock it. Where that is all that is needed, the column is the account's, which
-- row-level security lets nobody change.

GRANT USAGE ON SEQUENCE feed_ids TO baton_api, baton_worker;

-- Settings and people: the API's. The worker reads them, counts agents' chats, and holds a group still that gets one. It
-- learns of a key its name alone, and of an agent no address.
GRANT SELECT, INSERT ON accounts, policies TO baton_api;
GRANT SELECT (account_id, id, name, scopes, created_at, expires_at, revoked_at), INSERT, UPDATE (revoked_at) ON api_keys TO baton_api;
GRANT SELECT, INSERT, UPDATE (name, settings, secrets, disabled_at) ON bots, desks TO baton_api;
GRANT SELECT, INSERT, UPDATE (name, mode, responsible, bot_id, group_id, settings, secrets, disabled_at) ON channels TO baton_api;
GRANT SELECT, INSERT, UPDATE (account_id, name, skills, hours, deleted_at) ON groups TO baton_api;
GRANT SELECT, INSERT, UPDATE (account_id, name, email, role, status, lease_until, max_chats, token_epoch, deleted_at) ON agents TO baton_api;
GRANT SELECT, INSERT, DELETE ON agent_groups, agent_bots TO baton_api;
GRANT SELECT, INSERT, UPDATE (name, deleted_at) ON tags TO baton_api;
GRANT INSERT ON presence_changes TO baton_api;

GRANT SELECT ON policies, bots, desks, channels, agent_groups, agent_bots, tags TO baton_worker;
GRANT SELECT (account_id, id, name) ON api_keys TO baton_worker;
GRANT SELECT, UPDATE (account_id) ON groups TO baton_worker;
GRANT SELECT (account_id, id, name, status, lease_until, max_chats, active, last_assigned_at, deleted_at),
  UPDATE (active, last_assigned_at) ON agents TO baton_worker;

-- Customers. What is known of them comes through the API; a block becomes true in the worker's record.
GRANT SELECT, INSERT, UPDATE (account_id, name, attributes, tags) ON contacts TO baton_api;
GRANT SELECT, INSERT ON contact_identities, contact_addresses, contact_blocks TO baton_api;
GRANT SELECT, INSERT, DELETE ON contact_notes TO baton_api;
GRANT INSERT ON contact_changes TO baton_api, baton_worker;
GRANT SELECT (account_id, id, conversation_id, page_url, name, emails, phones, expires_at), INSERT, UPDATE (conversation_id), DELETE
  ON visitor_sessions TO baton_api;

GRANT SELECT, UPDATE (block_id, blocked_until) ON contacts TO baton_worker;
GRANT SELECT ON contact_identities, contact_addresses TO baton_worker;
GRANT SELECT, UPDATE (active_from, ended_at) ON contact_blocks TO baton_worker;
GRANT SELECT (account_id, conversation_id, page_url, created_at) ON visitor_sessions TO baton_worker;

-- What comes in. A desk's answers, which the worker gets as it asks, are stored by the same function as its webhooks.
GRANT SELECT, INSERT, UPDATE (end_channel, stream, flagged) ON conversations TO baton_api;
GRANT SELECT, INSERT, UPDATE (last_seq, last_at, waiting_at) ON mailboxes TO baton_api;
GRANT SELECT, INSERT, UPDATE (resumed_at) ON parked TO baton_api;
GRANT SELECT, INSERT ON inbox TO baton_api, baton_worker;
GRANT SELECT, INSERT, UPDATE (name) ON desk_people TO baton_api, baton_worker;

GRANT SELECT, UPDATE (last_seq, last_at, waiting_at, handed_seq, generation, leased_until, held_until) ON mailboxes TO baton_worker;
GRANT SELECT, INSERT ON parked TO baton_worker;

-- Words. They are stored by whoever brings them, and get their place by the record; the API discards those of a command whose
-- rejection it stores.
GRANT SELECT, INSERT, UPDATE (inbox_seq, status) ON messages TO baton_api;
GRANT SELECT, INSERT ON comments, handover_requests TO baton_api;
GRANT SELECT, INSERT, UPDATE (position, status) ON messages TO baton_worker;
GRANT SELECT, INSERT, UPDATE (webstore) ON handover_requests TO baton_worker;
GRANT SELECT ON intake_answers TO baton_api;
GRANT SELECT, INSERT, UPDATE (label, value, answered_at) ON intake_answers TO baton_worker;
GRANT SELECT, INSERT ON bot_answers TO baton_api;
GRANT SELECT, INSERT, UPDATE (intake) ON bot_answers TO baton_worker;

-- Decisions: the record alone moves actors, appends events and folds what follows from them.
GRANT SELECT, INSERT ON actors TO baton_api;
GRANT SELECT ON domain_events, queue_entries, assignments, claims TO baton_api;
GRANT SELECT, INSERT ON idempotency TO baton_api, baton_worker;
GRANT SELECT, INSERT, UPDATE (account_id) ON group_marks TO baton_api, baton_worker;

GRANT SELECT, UPDATE (version, seq, event_no, head, state, format, last_at, wake_at) ON actors TO baton_worker;
GRANT SELECT, INSERT ON domain_events TO baton_worker;
GRANT SELECT, UPDATE (phase, holder_kind, holder_id, epoch, session_no, session_ends_at, locked, window_closed_at, handover_no, request_id, bot_id,
  group_id, desk_id, agent_id, priority, waiting_since, resolved_at, archived, flagged, policy_version, last_message_at,
  tag_ids, positions, stream) ON conversations TO baton_worker;
GRANT SELECT, INSERT, DELETE, UPDATE (claim_id) ON queue_entries TO baton_worker;
GRANT SELECT, INSERT, DELETE ON assignments TO baton_worker;
GRANT SELECT, UPDATE (status, decided_at) ON claims TO baton_worker;
GRANT SELECT, INSERT, UPDATE (history, history_sha256, exported_at, history_gone_at) ON runs TO baton_worker;

-- What goes out: written and tried by the worker, raised by the receipts that come in. A receipt that came before its
-- message's provider id is joined with the message later; what it says stays as it came.
GRANT SELECT, INSERT, UPDATE (status, attempt_id, attempts, not_before, turn_at, provider_id, failure_class, sent_at, delivered_at, read_at,
  settled_at) ON outbound TO baton_worker;
GRANT INSERT ON outbound_attempts, visitor_stream TO baton_worker;
GRANT SELECT, INSERT ON outbound_parts TO baton_worker;
GRANT SELECT, INSERT, UPDATE (conversation_id, seq, raised, xid, feed_id) ON receipts TO baton_worker;
GRANT SELECT, INSERT, UPDATE (blocked_until, free_at, promised_at) ON connection_rates TO baton_worker;

GRANT SELECT, UPDATE (status, provider_id, failure_class, sent_at, delivered_at, read_at, settled_at, retried_as,
  discarded_at, discarded_because, discarded_by_kind, discarded_by_id) ON outbound TO baton_api;
GRANT SELECT ON outbound_parts TO baton_api;
GRANT SELECT, INSERT ON receipts, visitor_stream TO baton_api;
