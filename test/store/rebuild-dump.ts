/** The folds of an account as they stand, without what ARCHITECTURE.md ("Tables") calls a source or work of the same rows. */
import type { Pool } from '../../store/connection.ts';

const tables = {
  conversations: 'to_jsonb(t)',
  actors: `to_jsonb(t) - 'state' || jsonb_build_object('state', t.state->'state')`,
  queue_entries: 'to_jsonb(t)',
  assignments: 'to_jsonb(t)',
  outbound: `to_jsonb(t) - ARRAY['provider_id', 'retried_as', 'generation', 'not_before', 'turn_at']`,
} as const;

type Dump = Record<string, unknown[]>;

export async function dumpFolds(admin: Pool, accountId: string): Promise<Dump> {
  const dump: Dump = {};
  for (const [table, row] of Object.entries(tables)) {
    const order = table === 'conversations' ? 'id' : table === 'outbound' ? 'conversation_id, seq' : 'conversation_id';
    const { rows } = await admin.query<{ row: unknown }>(
      `SELECT ${row} AS row FROM ${table} t WHERE account_id = $1 ORDER BY ${order}`,
      [accountId],
    );
    dump[table] = rows.map((one) => one.row);
  }
  const { rows } = await admin.query('SELECT id, active FROM agents WHERE account_id = $1 ORDER BY id', [accountId]);
  return { ...dump, agents: rows };
}

/** Rows go, and of a row that is a source, too, the columns become what they were when it was made. */
export async function dropFolds(admin: Pool, accountId: string): Promise<void> {
  for (const table of ['actors', 'queue_entries', 'assignments', 'outbound']) {
    await admin.query(`DELETE FROM ${table} WHERE account_id = $1`, [accountId]);
  }
  await admin.query(
    `UPDATE conversations SET (phase, holder_kind, holder_id, epoch, session_no, session_ends_at, locked, window_closed_at,
       handover_no, request_id, bot_id, group_id, desk_id, agent_id, priority, waiting_since, resolved_at, archived, flagged,
       policy_version, last_message_at, tag_ids, positions, stream)
     = (DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT,
        DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT)
     WHERE account_id = $1`,
    [accountId],
  );
  await admin.query('UPDATE agents SET active = 0 WHERE account_id = $1', [accountId]);
}
