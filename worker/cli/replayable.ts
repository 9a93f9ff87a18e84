/** What is to be replayed (files of histories, conversations, or everything of an account) or rebuilt. Never a mixture. */
import { existsSync } from 'node:fs';
import type { Rebuildable } from './commands/rebuild.ts';
import type { Replayable } from './commands/replay.ts';
import { parseAccount, parseConversation } from './conversation-id.ts';
import { Unusable, type Env } from './settings.ts';

interface Named {
  all: boolean;
  account: string | undefined;
}

export function parseReplayable(what: string[], { all, account }: Named, env: Env): Replayable {
  if (all) return { account: parseAccount(account, env) };
  if (what.length === 0) throw new Unusable('Replay what? Name conversations or files, or say --all.');
  const files = what.filter((one) => existsSync(one));
  if (files.length === what.length) return { files };
  if (files.length > 0) throw new Unusable('Name either files or conversations.');
  return { conversations: what.map((one) => parseConversation(one, account, env)) };
}

export function parseRebuildable(what: string[], { all, account }: Named, env: Env): Rebuildable {
  if (all && what.length > 0) throw new Unusable('Name conversations, or say --all.');
  if (all) return { account: parseAccount(account, env) };
  if (what.length === 0) throw new Unusable('Rebuild what? Name conversations, or say --all.');
  return { conversations: what.map((one) => parseConversation(one, account, env)) };
}
