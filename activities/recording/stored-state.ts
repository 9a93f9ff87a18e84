/** How an actor's state stands in its row. A build reads the formats of its neighbours. */
import type { ConversationState } from '../../workflows/conversation/state.ts';

export const actorFormat = 1;

export function packState(state: ConversationState, keys: string[]): string {
  return JSON.stringify({ state, keys });
}

export function unpackState(stored: unknown, format: number): { state: ConversationState | null; keys: string[] } {
  if (format !== actorFormat) throw new Error(`actor-format-${format}`);
  if (stored === null) return { state: null, keys: [] };
  return stored as { state: ConversationState; keys: string[] };
}
