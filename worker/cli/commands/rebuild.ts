/** `baton rebuild`: folds made anew from events and sources, or only held against them. */
import { createPool, type Pool } from '../../../store/connection.ts';
import { listConversationIds } from '../../../store/rebuild.ts';
import { readWrongCapacity, writeCapacity } from '../../../store/rebuild-capacity.ts';
import { asRebuilder, NotTheOwner } from '../../../store/rebuild-role.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { rebuildConversation, type Rebuilt } from '../../audit/rebuild/rebuild.ts';
import { oneLine, type Io } from '../io.ts';
import { requireSetting, Unusable } from '../settings.ts';

/** `account`: everything of it. */
export type Rebuildable = { conversations: ActorId[] } | { account: string };

/** True where everything is, in the end, as events and sources have it. */
export async function rebuild(io: Io, what: Rebuildable, { dryRun }: { dryRun: boolean }): Promise<boolean> {
  const url = requireSetting(io.env, 'BATON_DATABASE_URL', 'the database, as its owner sees it');
  const pool = createPool({ url, max: 1, name: 'baton-rebuild' });
  try {
    const ids = 'account' in what ? await conversationsOf(pool, what.account) : what.conversations;
    const accounts = 'account' in what ? [what.account] : [...new Set(ids.map(({ accountId }) => accountId))];
    let good = await rebuildAll(io, pool, ids, dryRun);
    // Once the assignments are right, which they count.
    for (const accountId of accounts) good = (await rebuildCapacity(io, pool, accountId, dryRun)) && good;
    return good;
  } catch (error) {
    if (error instanceof NotTheOwner) {
      throw new Unusable('BATON_DATABASE_URL must be that of the database’s owner, as for baton migrate.');
    }
    throw error;
  } finally {
    await pool.end();
  }
}

async function conversationsOf(pool: Pool, accountId: string): Promise<ActorId[]> {
  const ids = await asRebuilder(pool, accountId, { snapshot: true }, (tx) => listConversationIds(tx, accountId));
  return ids.map((conversationId) => ({ accountId, conversationId }));
}

async function rebuildAll(io: Io, pool: Pool, ids: ActorId[], dryRun: boolean): Promise<boolean> {
  let good = true;
  for (const id of ids) {
    const rebuilt = await rebuildConversation(pool, id, { dryRun, at: new Date() });
    if (rebuilt === null) throw new Unusable(`The account has no conversation ${id.conversationId}.`);
    tell(io, id.conversationId, rebuilt, dryRun);
    good = good && rebuilt.kind === 'folded' && (rebuilt.wrong.length === 0 || !dryRun);
  }
  io.out(`${ids.length} ${ids.length === 1 ? 'conversation' : 'conversations'} looked at`);
  return good;
}

function tell(io: Io, name: string, rebuilt: Rebuilt, dryRun: boolean): void {
  if (rebuilt.kind === 'refused') io.out(oneLine(`refused  ${name}: ${rebuilt.says}`));
  else if (rebuilt.wrong.length > 0) io.out(oneLine(`${did(dryRun)}  ${name}: ${rebuilt.wrong.join(', ')}`));
}

async function rebuildCapacity(io: Io, pool: Pool, accountId: string, dryRun: boolean): Promise<boolean> {
  const wrong = await asRebuilder(pool, accountId, { snapshot: true }, (tx) => readWrongCapacity(tx, accountId));
  for (const { agentId, active, counted } of wrong) {
    if (!dryRun) {
      await asRebuilder(pool, accountId, { snapshot: false }, (tx) => writeCapacity(tx, accountId, agentId));
    }
    io.out(`${did(dryRun)}  agent ${agentId}: agents.active is ${active}, and ${counted} are in use`);
  }
  return wrong.length === 0 || !dryRun;
}

const did = (dryRun: boolean): string => (dryRun ? 'differs' : 'rebuilt');
