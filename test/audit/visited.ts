/** Edges of the state diagram along which the conversations of an account have gone, by what is recorded of them. */
import { inSnapshot } from '../../store/snapshot.ts';
import type { Pool } from '../../store/connection.ts';
import { readEvents, type StoredEvent } from '../../store/events.ts';
import { readConversationsWithRuns } from '../../store/runs.ts';
import { parseEventData } from '../../worker/audit/event-data.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { legs } from '../support/walk.ts';
import { required } from '../support/required.ts';

export async function visitedEdges(pool: Pool, accountId: string): Promise<Set<string>> {
  return inSnapshot(pool, accountId, async (tx) => {
    const visited = new Set<string>();
    for (const id of await readConversationsWithRuns(tx, accountId)) {
      let state = conversationDecider.initial;
      for (const events of decisionsIn(await readEvents(tx, accountId, id))) {
        for (const leg of legs(state, events)) visited.add(nameOf(leg));
        state = events.reduce(conversationDecider.evolve, state);
      }
    }
    return visited;
  });
}

/** A record may take several inbox rows; each is a decision of its own. */
function decisionsIn(stored: StoredEvent[]): ConversationEvent[][] {
  const decisions = new Map<string, ConversationEvent[]>();
  for (const { version, data } of stored) {
    const { event, cause } = required(parseEventData(data));
    const decision = JSON.stringify({ version, cause });
    decisions.set(decision, [...(decisions.get(decision) ?? []), event]);
  }
  return [...decisions.values()];
}

export function nameOf({ from, to }: { from: string; to: string }): string {
  return `${from} → ${to}`;
}
