/** The rows of a conversation that follow from its events, by the very functions that its record goes by. Pure. */
import { capacityOf } from '../../../activities/recording/capacity.ts';
import { unpackState } from '../../../store/actor-state.ts';
import { readModel } from '../../../store/read-model.ts';
import type { Folds, StoredFolds } from '../../../store/rebuild.ts';
import { deadlines } from '../../../workflows/conversation/deadlines.ts';
import { pending } from '../../../workflows/conversation/pending.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';
import type { FoldedEvent } from '../fold.ts';

/** `state`: what the events fold to; there is one at least. */
export function foldsOf(stored: StoredFolds, folded: FoldedEvent[], state: ConversationState): Folds {
  const model: Record<string, unknown> = { ...readModel(state) };
  const { assignment, queue } = capacityOf(state, state, []);
  const actor = actorOf(stored, folded);
  return {
    row: Object.fromEntries(Object.keys(stored.row).map((name) => [name, model[name]])),
    conversation: conversationOf(stored, folded),
    assignment,
    queue: queue && queueEntry(queue, stored),
    actor: { ...actor, wakeAt: wakeAt(state, actor.lastAt) },
  };
}

/** Each message that was taken or queued has had its place in the transcript. */
function conversationOf(stored: StoredFolds, folded: FoldedEvent[]): Folds['conversation'] {
  const spoken = folded.filter(
    ({ stored: { type } }) => type === 'CustomerMessageAccepted' || type === 'MessageQueued',
  );
  return {
    lastMessageAt: spoken.at(-1)?.stored.at ?? null,
    flagged: stored.parked,
    positions: spoken.length,
    stream: stored.lastPlace,
  };
}

/**
 * An input without an effect leaves no event: how far such ones came is the row's own word, which events can only exceed.
 */
function actorOf(
  { actor, lastSeq, parkedSeq }: StoredFolds,
  folded: FoldedEvent[],
): Folds['actor'] & { lastAt: number } {
  const last = folded.at(-1)?.stored;
  const places = folded.map(({ data }) => (data?.cause.kind === 'inbox' ? data.cause.seq : 0));
  return {
    version: Math.max(actor.version, ...folded.map(({ stored: { version } }) => version)),
    seq: Math.max(actor.seq <= lastSeq ? actor.seq : 0, parkedSeq, ...places),
    eventNo: last?.no ?? 0,
    head: last?.link ?? '',
    lastAt: Math.max(actor.lastAt ?? 0, last?.at ?? 0),
    wakeAt: null,
  };
}

/** As `fold_queue_entry` stores it, with the place that the matcher has taken for it since. */
function queueEntry(
  { requestId, claimId, ...entry }: NonNullable<ReturnType<typeof capacityOf>['queue']>,
  { skills, claims }: StoredFolds,
): object {
  const skill = requestId === null ? null : (skills[requestId] ?? null);
  return { ...entry, skill, claimId: claimId ?? claims[entry.entry] ?? null };
}

/** As the actor's journal has it. */
function wakeAt(state: ConversationState, lastAt: number): number | null {
  const heads = new Map(
    pending(state)
      .toReversed()
      .map((work) => [work.lane, work]),
  );
  const times = [
    ...deadlines(state).map(({ at }) => at),
    ...[...heads.values()].map(({ notBeforeAt }) => Math.max(lastAt, notBeforeAt)),
  ];
  return times.length === 0 ? null : Math.min(...times);
}

const keysKept = 64;

/** The last commands, whose repeats a validator lets through: the row's own, else those that had an effect. */
export function keysOf({ state, format }: StoredFolds, folded: FoldedEvent[]): string[] {
  if (state !== null) {
    try {
      return unpackState(state, format).keys;
    } catch {
      // A foreign hand was there.
    }
  }
  const keys = folded.flatMap(({ data }) =>
    data?.cause.kind === 'command' && data.cause.key !== '' ? [data.cause.key] : [],
  );
  return [...new Set(keys)].slice(-keysKept);
}
