/** Which conversation is meant: its id with an account, or the id of its workflow, which names both. */
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { readSetting, Unusable, type Env } from './settings.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const workflow = /^conversation:([^:]+):([^:]+)$/;

export function parseConversation(text: string, account: string | undefined, env: Env): ActorId {
  const [, accountId = '', conversationId = ''] = workflow.exec(text) ?? [];
  if (conversationId !== '') return { accountId: idIn(accountId, 'an account'), conversationId: idIn(conversationId) };
  return { conversationId: idIn(text), accountId: parseAccount(account, env) };
}

export function parseAccount(account: string | undefined, env: Env): string {
  const id = account ?? readSetting(env, 'BATON_ACCOUNT');
  if (id === undefined) throw new Unusable('Which account? Say --account <id>, or set BATON_ACCOUNT.');
  return idIn(id, 'an account');
}

function idIn(text: string, of = 'a conversation'): string {
  const id = text.toLowerCase();
  if (!uuid.test(id)) throw new Unusable(`“${text}” is no id of ${of}.`);
  return id;
}
