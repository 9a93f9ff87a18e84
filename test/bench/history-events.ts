/** Events in Temporal's histories, counted as one counts allocations; what continuing as new costs is in it. */
import type { Arena } from './arena.ts';
import type { Chat } from './conversations.ts';

export interface EventCount {
  /** So many more than when the count began, over all of the conversations and their later runs. */
  more(): Promise<number>;
}

export async function countEvents(arena: Arena, chats: Chat[]): Promise<EventCount> {
  const begun = await Promise.all(chats.map((chat) => lengthsOf(arena, chat)));
  return {
    async more() {
      const counts = await Promise.all(
        chats.map(async (chat, index) => {
          const before = begun[index] ?? new Map<string, number>();
          const after = await lengthsOf(arena, chat);
          return [...after].reduce((sum, [runId, length]) => sum + length - (before.get(runId) ?? 0), 0);
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** By run. */
async function lengthsOf({ admin, temporal }: Arena, chat: Chat): Promise<Map<string, number>> {
  const { rows } = await admin.query<{ runId: string }>(
    'SELECT run_id AS "runId" FROM runs WHERE conversation_id = $1',
    [chat.conversationId],
  );
  const lengths = await Promise.all(
    rows.map(async ({ runId }) => {
      const { historyLength } = await temporal.client.getHandle(chat.workflowId, runId).describe();
      return [runId, historyLength] as const;
    }),
  );
  return new Map(lengths);
}
