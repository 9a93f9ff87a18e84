/** Everybody who can come to the API with something to show, of one account; and what each is let in to. */
import { signReplyToken } from '../../adapters/reply-token.ts';
import { roleScopes, type Scope, scopes } from '../../api/scopes.ts';
import { turnId } from '../../store/turns.ts';
import { addVariant, type SeededAccount } from '../support/account.ts';
import type { Operation } from '../api/operations.ts';
import { apiConfig, operatorKey, type TestApi } from '../api/test-api.ts';
import type { Belongings } from './belongings.ts';

export interface Caller {
  name: string;
  /** null: shows nothing. */
  token: string | null;
  /** null: no key or agent of the account. */
  scopes: readonly Scope[] | null;
  proves: 'operator' | 'visitor' | 'turn' | 'metrics' | null;
}

const bot: readonly Scope[] = ['conversations:read', 'conversations:write'];

export async function callersOf(
  api: TestApi,
  account: SeededAccount & { key: string },
  things: Belongings,
  metricsKey: string,
): Promise<Caller[]> {
  const agents: Caller[] = [];
  for (const [role, held] of Object.entries(roleScopes)) {
    const made = await api.call(account.key, 'POST', '/v1/agents', { name: role, role });
    const { token } = (await api.call(account.key, 'POST', `/v1/agents/${made.body.id}/tokens`)).body;
    agents.push({ name: role, token, scopes: held, proves: null });
  }
  const keyOf = async (name: string, held: readonly Scope[]): Promise<Caller> => {
    return { name, token: await api.keyFor(account.accountId, held), scopes: held, proves: null };
  };
  const outsider = (name: string, token: string | null, proves: Caller['proves'] = null): Caller => {
    return { name, token, scopes: null, proves };
  };
  const [conversationId, turn] = [things.idOf('conversationId'), Number(things.idOf('turn'))];
  return [
    ...agents,
    await keyOf('integration', scopes),
    await keyOf('bot', bot),
    await keyOf('key without a scope', []),
    outsider('operator', operatorKey, 'operator'),
    outsider('visitor', await visitorOf(api, account), 'visitor'),
    outsider('bot’s turn', signReplyToken(apiConfig.tokenKey, account.accountId, turnId(conversationId, turn)), 'turn'),
    outsider('monitoring', metricsKey, 'metrics'),
    outsider('made-up key', `bk_${'x'.repeat(43)}`),
    outsider('made-up token', 'a.b.c'),
    outsider('nobody', null),
  ];
}

async function visitorOf(api: TestApi, account: SeededAccount): Promise<string> {
  const settings = { allowedOrigins: ['https://shop.example'], title: 'Ask us' };
  const chat = await addVariant(api.pool, account, { channelType: 'webchat', channelSettings: settings });
  const { accountId, channelId } = chat;
  return (await api.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId })).body.token;
}

/** null: let in. Throws at an operation whose access is unknown here: say who is let in to it. */
export function refusalOf({ scope, method, path }: Operation, { scopes: held, proves }: Caller): object | null {
  const unauthenticated = { status: 401, code: 'unauthenticated' };
  switch (scope) {
    case 'public':
      return null;
    case 'operator':
      if (proves === 'operator') return null;
      return held === null ? unauthenticated : { status: 403, code: 'wrong-kind-of-key' };
    case 'visitor':
    case 'turn':
    case 'metrics':
      return proves === scope ? null : unauthenticated;
    case 'signature':
      return unauthenticated;
  }
  const known = scopes.find((one) => one === scope);
  if (known === undefined && scope !== 'any')
    throw new Error(`Say here who is let in to ${method} ${path} (${scope}).`);
  if (proves === 'operator') return { status: 403, code: 'wrong-kind-of-key' };
  if (held === null) return unauthenticated;
  return known === undefined || held.includes(known) ? null : { status: 403, code: 'missing-scope', scope };
}
