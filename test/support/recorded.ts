/** All that Postgres has of one conversation, as an oracle reads it. */
import { link } from '../../store/chain.ts';
import type { Transaction } from '../../store/connection.ts';
import type { Cause } from '../../workflows/actor/record.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import { required } from './required.ts';

export interface RecordedEvent {
  no: number;
  event: ConversationEvent;
  cause: Cause;
  version: number;
  /** By the clock, epoch ms; the event's own time is that of its input. */
  recordedAt: number;
  data: string;
  digest: string | null;
  link: string;
}

interface ActorRow {
  seq: number;
  event_no: number;
  head: string;
  state: { state: ConversationState } | null;
  /** Times: epoch ms. */
  last_at: number | null;
  wake_at: number | null;
  last_seq: number;
}

export interface Recorded {
  actor: ActorRow;
  state: ConversationState;
  events: RecordedEvent[];
  row: Record<string, unknown>;
  assignments: { agent_id: string; epoch: number; override: boolean }[];
  entries: Record<string, unknown>[];
  inbox: { seq: number; type: string }[];
  parked: { seq: number }[];
  outbound: { seq: number; status: string }[];
  /** Of the commands that had an effect here, those whose answer is kept. */
  keys: string[];
}

export async function readRecorded(tx: Transaction, { accountId, conversationId }: ActorId): Promise<Recorded> {
  const read = async <T extends object>(text: string): Promise<T[]> =>
    (await tx.query<T>(text, [accountId, conversationId])).rows;
  const here = 'WHERE account_id = $1 AND conversation_id = $2';
  const actor = required((await read<ActorRow>(actorQuery))[0]);
  const rows = await read<Omit<RecordedEvent, 'event' | 'cause'>>(eventsQuery);
  const events = rows.map((row) => ({
    ...row,
    ...(JSON.parse(row.data) as Pick<RecordedEvent, 'event' | 'cause'>),
  }));
  const keys = events.flatMap(({ cause }) => (cause.kind === 'command' ? [cause.key] : []));
  const kept = await tx.query<{ key: string }>(keysQuery, [accountId, keys]);
  return {
    actor,
    state: actor.state?.state ?? conversationDecider.initial,
    events,
    row: required((await read<Record<string, unknown>>(rowQuery))[0]),
    assignments: await read(`SELECT agent_id, epoch, override FROM assignments ${here}`),
    entries: await read(
      `SELECT entry, epoch, group_id, desk_id, priority, not_to, claim_id FROM queue_entries ${here}`,
    ),
    inbox: await read(`SELECT seq, type FROM inbox ${here} ORDER BY seq`),
    parked: await read(`SELECT seq FROM parked ${here} AND seq IS NOT NULL`),
    outbound: await read(`SELECT seq, status FROM outbound ${here} ORDER BY seq`),
    keys: kept.rows.map(({ key }) => key),
  };
}

/** The links that the events' own texts and digests give. */
export function chainOf(events: RecordedEvent[]): string[] {
  let previous = '';
  return events.map(({ data, digest }) => (previous = link(previous, data, digest)));
}

const actorQuery = `SELECT a.seq, a.event_no, a.head, a.state, ms_of(a.last_at) AS last_at, ms_of(a.wake_at) AS wake_at,
    m.last_seq
  FROM actors a JOIN mailboxes m USING (account_id, conversation_id)
  WHERE a.account_id = $1 AND a.conversation_id = $2`;

const eventsQuery = `SELECT no, data::text AS data, digest, link, version, ms_of(recorded_at) AS "recordedAt"
  FROM domain_events WHERE account_id = $1 AND conversation_id = $2 ORDER BY no`;

const rowQuery = `SELECT phase, epoch, locked, archived, holder_kind, holder_id, session_no, handover_no, agent_id, desk_id,
    group_id
  FROM conversations WHERE account_id = $1 AND id = $2`;

const keysQuery = 'SELECT key FROM idempotency WHERE account_id = $1 AND key = ANY($2)';
