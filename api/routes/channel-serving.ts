/** Somebody answers on every channel that is on, and only where answering is ours. */
import { existingBots } from '../../store/bots.ts';
import type { Serving } from '../../store/channels.ts';
import type { Transaction } from '../../store/connection.ts';
import { existingGroups } from '../../store/groups.ts';
import { type Issue, Problem } from '../problem.ts';

export async function requireServing(tx: Transaction, accountId: string, channel: Serving): Promise<void> {
  const { mode, responsible, botId, groupId } = channel;
  if (mode === 'business' && (responsible === 'managers' || groupId !== null)) {
    throw new Problem('configured-on-platform', { detail: 'Who of the people answers is the platform’s to say.' });
  }
  const issues: Issue[] = [];
  if (responsible === 'bot' && botId === null) {
    issues.push({ path: ['body', 'botId'], message: 'Say which bot is responsible.' });
  }
  if (botId !== null && (await existingBots(tx, accountId, [botId])).length === 0) {
    issues.push({ path: ['body', 'botId'], message: 'There is no such bot.' });
  }
  if (groupId !== null && (await existingGroups(tx, accountId, [groupId])).length === 0) {
    issues.push({ path: ['body', 'groupId'], message: 'There is no such group.' });
  }
  if (issues.length > 0) {
    throw new Problem('invalid-settings', { issues });
  }
}
