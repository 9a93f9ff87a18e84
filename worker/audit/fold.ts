/** The state that a conversation was in after each of its events: folded with the very function that the actor uses. */
import { shownState } from '../../store/actor-state.ts';
import { canonicalText } from '../../store/chain.ts';
import type { StoredActorRow } from '../../store/audit.ts';
import type { StoredEvent } from '../../store/event-log.ts';
import { evolve } from '../../workflows/conversation/evolve.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { Problem } from './chain.ts';
import { parseEventData, type EventData } from './event-data.ts';

export interface FoldedEvent {
  stored: StoredEvent;
  /** null: its text is not that of an event. */
  data: EventData | null;
  /** null: it, or one before it, can't be folded. */
  after: ConversationState | null;
}

/** Never throws: rows may have been changed by a foreign hand. */
export function foldEvents(events: StoredEvent[]): FoldedEvent[] {
  let state: ConversationState | null = initialState;
  return events.map((stored) => {
    const data = parseEventData(stored.data);
    state = state === null || data === null ? null : tryEvolve(state, data.event);
    return { stored, data, after: state };
  });
}

function tryEvolve(state: ConversationState, event: ConversationEvent): ConversationState | null {
  try {
    return evolve(state, event) ?? null;
  } catch {
    return null;
  }
}

/** The actor goes on from its row, and people read the events: the row must be what the events fold to. */
export function verifyFold(folded: FoldedEvent[], actor: StoredActorRow | null): Problem[] {
  const row = actor === null ? null : shownState(actor.state, actor.format);
  const broken = folded.find(({ after }) => after === null);
  if (broken) return [{ no: broken.stored.no, upTo: broken.stored.no, says: 'can not be folded into a state' }];
  if (row === null) return actor === null || actor.state === null ? [] : [unreadable(actor.format)];
  const state = folded.at(-1)?.after ?? initialState;
  const keys = new Set([...Object.keys(state), ...Object.keys(row)] as (keyof ConversationState)[]);
  const other = [...keys].filter((key) => canonicalText(row[key]) !== canonicalText(state[key]));
  if (other.length === 0) return [];
  return [{ no: null, upTo: null, says: `the actor's row is not what the events fold to (${other.join(', ')})` }];
}

function unreadable(format: number): Problem {
  return { no: null, upTo: null, says: `the actor's row is of a format that this build can't read (${format})` };
}
