/** Which conversations somebody may look at: an agent only those of their groups and bots, and those that are theirs. */
import type { Transaction } from './connection.ts';

export type Reader =
  | { kind: 'all'; agentId: string | null }
  | {
      kind: 'agent';
      agentId: string;
      groupIds: string[];
      /** Empty: of every bot. */
      botIds: string[];
    };

/** What decides on it. */
export interface Belonging {
  agentId: string | null;
  groupId: string | null;
  botId: string | null;
}

export async function findReader(
  tx: Transaction,
  accountId: string,
  agentId: string,
): Promise<{ groupIds: string[]; botIds: string[] }> {
  const { rows } = await tx.query<{ groupIds: string[]; botIds: string[] }>({
    name: 'find-reader',
    text: `SELECT ARRAY(SELECT group_id FROM agent_groups WHERE account_id = $1 AND agent_id = $2) AS "groupIds",
                  ARRAY(SELECT bot_id FROM agent_bots WHERE account_id = $1 AND agent_id = $2) AS "botIds"`,
    values: [accountId, agentId],
  });
  return rows[0] ?? { groupIds: [], botIds: [] };
}

/** The same rule as `seenBy` in conversations.ts, for one conversation that has been read. */
export function sees(reader: Reader, of: Belonging): boolean {
  if (reader.kind === 'all' || of.agentId === reader.agentId) return true;
  const ofBots = reader.botIds.length === 0 || of.botId === null || reader.botIds.includes(of.botId);
  return ofBots && (of.groupId === null || reader.groupIds.includes(of.groupId));
}
