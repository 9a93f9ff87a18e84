/** How callers prove who they are, as the OpenAPI document says it: a scheme for each way, and what each operation asks. */
import { type Access, scopes } from './scopes.ts';

const bearer = (description: string, bearerFormat?: string) => ({
  type: 'http' as const,
  scheme: 'bearer',
  description,
  ...(bearerFormat === undefined ? {} : { bearerFormat }),
});

export const securitySchemes = {
  key: bearer('An API key of an account (`bk_…`), of POST /v1/api-keys. It carries its own scopes.'),
  agent: bearer(
    'An agent’s token, of POST /v1/agents/{agentId}/tokens. It has the scopes of the agent’s role, and ends after its ' +
      '`expiresAt`, or when the agent’s tokens are voided.',
    'JWT',
  ),
  operator: bearer(
    'The operator’s key (`BATON_OPERATOR_KEY`): makes and lists accounts, and is good for nothing else.',
  ),
  visitor: bearer(
    'The token of a visitor’s session (`vt_…`), of POST /v1/widget/sessions. Good for 30 days, for one visitor of one ' +
      'channel, on pages whose origin the channel allows.',
  ),
  turn: bearer('`reply.token` of the turn that is answered. Good for that turn alone.'),
  signature: {
    type: 'apiKey' as const,
    in: 'header' as const,
    name: 'webhook-signature',
    description:
      'Of type `http` Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}` under ' +
      'the base64 bytes of a secret (`whsec_…`) of the connection; several with blanks between them. The timestamp may ' +
      'be 5 minutes off. Other types sign as their networks do.',
  },
  metrics: bearer('`BATON_METRICS_KEY`, where one is set.'),
};

/** What an operation asks of its caller, as `security`; a scope stands there as the role that is needed. */
export function securityOf(access: Access): Record<string, string[]>[] {
  switch (access) {
    case 'public':
      return [];
    case 'any':
      return [{ key: [] }, { agent: [] }];
    case 'metrics':
      return [{ metrics: [] }, {}];
    case 'operator':
    case 'visitor':
    case 'turn':
    case 'signature':
      return [{ [access]: [] }];
    default:
      return [{ key: [access] }, { agent: [access] }];
  }
}

export const isScope = (access: Access): boolean => scopes.some((scope) => scope === access);
