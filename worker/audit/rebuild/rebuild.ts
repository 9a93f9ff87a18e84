/**
 * Every row that follows from a conversation's events, made anew from them. Operators mend with it what a foreign hand
 * changed, and tests show by it that what is called a fold is one. The actor may live meanwhile: what a record, an attempt or
 * a receipt would change is held, in their order. A record that is not whole is not made to look whole.
 */
import { actorFormat, packState, shownState } from '../../../store/actor-state.ts';
import { canonicalText } from '../../../store/chain.ts';
import type { Pool, Transaction } from '../../../store/connection.ts';
import { readEvents } from '../../../store/event-log.ts';
import { holdConversation, readFolds, writeFolds, type Folds, type StoredFolds } from '../../../store/rebuild.ts';
import { readOutbound, writeOutbound, type OutboundFold } from '../../../store/rebuild-outbound.ts';
import { asRebuilder } from '../../../store/rebuild-role.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';
import { foldEvents, type FoldedEvent } from '../fold.ts';
import { foldsOf, keysOf } from './folds.ts';
import { outboundOf } from './outbound.ts';
import { objectionTo } from './objection.ts';

export type Rebuilt =
  /** `wrong`: what was not as the events have it. */
  | { kind: 'folded'; wrong: string[] }
  /** Nothing was changed, because of this. */
  | { kind: 'refused'; says: string };

/** Null: the account has no such conversation. */
export function rebuildConversation(
  pool: Pool,
  id: ActorId,
  { dryRun, at }: { dryRun: boolean; at: Date },
): Promise<Rebuilt | null> {
  return asRebuilder(pool, id.accountId, { snapshot: dryRun }, async (tx) => {
    if (!dryRun && !(await holdConversation(tx, id))) return null;
    const stored = await readFolds(tx, id);
    if (stored === null) return null;
    const events = await readEvents(tx, id.accountId, id.conversationId);
    const folded = foldEvents(events);
    const says = objectionTo(stored, folded);
    if (says !== null) return { kind: 'refused', says };
    const state = folded.at(-1)?.after ?? null;
    // Nothing has happened in it yet: its rows are as they were made.
    if (state === null) return { kind: 'folded', wrong: [] };
    const folds = foldsOf(stored, folded, state);
    const outbound = await outboundDifferences(tx, id, stored.channelId, folded);
    const wrong = [...differences(stored, folds, state), ...outbound.flatMap(({ wrong: columns }) => columns)];
    if (!dryRun && wrong.length > 0) {
      const text = packState(state, keysOf(stored, folded));
      await writeFolds(tx, id, { folds, state: text, format: actorFormat, at });
      for (const { row } of outbound) await writeOutbound(tx, id, row);
    }
    return { kind: 'folded', wrong };
  });
}

function differences(stored: StoredFolds, folds: Folds, state: ConversationState): string[] {
  return [
    ...differing(stored.row, folds.row).map((name) => `conversations.${name}`),
    ...differing(stored.conversation, folds.conversation).map((name) => `conversations.${name}`),
    ...differing(stored.actor, folds.actor).map((name) => `actors.${name}`),
    ...(differs(shownState(stored.state, stored.format), state) ? ['actors.state'] : []),
    ...(differs(stored.assignment, folds.assignment) ? ['assignments'] : []),
    ...(differs(stored.queue, folds.queue) ? ['queue_entries'] : []),
  ];
}

/** Rows that are not as they should be, and in what; one that is there and nobody decided on is left alone. */
async function outboundDifferences(
  tx: Transaction,
  id: ActorId,
  channelId: string,
  folded: FoldedEvent[],
): Promise<{ row: OutboundFold; wrong: string[] }[]> {
  const stored = await readOutbound(tx, id);
  return outboundOf({ conversationId: id.conversationId, channelId }, folded, stored).flatMap((row) => {
    const own = stored.rows.find(({ seq }) => seq === row.seq);
    if (own === undefined) return [{ row, wrong: [`outbound ${row.seq}`] }];
    const columns = differing(own, row);
    return columns.length === 0 ? [] : [{ row, wrong: columns.map((name) => `outbound ${row.seq}.${name}`) }];
  });
}

function differing(stands: object, folds: object): string[] {
  const other = stands as Record<string, unknown>;
  return Object.entries(folds).flatMap(([name, value]) => (differs(other[name], value) ? [name] : []));
}

function differs(one: unknown, other: unknown): boolean {
  return canonicalText(one ?? null) !== canonicalText(other ?? null);
}
