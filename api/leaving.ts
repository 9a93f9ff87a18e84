/**
 * An agent who leaves with chats in progress says what becomes of them. The choice is put into the inbox of every one of
 * these conversations (`announceGone`) in the transaction that takes the agent away, so none is left with somebody who is gone.
 */
import { z } from 'zod';
import type { AgentRow } from '../store/agents.ts';
import type { AgentLeft } from '../store/availability.ts';
import type { Transaction } from '../store/connection.ts';
import { existingGroups } from '../store/groups.ts';
import { id } from './fields.ts';
import { invalid } from './errors.ts';
import { Problem } from './problem.ts';

const choices = ['keep', 'requeue', 'forward', 'close'] as const;

export const chatsChoice = z
  .enum(choices)
  .optional()
  .describe(
    'What becomes of chats in progress: keep them, back to their queue, to the group `groupId`, or close them.',
  );
export const forwardTo = id.optional().describe('With `chats: forward`: the group that gets the chats.');

/** Whoever is removed can't keep chats. */
export const leavingForGood = z.strictObject({
  chats: chatsChoice
    .unwrap()
    .exclude(['keep'])
    .optional()
    .describe('What becomes of chats in progress: back to their queue, to the group `groupId`, or close them.'),
  groupId: forwardTo,
});

export interface Leaving {
  chats?: (typeof choices)[number] | undefined;
  groupId?: string | undefined;
}

/**
 * null: the chats stay. 409 `choice-required` where there are chats and nothing was said of them, with what may be said. The
 * agent's row is locked by the caller.
 */
export async function requireChoice(
  tx: Transaction,
  accountId: string,
  agent: AgentRow,
  { chats, groupId }: Leaving,
  { mayKeep }: { mayKeep: boolean },
): Promise<AgentLeft | null> {
  if ((chats === 'forward') !== (groupId !== undefined)) {
    throw invalid('body', [{ path: ['groupId'], message: 'Goes with chats: forward, and only with it.' }]);
  }
  if (groupId !== undefined && (await existingGroups(tx, accountId, [groupId])).length === 0) {
    throw new Problem('unknown-reference', {
      issues: [{ path: ['body', 'groupId'], message: 'There is no such group.' }],
    });
  }
  if (chats === undefined && agent.active > 0) {
    throw new Problem('choice-required', {
      activeChats: agent.active,
      choices: choices.filter((choice) => mayKeep || choice !== 'keep'),
    });
  }
  if (chats === undefined || chats === 'keep') return null;
  return { agentId: agent.id, choice: chats, groupId: groupId ?? null };
}
