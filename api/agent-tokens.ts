/** Agents' tokens: JWT, HS256, signed with the newest key of the list and verified with any of them. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { agentRoles } from '../store/roles.ts';
import type { ApiDependencies } from './dependencies.ts';

const claimsSchema = z.object({
  /** Agent. */
  sub: z.uuid(),
  account: z.uuid(),
  role: z.enum(agentRoles),
  /** The agent's `token_epoch` when the token was made; raising it revokes all of the agent's tokens. */
  epoch: z.number().int(),
  exp: z.number(),
});
export type AgentClaims = z.output<typeof claimsSchema>;

const issuer = 'baton';
const audience = 'baton-api';

/** Names a key without telling it. */
const keyId = (key: string): string => createHash('sha256').update(`kid:${key}`).digest('hex').slice(0, 12);

export function signAgentToken(
  app: FastifyInstance,
  { config, clock }: ApiDependencies,
  claims: Omit<AgentClaims, 'exp'>,
): { token: string; expiresAt: number } {
  const key = signingKey(config.jwtKeys);
  const issuedAt = Math.floor(clock() / 1_000);
  const expiresAt = issuedAt + Math.floor(config.agentTokenMs / 1_000);
  const token = app.jwt.sign(
    { ...claims, iat: issuedAt, exp: expiresAt },
    { key, kid: keyId(key), algorithm: 'HS256', iss: issuer, aud: audience },
  );
  return { token, expiresAt: expiresAt * 1_000 };
}

/** null: not ours, changed, expired or malformed. */
export function verifyAgentToken(
  app: FastifyInstance,
  { config, clock }: ApiDependencies,
  token: string,
): AgentClaims | null {
  for (const key of config.jwtKeys) {
    try {
      const claims = app.jwt.verify(token, {
        key,
        algorithms: ['HS256'],
        allowedIss: issuer,
        allowedAud: audience,
        requiredClaims: ['exp'],
        clockTimestamp: clock(),
      });
      return claimsSchema.safeParse(claims).data ?? null;
    } catch {
      // Not with this key.
    }
  }
  return null;
}

function signingKey([newest]: readonly string[]): string {
  if (newest === undefined) {
    throw new Error('There is no key to sign tokens with.');
  }
  return newest;
}
