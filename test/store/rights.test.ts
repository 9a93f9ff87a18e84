/**
 * Least privilege, table by table: what each process may do is what its statements do. Whoever needs more adds the right
 * in the migration that brings the need, and its line here.
 */
import { expect, test } from 'vitest';
import { column, rightsByTable } from './catalog.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();

test('the API stores what comes in, and settings; it decides nothing', async () => {
  expect(await rightsByTable(setting.admin, 'baton_api')).toEqual([
    'accounts: INSERT, SELECT',
    'actors: INSERT, SELECT',
    'agent_bots: DELETE, INSERT, SELECT',
    'agent_groups: DELETE, INSERT, SELECT',
    'agents: INSERT, SELECT, UPDATE (account_id, name, email, role, status, lease_until, max_chats, token_epoch, deleted_at, lease_noted)',
    'announcements: DELETE, INSERT, SELECT, UPDATE (told_to, made_at)',
    'api_keys: INSERT, SELECT (account_id, id, name, scopes, created_at, expires_at, revoked_at), UPDATE (revoked_at)',
    'assignments: SELECT',
    'bot_answers: INSERT, SELECT',
    'bots: INSERT, SELECT, UPDATE (name, settings, secrets, disabled_at)',
    'channels: INSERT, SELECT, UPDATE (name, mode, responsible, bot_id, group_id, settings, secrets, disabled_at)',
    'claims: SELECT',
    'comments: INSERT, SELECT',
    'connection_rates: SELECT (account_id, connection_id), UPDATE (blocked_until, promised_at)',
    'contact_addresses: INSERT, SELECT',
    'contact_blocks: INSERT, SELECT',
    'contact_changes: INSERT',
    'contact_identities: INSERT, SELECT',
    'contact_notes: DELETE, INSERT, SELECT',
    'contacts: INSERT, SELECT, UPDATE (account_id, name, attributes, tags)',
    'conversations: INSERT, SELECT, UPDATE (flagged, stream, end_channel)',
    'desk_people: INSERT, SELECT, UPDATE (name)',
    'desks: INSERT, SELECT, UPDATE (name, settings, secrets, disabled_at)',
    'domain_events: SELECT',
    'erasure_keys: SELECT (account_id, source_id)',
    'erasures: SELECT (account_id, contact_id, finished_at, xid, feed_id)',
    'group_marks: INSERT, SELECT, UPDATE (account_id)',
    'groups: INSERT, SELECT, UPDATE (account_id, name, skills, hours, deleted_at)',
    'handover_requests: INSERT, SELECT',
    'idempotency: INSERT, SELECT',
    'inbox: INSERT, SELECT',
    'intake_answers: SELECT',
    'mailboxes: INSERT, SELECT, UPDATE (last_seq, last_at, waiting_at)',
    'messages: INSERT, SELECT, UPDATE (status, inbox_seq)',
    'outbound: SELECT, UPDATE (status, provider_id, failure_class, sent_at, delivered_at, read_at, settled_at, retried_as, discarded_at, discarded_because, discarded_by_kind, discarded_by_id)',
    'outbound_parts: SELECT',
    'parked: INSERT, SELECT, UPDATE (resumed_at)',
    'policies: INSERT, SELECT',
    'presence_changes: INSERT',
    'queue_entries: SELECT',
    'receipts: INSERT, SELECT',
    'tags: INSERT, SELECT, UPDATE (name, deleted_at)',
    'visitor_sessions: DELETE, INSERT, SELECT (account_id, id, conversation_id, page_url, expires_at, name, emails, phones), UPDATE (conversation_id)',
    'visitor_stream: INSERT, SELECT',
  ]);
});

test('the worker records decisions and what is tried outside; it changes no setting and reads no secret of ours', async () => {
  expect(await rightsByTable(setting.admin, 'baton_worker')).toEqual([
    'actors: SELECT, UPDATE (version, seq, event_no, head, state, format, last_at, wake_at)',
    'agent_bots: SELECT',
    'agent_groups: SELECT',
    'agents: SELECT (account_id, id, name, status, lease_until, max_chats, active, last_assigned_at, deleted_at, lease_noted), UPDATE (active, last_assigned_at, lease_noted)',
    'announcements: INSERT, SELECT, UPDATE (told_to, made_at, ended)',
    'api_keys: SELECT (account_id, id, name)',
    'assignments: DELETE, INSERT, SELECT',
    'bot_answers: INSERT, SELECT, UPDATE (intake)',
    'bots: SELECT',
    'channels: SELECT',
    'checkpoint_heads: INSERT, SELECT',
    'checkpoints: INSERT, SELECT',
    'claims: SELECT, UPDATE (status, decided_at)',
    'connection_rates: INSERT, SELECT, UPDATE (blocked_until, free_at, promised_at)',
    'contact_addresses: SELECT',
    'contact_blocks: SELECT, UPDATE (active_from, ended_at)',
    'contact_changes: INSERT',
    'contact_identities: SELECT',
    'contacts: SELECT, UPDATE (block_id, blocked_until)',
    'conversations: SELECT, UPDATE (phase, holder_kind, holder_id, epoch, session_no, session_ends_at, locked, window_closed_at, handover_no, request_id, bot_id, group_id, desk_id, agent_id, priority, waiting_since, resolved_at, archived, flagged, policy_version, last_message_at, tag_ids, positions, stream)',
    'desk_people: INSERT, SELECT, UPDATE (name)',
    'desks: SELECT',
    'domain_events: INSERT, SELECT',
    'erasure_keys: SELECT (account_id, source_id)',
    'erasures: SELECT (account_id, contact_id, finished_at)',
    'exports: INSERT, SELECT',
    'group_marks: INSERT, SELECT, UPDATE (account_id)',
    'groups: SELECT, UPDATE (account_id, closing_told_at)',
    'handover_requests: INSERT, SELECT, UPDATE (webstore)',
    'idempotency: INSERT, SELECT',
    'inbox: INSERT, SELECT',
    'intake_answers: INSERT, SELECT, UPDATE (label, value, answered_at)',
    'mailboxes: SELECT, UPDATE (last_seq, last_at, handed_seq, generation, waiting_at, leased_until, held_until)',
    'messages: INSERT, SELECT, UPDATE (status, position)',
    'outbound: INSERT, SELECT, UPDATE (status, attempt_id, attempts, not_before, turn_at, provider_id, failure_class, sent_at, delivered_at, read_at, settled_at)',
    'outbound_attempts: INSERT',
    'outbound_parts: INSERT, SELECT',
    'parked: INSERT, SELECT',
    'policies: SELECT',
    'presence_changes: INSERT',
    'queue_entries: DELETE, INSERT, SELECT, UPDATE (claim_id)',
    'receipts: INSERT, SELECT, UPDATE (conversation_id, seq, raised, xid, feed_id)',
    'runs: INSERT, SELECT, UPDATE (history, history_sha256, exported_at, history_gone_at)',
    'tags: SELECT',
    'visitor_sessions: SELECT (account_id, conversation_id, page_url, created_at)',
    'visitor_stream: INSERT',
  ]);
});

test('no function is everybody’s: it can be called by whoever has a use for it', async () => {
  const callers = async (role: string) =>
    column(
      setting.admin,
      `SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype
         AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                     WHERE a.grantee = CASE WHEN $1 = 'public' THEN 0 ELSE $1::regrole::oid END AND p.proowner <> a.grantee)
       ORDER BY 1`,
      [role],
    );
  expect(await callers('public')).toEqual([]);
  expect(await callers('baton_courier')).toEqual([
    'inbox_backlog',
    'ms_of',
    'next_mail',
    'put_mail_off',
    'unrecorded_mail',
  ]);
  expect(await callers('baton_lookup')).toEqual(['age_in_seconds', 'cluster_life', 'lease_is_lost', 'words_sought']);
  expect(await callers('baton_exports')).toEqual([]);
  expect(await callers('baton_rebuild')).toEqual([
    'at_ms',
    'feed_generation_now',
    'fold_assignment',
    'fold_conversation',
    'fold_queue_entry',
    'mark_group',
    'ms_of',
  ]);
  const [api, worker] = [await callers('baton_api'), await callers('baton_worker')];
  expect(api.filter((name) => !worker.includes(name))).toEqual([
    'accept_inbound_if',
    'announcing_accounts',
    'checkpoint_age',
    'conversations_mentioning',
    'conversations_with_words',
    'discard_parked',
    'erase_contact',
    'erase_words',
    'erasures_to_go_on_with',
    'feed_page',
    'find_api_key',
    'find_signing_agent',
    'find_visitor_session',
    'forget_erased_ids',
    'is_restore_unattended',
    'list_accounts',
    'news_of',
    'vital_signs',
  ]);
  expect(worker.filter((name) => !api.includes(name))).toEqual([
    'accounts_to_checkpoint',
    'announce_block',
    'attend_generation',
    'begin_generation',
    'checkpoint_lock',
    'claim_unexported_runs',
    'hours_awaited',
    'is_erased',
    'lost_leases',
    'remove_unsigned_heads',
  ]);
});
