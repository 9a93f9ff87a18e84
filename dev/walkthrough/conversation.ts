import type { ApiClient } from '../api-client.ts';
import type { AskedTurn } from '../turn-log.ts';

/** What the walk-through looks at of a conversation; see the API's docs for the rest. */
export interface Conversation {
  id: string;
  state: string;
  holder: { kind: string; id: string | null };
  session: { no: number; endsAt: string | null };
  handover: { agentStatus: string | null; intake: { value: string }[] } | null;
  archived: boolean;
}

/** The one in which somebody wrote last. */
export async function newestConversation(api: ApiClient, channelId: string): Promise<Conversation> {
  const { items } = await api.get<{ items: Conversation[] }>(`/v1/conversations?channelId=${channelId}&limit=1`);
  const [newest] = items;
  if (!newest) throw new Error('the channel has no conversation');
  return newest;
}

export const readConversation = (api: ApiClient, id: string): Promise<Conversation> =>
  api.get(`/v1/conversations/${id}`);

/** What the bot was asked in this conversation by its own log: the customer's words, or the event in parentheses. */
export async function turnsOf(bot: string, conversationId: string): Promise<string[]> {
  const response = await fetch(`${bot}/turns?conversation=${conversationId}`);
  const turns = (await response.json()) as AskedTurn[];
  return turns.map(({ event, words }) => (words.length > 0 ? words.join(' / ') : `(${event})`));
}
