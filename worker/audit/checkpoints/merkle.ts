/**
 * Many heads under one hash, so that a checkpoint is signed once and each head can be shown to be in it without the others:
 * the tree of RFC 9162 (section 2.1). A conversation's file carries its own head and the hashes beside its way to the root.
 */
import { createHash } from 'node:crypto';

/** Hex. */
export type Hash = string;

export interface CheckpointedHead {
  conversationId: string;
  eventNo: number;
  head: string;
}

export interface Tree {
  root: Hash;
  /** The hashes beside the way of the leaf at this place to the root, from below. */
  proofOf(place: number): Hash[];
}

export function leafOf({ conversationId, eventNo, head }: CheckpointedHead): Hash {
  return sha256(Buffer.from([0]), Buffer.from(`${conversationId}\n${eventNo}\n${head}`, 'utf8'));
}

/** Hashes between two pauses of `growTree`: some milliseconds. */
const slice = 2_000;

/** The tree of these heads, in their order; a pause now and then, in which whoever else works in the process gets its turn. */
export function* growTree(heads: readonly CheckpointedHead[]): Generator<void, Tree> {
  const leaves: Hash[] = [];
  for (const head of heads) {
    leaves.push(leafOf(head));
    if (leaves.length % slice === 0) yield;
  }
  return yield* fromLeaves(leaves);
}

function* fromLeaves(leaves: Hash[]): Generator<void, Tree> {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) level = yield* above(level);
  return {
    root: levels.at(-1)?.[0] ?? sha256(),
    proofOf: (place) => levels.flatMap((level, height) => level[(place >> height) ^ 1] ?? []),
  };
}

/** Without a pause. */
export function treeOf(leaves: Hash[]): Tree {
  const growing = fromLeaves(leaves);
  for (;;) {
    const step = growing.next();
    if (step.done === true) return step.value;
  }
}

/** The root that this leaf and the hashes beside it give; null: there are too many, or too few, of them. */
export function rootFrom(leaf: Hash, { place, leaves }: { place: number; leaves: number }, proof: Hash[]): Hash | null {
  if (place < 0 || place >= leaves) return null;
  const left = [...proof];
  let hash = leaf;
  let [at, width] = [place, leaves];
  for (; width > 1; [at, width] = [Math.floor(at / 2), Math.ceil(width / 2)]) {
    const isRight = at % 2 === 1;
    // The last of an odd row has nobody beside it, and goes up as it is.
    if (!isRight && at + 1 === width) continue;
    const beside = left.shift();
    if (beside === undefined) return null;
    hash = isRight ? nodeOf(beside, hash) : nodeOf(hash, beside);
  }
  return left.length === 0 ? hash : null;
}

function* above(level: Hash[]): Generator<void, Hash[]> {
  const next: Hash[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const [left = '', right] = level.slice(at, at + 2);
    next.push(right === undefined ? left : nodeOf(left, right));
    if (next.length % slice === 0) yield;
  }
  return next;
}

const nodeOf = (left: Hash, right: Hash): Hash =>
  sha256(Buffer.from([1]), Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));

function sha256(...parts: Buffer[]): Hash {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
