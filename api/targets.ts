/** What a request names must be there: the conversation itself can't look it up. */
import { findAgent } from '../store/agents.ts';
import type { Transaction } from '../store/connection.ts';
import { existingDesks } from '../store/desks.ts';
import { existingGroups } from '../store/groups.ts';
import { Problem } from './problem.ts';

export async function requireTarget(
  tx: Transaction,
  accountId: string,
  { groupId, deskId }: { groupId: string | null; deskId: string | null },
): Promise<void> {
  if (groupId !== null && (await existingGroups(tx, accountId, [groupId])).length === 0) throw unknown('groupId');
  if (deskId !== null && (await existingDesks(tx, accountId, [deskId])).length === 0) throw unknown('deskId');
}

export async function requireAgent(tx: Transaction, accountId: string, agentId: string): Promise<void> {
  if ((await findAgent(tx, accountId, agentId)) === null) throw unknown('agentId');
}

function unknown(field: string): Problem {
  return new Problem('unknown-reference', {
    issues: [{ path: ['body', field], message: 'There is none with this id.' }],
  });
}
