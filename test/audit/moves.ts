/** Along which edges of the state diagram the conversations of an account have gone, and why, by what is recorded. */
import { inSnapshot } from '../../store/snapshot.ts';
import type { Pool, Transaction } from '../../store/connection.ts';
import { readEvents } from '../../store/event-log.ts';
import { readConversationsWithRuns } from '../../store/runs.ts';
import { parseEventData } from '../../worker/audit/event-data.ts';
import type { Cause } from '../../workflows/actor/record.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { legs, type Edge } from '../../dev/scenes/walk.ts';
import { required } from '../support/required.ts';

/** `when`: the input, as the diagram names it. */
export type Move = Pick<Edge, 'from' | 'to'> & { when: string };

export async function movesOf(pool: Pool, accountId: string): Promise<Move[]> {
  return inSnapshot(pool, accountId, async (tx) => {
    const moves: Move[] = [];
    for (const id of await readConversationsWithRuns(tx, accountId)) {
      const inbox = await inboxTypes(tx, accountId, id);
      let state = conversationDecider.initial;
      for (const { cause, events } of await decisionsOf(tx, accountId, id)) {
        for (const leg of legs(state, events)) moves.push({ ...leg, when: inputOf(cause, inbox) });
        state = events.reduce(conversationDecider.evolve, state);
      }
    }
    return moves;
  });
}

interface Decision {
  cause: Cause;
  events: ConversationEvent[];
}

/** A record may take several inbox rows; each is a decision of its own. */
async function decisionsOf(tx: Transaction, accountId: string, id: string): Promise<Decision[]> {
  const decisions = new Map<string, Decision>();
  for (const { version, data } of await readEvents(tx, accountId, id)) {
    const { event, cause } = required(parseEventData(data));
    const key = JSON.stringify({ version, cause });
    const events = decisions.get(key)?.events ?? [];
    decisions.set(key, { cause, events: [...events, event] });
  }
  return [...decisions.values()];
}

async function inboxTypes(tx: Transaction, accountId: string, id: string): Promise<Map<number, string>> {
  const { rows } = await tx.query<{ seq: number; type: string }>(
    'SELECT seq, type FROM inbox WHERE account_id = $1 AND conversation_id = $2',
    [accountId, id],
  );
  return new Map(rows.map(({ seq, type }) => [seq, type]));
}

function inputOf(cause: Cause, inbox: Map<number, string>): string {
  switch (cause.kind) {
    case 'inbox':
      return required(inbox.get(cause.seq));
    case 'command':
      return cause.name;
    case 'deadline':
      return `${cause.deadline} (timer)`;
    case 'work':
      return `${required(cause.id.split(':')[0])} (work)`;
  }
}
