/** What must hold in an account whatever happened. Each check answers the conversations (or agents) for which it doesn't. */
import { hasThisShape } from './actor-state.ts';
import type { Transaction } from './connection.ts';
import { readWrongRows, type WrongRow } from './shown-states.ts';

/** `$1` is the account. Columns: the id of what is wrong. */
const checks = {
  'holder-fits-state': `
    SELECT id FROM conversations WHERE account_id = $1 AND NOT CASE phase
      WHEN 'assigned' THEN holder_kind IN ('agent', 'desk')
      WHEN 'queued' THEN holder_kind = 'engine'
      WHEN 'resolved' THEN holder_kind = 'engine'
      ELSE holder_kind IN ('bot', 'engine') END`,
  'open-has-deadline': `
    SELECT c.id FROM conversations c JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
    WHERE c.account_id = $1 AND c.phase IN ('prechat', 'queued', 'assigned') AND t.wake_at IS NULL`,
  'capacity-adds-up': `
    SELECT g.id FROM agents g WHERE g.account_id = $1 AND g.active <>
      (SELECT count(*) FROM assignments a WHERE a.account_id = $1 AND a.agent_id = g.id) +
      (SELECT count(*) FROM claims k WHERE k.account_id = $1 AND k.agent_id = g.id AND k.status = 'open')`,
  // The claim is open, and was made for this entry.
  'claimed-entry-has-claim': `
    SELECT q.conversation_id AS id FROM queue_entries q WHERE q.account_id = $1 AND q.claim_id IS NOT NULL AND NOT EXISTS
      (SELECT 1 FROM claims k WHERE k.account_id = $1 AND k.id = q.claim_id AND k.conversation_id = q.conversation_id
         AND k.entry = q.entry AND k.status = 'open')`,
  'inbox-without-gaps': `
    SELECT m.conversation_id AS id FROM mailboxes m WHERE m.account_id = $1 AND (m.last_seq, m.last_seq) <>
      (SELECT count(*), coalesce(max(i.seq), 0) FROM inbox i WHERE i.account_id = $1 AND i.conversation_id = m.conversation_id)`,
  'inbox-in-time': `
    SELECT DISTINCT i.conversation_id AS id FROM inbox i
      JOIN inbox n ON n.account_id = $1 AND n.conversation_id = i.conversation_id AND n.seq = i.seq + 1
    WHERE i.account_id = $1 AND n.at < i.at`,
  'events-without-gaps': `
    SELECT t.conversation_id AS id FROM actors t WHERE t.account_id = $1 AND (t.event_no, t.event_no) <>
      (SELECT count(*), coalesce(max(e.no), 0) FROM domain_events e
       WHERE e.account_id = $1 AND e.conversation_id = t.conversation_id)`,
  // What the actor would chain its next event to is what is stored.
  'head-is-last-link': `
    SELECT t.conversation_id AS id FROM actors t WHERE t.account_id = $1 AND t.head <> coalesce(
      (SELECT e.link FROM domain_events e
       WHERE e.account_id = $1 AND e.conversation_id = t.conversation_id AND e.no = t.event_no), '')`,
  'actor-not-ahead-of-inbox': `
    SELECT t.conversation_id AS id FROM actors t
      JOIN mailboxes m ON m.account_id = t.account_id AND m.conversation_id = t.conversation_id
    WHERE t.account_id = $1 AND (t.seq > m.last_seq OR m.handed_seq > m.last_seq)`,
  // What was decided to go out and has not gone: the actor knows of it, so it will go.
  'waiting-words-are-known': `
    SELECT DISTINCT o.conversation_id AS id FROM outbound o
      JOIN actors t ON t.account_id = o.account_id AND t.conversation_id = o.conversation_id
    WHERE o.account_id = $1 AND ${hasThisShape('t.format')} AND o.status IN ('pending', 'ambiguous') AND NOT EXISTS
      (SELECT 1 FROM json_array_elements(t.state #> '{state,outbox}') AS known WHERE (known->>'seq')::int = o.seq)`,
  'bot-is-silent-beside-people': `
    SELECT DISTINCT c.id FROM conversations c
      JOIN outbound o ON o.account_id = c.account_id AND o.conversation_id = c.id
    WHERE c.account_id = $1 AND c.phase = 'assigned' AND o.author_kind = 'bot' AND o.status = 'pending'`,
} as const;

export type Invariant = keyof typeof checks | WrongRow['invariant'];
const byState: WrongRow['invariant'][] = ['owner-is-assigned', 'queued-has-entry', 'row-shows-state', 'woken-in-time'];
const byRows = Object.keys(checks) as (keyof typeof checks)[];
export const invariants: Invariant[] = [...byRows, ...byState];

export interface Violation {
  invariant: Invariant;
  count: number;
  /** The first few. */
  ids: string[];
}

/** How many are named of each. */
const named = 10;

/**
 * Each conversation, and all that is counted over several rows, is read by one statement, and so of one instant: a record
 * that commits meanwhile looks like no violation.
 */
export async function readViolations(tx: Transaction, accountId: string): Promise<Violation[]> {
  const found = [...(await readWrong(tx, accountId)), ...(await readWrongRows(tx, accountId))];
  return invariants.flatMap((invariant) => {
    const ids = found.flatMap((wrong) => (wrong.invariant === invariant ? [wrong.id] : [])).toSorted();
    return ids.length === 0 ? [] : [{ invariant, count: ids.length, ids: ids.slice(0, named) }];
  });
}

async function readWrong(tx: Transaction, accountId: string): Promise<{ invariant: Invariant; id: string }[]> {
  const all = byRows.map((one) => `SELECT '${one}' AS invariant, wrong.id FROM (${checks[one]}) AS wrong`);
  const { rows } = await tx.query<{ invariant: Invariant; id: string }>({
    name: 'violations',
    text: all.join(' UNION ALL '),
    values: [accountId],
  });
  return rows;
}
