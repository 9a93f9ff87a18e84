/**
 * Commands carry a key (the header `Idempotency-Key`, or one made here), and the same key gets the same answer for 24 h.
 * The key belongs to what was asked for and by whom: with anything else it is refused.
 */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { v5 as idFrom, v7 as newId } from 'uuid';
import { z } from 'zod';
import { canonicalText } from '../store/chain.ts';
import type { Transaction } from '../store/connection.ts';
import { findOutcome, type KeptOutcome } from '../store/idempotency.ts';
import { Problem } from './problem.ts';

export interface Keyed {
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

export function keyOf({ headers, principal }: FastifyRequest, asked: object): Keyed {
  const given = headers['idempotency-key'];
  const key = typeof given === 'string' ? given : `made:${newId()}`;
  const digest = digestOf({ asked, by: { kind: principal.kind, id: principal.id } });
  return { key, digest, isFresh: given === undefined };
}

/** For what has one effect whoever asks and however often. */
export function commonKey(key: string, asked: object): Keyed {
  return { key, digest: digestOf({ asked }), isFresh: false };
}

function digestOf(request: object): string {
  return createHash('sha256').update(canonicalText(request)).digest('hex');
}

/** The id of what a command stores first: the same for a repeat, another one for another request under the same key. */
export function draftId(accountId: string, { key, digest }: Keyed, what: string): string {
  return idFrom(`${what}\n${digest}\n${key}`, accountId);
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
