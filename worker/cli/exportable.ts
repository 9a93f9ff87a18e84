/** What `baton export` is to export: one conversation, or an account's since some time. */
import type { Exportable } from './commands/export.ts';
import { parseAccount, parseConversation } from './conversation-id.ts';
import { parseInstant } from './instant.ts';
import { Unusable, type Env } from './settings.ts';

interface Named {
  since: string | undefined;
  account: string | undefined;
}

export function parseExportable(conversation: string | undefined, { since, account }: Named, env: Env): Exportable {
  if (conversation !== undefined && since === undefined) return { id: parseConversation(conversation, account, env) };
  if (conversation !== undefined || since === undefined) {
    throw new Unusable('Export what? Name a conversation, or say --since <time>.');
  }
  return { account: parseAccount(account, env), since: parseInstant(since) };
}
