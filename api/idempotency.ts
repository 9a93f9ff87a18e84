/**
 * Commands carry a key (the header `Idempotency-Key`, or one made here), and the same key gets the same answer for 24 h.
 * The key belongs to what was asked for and by whom: with anything else it is refused.
 *
 * A client may name its request after anything, also after a person. So nobody but the client is told that name again:
 * what is stored, handed to Temporal and written into events is a digest under a secret, as is that of the words asked
 * with. Every process with the same secret makes the same of them; what came under an earlier one is known for as long as
 * that one is still listed.
 */
import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { canonicalText } from '../store/chain.ts';
import type { Transaction } from '../store/connection.ts';
import { findOutcome, type KeptOutcome } from '../store/idempotency.ts';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';

type Secrets = Pick<ApiConfig, 'tokenKey' | 'earlierTokenKeys'>;

/** What a request is known by under one secret. */
interface Digests {
  /** Of its name: as everybody but the client knows it. */
  key: string;
  /** Of what was asked for, where, and by whom. */
  digest: string;
}

export interface Keyed extends Digests {
  /** As the client knows the request. */
  name: string;
  /** As it is stored if it came before the secret was changed. */
  earlier: readonly Digests[];
  /** Nobody else can have made it: nothing is stored under it yet. */
  isFresh: boolean;
}

/** Spread into the `headers` schema of a route. */
export const idempotencyHeaders = {
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'Up to 255 visible ASCII characters.')
    .optional()
    .describe('The same key with the same request has one effect and gets the same answer, for 24 hours.'),
};

export function keyOf(secrets: Secrets, { headers, principal }: FastifyRequest, asked: object): Keyed {
  const { accountId, kind, id } = principal;
  const given = headers['idempotency-key'];
  const name = typeof given === 'string' ? given : `made:${newId()}`;
  const known = knownUnder(secrets, accountId, name, { asked, by: { kind, id } });
  return { name, ...known, isFresh: given === undefined };
}

/** For what has one effect whoever asks and however often. A blank in `name`, and no client can have given the same. */
export function commonKey(secrets: Secrets, accountId: string, name: string, asked: object): Keyed {
  return { name, ...knownUnder(secrets, accountId, name, { asked }), isFresh: false };
}

/** All that this name's outcome can be stored under, the likeliest first. */
export function storedKeys({ tokenKey, earlierTokenKeys }: Secrets, accountId: string, name: string): string[] {
  return [tokenKey, ...earlierTokenKeys].map((secret) => keyUnder(secret, accountId, name));
}

function knownUnder(
  { tokenKey, earlierTokenKeys }: Secrets,
  accountId: string,
  name: string,
  request: object,
): Digests & { earlier: readonly Digests[] } {
  const under = (secret: string): Digests => ({
    key: keyUnder(secret, accountId, name),
    digest: hmac(secret, `command-digest\n${accountId}\n${canonicalText(request)}`).toString('base64url'),
  });
  return { ...under(tokenKey), earlier: earlierTokenKeys.map(under) };
}

/** 128 bits: the state of a conversation keeps the last 64 of them. */
function keyUnder(secret: string, accountId: string, name: string): string {
  return hmac(secret, `command-key\n${accountId}\n${name}`).subarray(0, 16).toString('base64url');
}

function hmac(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

/** What is stored under the key; null: nothing. */
export async function keptFor(tx: Transaction, accountId: string, keyed: Keyed): Promise<unknown> {
  if (keyed.isFresh) return null;
  const known = [keyed, ...keyed.earlier];
  const kept = await Promise.all(known.map(({ key }) => findOutcome(tx, accountId, key)));
  for (const [index, digests] of known.entries()) {
    const outcome = kept[index] ?? null;
    if (outcome !== null) return outcomeIn(outcome, digests);
  }
  return null;
}

/** 422 where the key is another request's. */
export function outcomeIn(kept: KeptOutcome, { digest }: Digests): unknown {
  if (kept.digest !== digest) {
    throw new Problem('idempotency-key-reused', {
      detail: 'Another request was sent with this key. Nothing was done.',
    });
  }
  return kept.outcome;
}
