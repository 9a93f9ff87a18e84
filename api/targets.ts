/** Groups and desks that a request names must be there: the conversation itself can't look them up. */
import type { Transaction } from '../store/connection.ts';
import { existingDesk } from '../store/drafts.ts';
import { existingGroups } from '../store/groups.ts';
import { Problem } from './problem.ts';

export async function requireTarget(
  tx: Transaction,
  accountId: string,
  { groupId, deskId }: { groupId: string | null; deskId: string | null },
): Promise<void> {
  const unknown = (field: string): Problem =>
    new Problem('unknown-reference', { issues: [{ path: ['body', field], message: 'There is none with this id.' }] });
  if (groupId !== null && (await existingGroups(tx, accountId, [groupId])).length === 0) throw unknown('groupId');
  if (deskId !== null && !(await existingDesk(tx, accountId, deskId))) throw unknown('deskId');
}
