/**
 * What a checkpoint says, and is signed: where every conversation of an account that has changed in an hour had got to. Each
 * holds the hash of the one before, so that none can be taken out of their row.
 */
import { createHash } from 'node:crypto';
import { canonicalText } from '../../../store/chain.ts';
import type { Hash } from './merkle.ts';

export const checkpointFormat = 'baton-checkpoint/1';

export interface CheckpointDocument {
  format: typeof checkpointFormat;
  accountId: string;
  /** Place in the account's row of checkpoints, from 1. */
  no: number;
  /** ISO: the full hour that it ends. One that is made up later covers what was recorded until then. */
  hour: string;
  /** ISO. */
  madeAt: string;
  /** SHA-256 of the text of the one before; empty: it is the first. */
  previous: Hash;
  /** Conversations that have changed since the one before; their heads are the leaves under `root`. */
  heads: number;
  root: Hash;
  /** In all, up to here. */
  conversations: number;
  events: number;
}

/** What the signature is over, as UTF-8. */
export const textOf = (document: CheckpointDocument): string => canonicalText(document);

export const hashOf = (text: string): Hash => createHash('sha256').update(text, 'utf8').digest('hex');

/** Null where the text is that of no checkpoint. */
export function parseDocument(text: string): CheckpointDocument | null {
  try {
    const document = JSON.parse(text) as Partial<CheckpointDocument> | null;
    return document?.format === checkpointFormat ? (document as CheckpointDocument) : null;
  } catch {
    return null;
  }
}
