/**
 * Signs, for every account and full hour, where its conversations have got to: one checkpoint each, however many workers sweep.
 * Hours in which none swept are made up, oldest first. With the key out of Postgres, whoever owns Postgres can't rewrite what was
 * checkpointed without it being seen (`baton verify`).
 */
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { failureOf } from '../process/failures.ts';
import { startSweep, type Sweep } from '../process/sweep.ts';
import * as store from '../store/checkpoint-making.ts';
import type { Pool, Transaction } from '../store/connection.ts';
import { checkpointFormat, hashOf, textOf } from './audit/checkpoints/document.ts';
import { readSigner, type Signer } from './audit/checkpoints/keys.ts';
import { growTree } from './audit/checkpoints/merkle.ts';

interface CheckpointSweepOptions {
  pool: Pool;
  signer: Signer;
  clock: () => number;
  logger: Logger;
}

const everyMs = 60_000;
const hourMs = 3_600_000;
/** Accounts per look. */
const most = 500;

/**
 * One round: all that is due, but what another worker is making just now. Answers how many it made. An account for which none can
 * be made holds up no other.
 */
export async function sweepCheckpoints(options: CheckpointSweepOptions, stopping?: AbortSignal): Promise<number> {
  const hour = Math.floor(options.clock() / hourMs) * hourMs;
  let made = 0;
  for (;;) {
    const before = made;
    const accounts = await store.accountsToCheckpoint(options.pool, new Date(hour), most);
    for (const accountId of accounts) {
      while (stopping?.aborted !== true && (await tryNext(options, accountId, hour))) made += 1;
    }
    if (accounts.length < most || made === before || stopping?.aborted === true) return made;
  }
}

async function tryNext(options: CheckpointSweepOptions, accountId: string, hour: number): Promise<boolean> {
  return makeNext(options, accountId, hour).catch((error: unknown) => {
    options.logger.warn({ accountId, failure: failureOf(error) }, 'checkpoint not made');
    return false;
  });
}

/** The account's next one, up to this hour (epoch ms). False: there is none to make, or another worker is at it. */
async function makeNext(
  { pool, signer, clock }: CheckpointSweepOptions,
  accountId: string,
  upToHour: number,
): Promise<boolean> {
  return store.claimCheckpoint(pool, accountId, async (session) => {
    const found = await session.inAccount(accountId, (tx) => readDue(tx, accountId, upToHour));
    if (found === null) return false;
    const { no, hour, newest, reach, heads, recorded } = found;
    const tree = await between(growTree(heads));
    const document = textOf({
      format: checkpointFormat,
      accountId,
      no,
      hour: hour.toISOString(),
      madeAt: new Date(clock()).toISOString(),
      previous: newest === null ? '' : hashOf(newest.document),
      heads: heads.length,
      root: tree.root,
      ...recorded,
    });
    const signed = { document, keyId: signer.keyId, signature: signer.sign(document) };
    const proofOf = (place: number): string => tree.proofOf(place).join('');
    await store.insertCheckpoint(session, accountId, { no, hour, reach, heads, ...signed, proofOf });
    return true;
  });
}

/** What the next one is to say; null: none is due. */
async function readDue(tx: Transaction, accountId: string, upToHour: number) {
  const newest = await store.readNewestCheckpoint(tx, accountId);
  const hour = newest === null ? upToHour : newest.hour + hourMs;
  if (hour > upToHour) return null;
  // Before the heads are read: what commits in between is read again for the next one.
  const reach = await store.readReach(tx);
  const since = newest?.reach.systemId === reach.systemId ? newest.reach.upTo : null;
  const heads = await store.readHeadsSince(tx, accountId, since);
  const recorded = await store.countRecorded(tx, accountId);
  return { no: (newest?.no ?? 0) + 1, hour: new Date(hour), newest, reach, heads, recorded };
}

/** A worker has other things to do: conversations wait for their tasks, and for their activities. */
async function between<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

/** `key`: as settings have it. Without one none are made, and `baton verify` says so. Each sweeps until `stop` is awaited. */
export function startCheckpoints(key: string | undefined, options: Omit<CheckpointSweepOptions, 'signer'>): Sweep[] {
  const { logger } = options;
  if (key === undefined) {
    logger.warn('there is no BATON_CHECKPOINT_KEY: this worker signs no checkpoints');
    return [];
  }
  const signer = readSigner(key);
  logger.info({ keyId: signer.keyId }, 'checkpoints are signed');
  const round = (stopping: AbortSignal): Promise<number> => sweepCheckpoints({ ...options, signer }, stopping);
  return [startSweep({ name: 'checkpoint sweep', everyMs, logger, round })];
}
