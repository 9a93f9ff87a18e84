/** What `baton audit` and `baton verify` look at: a file where there is one of that name, else a stored conversation. */
import { existsSync } from 'node:fs';
import type { Subject } from './commands/inspect.ts';
import { parseAccount, parseConversation } from './conversation-id.ts';
import { Unusable, type Env } from './settings.ts';

export function parseSubject(what: string, account: string | undefined, env: Env): Subject {
  return existsSync(what) ? { file: what } : { id: parseConversation(what, account, env) };
}

/** One, or everything of an account. */
export function parseVerifiable(
  what: string | undefined,
  { all, account }: { all: boolean; account: string | undefined },
  env: Env,
): Subject | { account: string } {
  if (all && what === undefined) return { account: parseAccount(account, env) };
  if (all || what === undefined) throw new Unusable('Verify what? Name a conversation or a file, or say --all.');
  return parseSubject(what, account, env);
}
