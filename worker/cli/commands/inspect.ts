/** What `audit`, `verify` and `export` share: everything about one conversation, read, folded and verified. */
import { canonicalText } from '../../../store/chain.ts';
import type { Evidence } from '../../audit/evidence.ts';
import { foldEvents, type FoldedEvent } from '../../audit/fold.ts';
import { gatherHistory, type GatheredRun } from '../../audit/histories.ts';
import { readExportedRuns, readStored, type StoredRows } from '../../audit/stored.ts';
import { verify, type Verification } from '../../audit/verify.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { readConversation, type Kept } from '../files.ts';
import type { Io } from '../io.ts';
import { readCheckpointKeys } from '../public-keys.ts';
import { Unusable } from '../settings.ts';
import { withSurroundings, type Surroundings } from '../surroundings.ts';

/** Which conversation: one that is stored, or one in a file, for which neither server nor database is needed. */
export type Subject = { id: ActorId } | { file: string };

export interface Inspected {
  evidence: Evidence;
  folded: FoldedEvent[];
  verification: Verification;
}

/** `readKept`: what the reader has kept of it. */
export async function inspect(
  io: Io,
  subject: Subject,
  readKept: (id: ActorId) => Promise<Kept> = () => Promise.resolve({ heads: [], covering: [], withWords: [] }),
): Promise<Inspected> {
  const keys = readCheckpointKeys(io.env);
  const read = await readEvidence(io, subject);
  const kept = await readKept(read.stored.id);
  const evidence = withKept(read, kept);
  const folded = foldEvents(evidence.stored.events);
  return { evidence, folded, verification: verify(evidence, { kept: kept.heads, keys }, folded) };
}

/** What the reader has kept counts as what is at hand. */
export function withKept(evidence: Evidence, { covering, withWords }: Kept): Evidence {
  const { checkpoints, stored, toDelete } = evidence;
  const known = new Set(checkpoints.covering.map((one) => canonicalText(one)));
  const others = covering.filter((one) => !known.has(canonicalText(one)));
  const stale = withWords.filter(({ file }) => stored.card.erased && !toDelete.some((one) => one.file === file));
  return {
    ...evidence,
    checkpoints: { ...checkpoints, covering: [...checkpoints.covering, ...others] },
    toDelete: [...toDelete, ...stale],
  };
}

async function readEvidence(io: Io, subject: Subject): Promise<Evidence> {
  if ('file' in subject) return readConversation(subject.file);
  return withSurroundings(io.env, (surroundings) => gatherEvidence(surroundings, subject.id));
}

export async function gatherEvidence(surroundings: Surroundings, id: ActorId): Promise<StoredEvidence> {
  const evidence = await findEvidence(surroundings, id, { following: true });
  if (evidence === null) throw new Unusable(`The account has no conversation ${id.conversationId}.`);
  return evidence;
}

type StoredEvidence = Evidence & Pick<StoredRows, 'digestKey' | 'people'>;

/** Null where the account has no such conversation. `following`: the account's later checkpoints, too. */
export async function findEvidence(
  surroundings: Surroundings,
  id: ActorId,
  want: { following: boolean },
): Promise<StoredEvidence | null> {
  // Histories first: what is recorded meanwhile is then in the rows and not yet in a history, and not the other way round.
  const runs = await gatherRuns(surroundings, id);
  const rows = await readStored(surroundings.pool, id, want);
  return rows && { source: 'database', ...rows, runs, problems: [] };
}

export async function gatherRuns({ pool, fetchRunOf }: Surroundings, id: ActorId): Promise<GatheredRun[]> {
  const gathered: GatheredRun[] = [];
  for (const { run, exported } of await readExportedRuns(pool, id)) {
    gathered.push(await gatherHistory(run, exported, fetchRunOf && fetchRunOf(id)));
  }
  return gathered;
}
