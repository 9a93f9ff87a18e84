/**
 * When deadlines fired, held against the rule: it needs the times at which messages were stored, and, since a conversation's time
 * never runs backwards, at which something else was decided before a message that had been stored, and was not there yet.
 */
import type { Pool } from '../../../store/connection.ts';

export interface Timed {
  thread: string;
  /** When each of the customer's messages was stored, in order; epoch ms. */
  wrote: number[];
  /** What was decided, in order. */
  events: Decided[];
}

export interface Decided {
  type: string;
  at: number;
  /** What it was decided on; the same for all events of one decision. */
  cause: string;
}

export interface Limits {
  sessionMs: number;
  firstReplyMs: number;
}

export async function readTimes(admin: Pool, accountId: string): Promise<Timed[]> {
  const { rows } = await admin.query<Timed>(
    `SELECT c.external_thread AS thread,
       (SELECT jsonb_agg(ms_of(at) ORDER BY seq) FROM inbox
        WHERE account_id = c.account_id AND conversation_id = c.id AND type = 'CustomerWrote') AS wrote,
       (SELECT jsonb_agg(jsonb_build_object('type', type, 'at', ms_of(at), 'cause', data->>'cause') ORDER BY no) FROM domain_events
        WHERE account_id = c.account_id AND conversation_id = c.id) AS events
     FROM conversations c WHERE c.account_id = $1 ORDER BY c.id`,
    [accountId],
  );
  return rows;
}

/** One a line; none: each fired at its very millisecond, and none that was put off by what came before it. */
export function wrongTimes(all: Timed[], limits: Limits): string[] {
  return all.flatMap((one) => [...wrongSessions(one, limits), ...wrongReplies(one, limits)]);
}

/** A message of the very millisecond of the end is still in time. */
export function sessionsOf(timed: Timed, sessionMs: number): [began: number, ended: number][] {
  const sessions: [number, number][] = [];
  for (const [no, stored] of timed.wrote.entries()) {
    const last = sessions.at(-1);
    const at = Math.max(stored, timeBefore(timed, no));
    if (last !== undefined && stored <= last[1]) last[1] = at + sessionMs;
    else sessions.push([at, at + sessionMs]);
  }
  return sessions;
}

/** Of what was decided last before this message. */
function timeBefore({ events }: Timed, no: number): number {
  const accepted = events.filter(({ type }) => type === 'CustomerMessageAccepted')[no];
  const first = events.findIndex(({ cause }) => cause === accepted?.cause);
  return events[first - 1]?.at ?? 0;
}

function wrongSessions(timed: Timed, { sessionMs }: Limits): string[] {
  const { thread, events } = timed;
  const times = (type: string): number[] => events.filter((one) => one.type === type).map(({ at }) => at);
  const due = sessionsOf(timed, sessionMs);
  const kinds = [
    { type: 'SessionStarted', at: due.map(([began]) => began) },
    { type: 'SessionEnded', at: due.map(([, ended]) => ended) },
  ];
  return kinds.flatMap(({ type, at }) =>
    at.join() === times(type).join() ? [] : [`${thread}: ${type} at ${times(type).join(' ')}, due at ${at.join(' ')}`],
  );
}

/** An agent who took a chat and said nothing loses it, unless the session is over first. */
function wrongReplies({ thread, events }: Timed, { firstReplyMs }: Limits): string[] {
  return events.flatMap(({ type, at }, no) => {
    if (type !== 'ConversationAssigned') return [];
    const lost = events.slice(no).find((one) => one.type === 'OwnerReleased');
    const ended = events.slice(no).find((one) => one.type === 'SessionEnded')?.at ?? Infinity;
    const due = Math.min(at + firstReplyMs, ended);
    return lost?.at === due ? [] : [`${thread}: taken at ${at} and lost at ${lost?.at ?? 'no time'}, due at ${due}`];
  });
}
