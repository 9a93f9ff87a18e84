/** What must hold in an account whatever happened. Each check answers the conversations (or agents) for which it doesn't. */
import { hasThisShape } from './actor-state.ts';
import type { Transaction } from './connection.ts';

/** `$1` is the account. Columns: the id of what is wrong. */
const checks = {
  'holder-fits-state': `
    SELECT id FROM conversations WHERE account_id = $1 AND NOT CASE phase
      WHEN 'assigned' THEN holder_kind IN ('agent', 'desk')
      WHEN 'queued' THEN holder_kind = 'engine'
      WHEN 'resolved' THEN holder_kind = 'engine'
      ELSE holder_kind IN ('bot', 'engine') END`,
  'owner-is-assigned': `
    SELECT c.id FROM conversations c
      LEFT JOIN assignments a ON a.account_id = c.account_id AND a.conversation_id = c.id
    WHERE c.account_id = $1 AND c.agent_id IS DISTINCT FROM a.agent_id`,
  'queued-has-entry': `
    SELECT c.id FROM conversations c
      LEFT JOIN queue_entries q ON q.account_id = c.account_id AND q.conversation_id = c.id
    WHERE c.account_id = $1 AND (c.phase = 'queued') <> (q.conversation_id IS NOT NULL)`,
  'open-has-deadline': `
    SELECT c.id FROM conversations c JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
    WHERE c.account_id = $1 AND c.phase IN ('prechat', 'queued', 'assigned') AND t.wake_at IS NULL`,
  'row-fits-actor': `
    SELECT c.id FROM conversations c JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
    WHERE c.account_id = $1 AND ${hasThisShape('t.format')} AND t.state IS NOT NULL
      AND (c.phase <> t.state #>> '{state,phase,name}' OR c.epoch <> (t.state #>> '{state,baton,epoch}')::int)`,
  'capacity-adds-up': `
    SELECT g.id FROM agents g WHERE g.account_id = $1 AND g.active <>
      (SELECT count(*) FROM assignments a WHERE a.account_id = $1 AND a.agent_id = g.id) +
      (SELECT count(*) FROM claims k WHERE k.account_id = $1 AND k.agent_id = g.id AND k.status = 'open')`,
  'inbox-without-gaps': `
    SELECT m.conversation_id AS id FROM mailboxes m WHERE m.account_id = $1 AND m.last_seq <>
      (SELECT count(*) FROM inbox i WHERE i.account_id = $1 AND i.conversation_id = m.conversation_id)`,
  'events-without-gaps': `
    SELECT t.conversation_id AS id FROM actors t WHERE t.account_id = $1 AND t.event_no <>
      (SELECT count(*) FROM domain_events e WHERE e.account_id = $1 AND e.conversation_id = t.conversation_id)`,
  'actor-not-ahead-of-inbox': `
    SELECT t.conversation_id AS id FROM actors t
      JOIN mailboxes m ON m.account_id = t.account_id AND m.conversation_id = t.conversation_id
    WHERE t.account_id = $1 AND t.seq > m.last_seq`,
} as const;

export type Invariant = keyof typeof checks;
export const invariants = Object.keys(checks) as Invariant[];

export interface Violation {
  invariant: Invariant;
  count: number;
  /** The first few. */
  ids: string[];
}

/** All in one statement, and so of one instant: a record that commits meanwhile looks like no violation. */
export async function readViolations(tx: Transaction, accountId: string): Promise<Violation[]> {
  const all = invariants.map((one) => `SELECT '${one}' AS invariant, wrong.id FROM (${checks[one]}) AS wrong`);
  const { rows } = await tx.query<Violation>({
    name: 'violations',
    text: `SELECT invariant, count(*) AS count, (array_agg(id ORDER BY id))[1:10] AS ids
           FROM (${all.join(' UNION ALL ')}) AS found GROUP BY invariant ORDER BY invariant`,
    values: [accountId],
  });
  return rows;
}
