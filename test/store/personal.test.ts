/**
 * Where personal data can lie is known column by column: the comments in the migrations are the list, ARCHITECTURE.md
 * shows it, and of every other column that could take words somebody has said why it holds none.
 */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { column, personalColumns } from './catalog.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();

/** Columns that could take any word, and why none of a person gets there. */
const noPersonsWords: Record<string, string[]> = {
  'what administrators configure, of no customer': [
    'accounts.name',
    'api_keys.name',
    'api_keys.scopes',
    'bots.name',
    'bots.settings',
    'bots.type',
    'channels.mode',
    'channels.name',
    'channels.responsible',
    'channels.settings',
    'channels.type',
    'desks.name',
    'desks.settings',
    'desks.type',
    'groups.hours',
    'groups.name',
    'groups.skills',
    'policies.form',
    'policies.groups',
    'policies.notices',
    'policies.numbers',
    'policies.routing',
    'tags.name',
  ],
  'words of bots and platforms, out of a list that the account has agreed with them': [
    'conversations.end_channel',
    'handover_requests.channel_tag',
    'handover_requests.skill',
    'handover_requests.webstore',
    'queue_entries.skill',
  ],
  'secrets, and digests that mean nothing without one': [
    'api_keys.hash',
    'bots.secrets',
    'channels.secrets',
    'checkpoint_heads.head',
    'checkpoint_heads.proof',
    'checkpoints.signature',
    'contacts.digest_key',
    'desks.secrets',
    'erased_ids.digest',
    'erasure_keys.key',
    'domain_events.digest',
    'domain_events.link',
    'exports.sha256',
    'actors.head',
    'idempotency.digest',
    'idempotency.key',
    'messages.digest',
    'runs.history_sha256',
    'visitor_sessions.token_hash',
  ],
  'decisions: ids, times, numbers and codes, as Temporal has them': [
    'actors.state',
    'bot_answers.answer',
    'checkpoints.document',
    'domain_events.data',
    'domain_events.type',
    'idempotency.outcome',
    'inbox.payload',
    'inbox.type',
    'runs.history',
  ],
  'ids and codes of ours': [
    'agents.role',
    'agents.status',
    'announcements.type',
    'checkpoints.key_id',
    'checkpoints.system_id',
    'claims.status',
    'comments.visibility',
    'contact_addresses.kind',
    'contact_blocks.by_id',
    'contact_changes.by_kind',
    'contact_changes.fields',
    'conversations.holder_id',
    'erasures.by_kind',
    'conversations.holder_kind',
    'conversations.phase',
    'conversations.request_id',
    'feed_generation.system_id',
    'handover_requests.history',
    'handover_requests.id',
    'messages.author_id',
    'messages.author_kind',
    'messages.direction',
    'messages.status',
    'outbound.attempt_id',
    'outbound.author_kind',
    'outbound.discarded_because',
    'outbound.discarded_by_kind',
    'outbound.failure_class',
    'outbound.status',
    'outbound.to_kind',
    'outbound_attempts.attempt_id',
    'outbound_attempts.class',
    'outbound_attempts.outcome',
    'parked.discarded_because',
    'parked.discarded_by_kind',
    'parked.error',
    'presence_changes.because',
    'presence_changes.status',
    'receipts.class',
    'receipts.status',
    'runs.build',
    'runs.run_id',
    'visitor_stream.kind',
    'visitor_stream.status',
  ],
};

test('every column that can hold words is personal, or holds no person’s for a reason', async () => {
  const able = await column(
    setting.admin,
    `SELECT format('%s.%s', relname, attname) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations' AND attnum > 0
       AND NOT attisdropped AND format_type(atttypid, NULL) IN ('text', 'text[]', 'json', 'jsonb', 'bytea') ORDER BY 1`,
  );
  const known = [...(await personalColumns(setting.admin)).keys(), ...Object.values(noPersonsWords).flat()];
  expect(known.toSorted()).toEqual(able);
});

test('ARCHITECTURE.md lists the personal ones, and no other', async () => {
  const page = await readFile(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `(\w+\.\w+)` \| (customer|colleague) \|/gm)].map(([, name, whose]) => [
    name,
    whose,
  ]);
  expect(new Map(listed as [string, string][])).toEqual(await personalColumns(setting.admin));
});
