/**
 * Commands carry a key (the header `Idempotency-Key`, or one made here), and the same key gets the same answer for 24 h.
 * The key belongs to what was asked for and by whom: with anything else it is refused.
 *
 * A client may name its request after anything, also after a person. So nobody but the client is told that name again:
 * what is stored, handed to Temporal and written into events is a digest under a secret, as is that of the words asked
 * with. Every process with the same secret makes the same of them; with another one they are new requests.
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

type Secret = Pick<ApiConfig, 'tokenKey'>;

export interface Keyed {
  /** As the client knows the request. */
  name: string;
  /** As everybody else does. */
  key: string;
  /** Of what was asked for, where, and by whom. */
  digest: string;
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

export function keyOf(secret: Secret, { headers, principal }: FastifyRequest, asked: object): Keyed {
  const { accountId, kind, id } = principal;
  const given = headers['idempotency-key'];
  const name = typeof given === 'string' ? given : `made:${newId()}`;
  const digest = digestOf(secret, accountId, { asked, by: { kind, id } });
  return { name, key: storedKey(secret, accountId, name), digest, isFresh: given === undefined };
}

/** For what has one effect whoever asks and however often. A blank in `name`, and no client can have given the same. */
export function commonKey(secret: Secret, accountId: string, name: string, asked: object): Keyed {
  const digest = digestOf(secret, accountId, { asked });
  return { name, key: storedKey(secret, accountId, name), digest, isFresh: false };
}

/** 128 bits: the state of a conversation keeps the last 64 of them. */
export function storedKey(secret: Secret, accountId: string, name: string): string {
  return hmac(secret, `command-key\n${accountId}\n${name}`).subarray(0, 16).toString('base64url');
}

function digestOf(secret: Secret, accountId: string, request: object): string {
  return hmac(secret, `command-digest\n${accountId}\n${canonicalText(request)}`).toString('base64url');
}

function hmac({ tokenKey }: Secret, text: string): Buffer {
  return createHmac('sha256', tokenKey).update(text).digest();
}

/** What is stored under the key; null: nothing. */
export async function keptFor(tx: Transaction, accountId: string, keyed: Keyed): Promise<unknown> {
  if (keyed.isFresh) return null;
  const kept = await findOutcome(tx, accountId, keyed.key);
  return kept === null ? null : outcomeIn(kept, keyed);
}

/** 422 where the key is another request's. */
export function outcomeIn(kept: KeptOutcome, { digest }: Keyed): unknown {
  if (kept.digest !== digest) {
    throw new Problem('idempotency-key-reused', {
      detail: 'Another request was sent with this key. Nothing was done.',
    });
  }
  return kept.outcome;
}
