import { projectConversation, type Projection } from '../workflows/conversation/project.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';

/** What the conversation's row shows of a state: `fold_conversation` writes it, and a check holds the row against it. */
export type ReadModel = Omit<Projection, 'queue'> & { botId: string | null; waitingSince: number | null };

export function readModel(state: ConversationState): ReadModel {
  const { queue, ...row } = projectConversation(state);
  return { ...row, botId: state.session?.botId ?? null, waitingSince: queue?.waitingSince ?? null };
}
