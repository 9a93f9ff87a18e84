/** What `audit` and `verify` share: everything about one conversation, read, folded and verified. */
import { gatherHistory, type GatheredRun } from '../../audit/histories.ts';
import { foldEvents, type FoldedEvent } from '../../audit/fold.ts';
import { readExportedRuns, readStored, type StoredConversation } from '../../audit/stored.ts';
import { verify, type Verification } from '../../audit/verify.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { Unusable } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';

export interface Inspected {
  stored: StoredConversation;
  folded: FoldedEvent[];
  runs: GatheredRun[];
  verification: Verification;
}

export async function inspect(surroundings: Surroundings, id: ActorId): Promise<Inspected> {
  // Histories first: what is recorded meanwhile is then in the rows and not yet in a history, and not the other way round.
  const runs = await gatherRuns(surroundings, id);
  const stored = await readStored(surroundings.pool, id);
  if (stored === null) throw new Unusable(`The account has no conversation ${id.conversationId}.`);
  const folded = foldEvents(stored.events);
  return { stored, folded, runs, verification: verify(stored, runs, folded) };
}

export async function gatherRuns({ pool, fetchRunOf }: Surroundings, id: ActorId): Promise<GatheredRun[]> {
  const gathered: GatheredRun[] = [];
  for (const { run, exported } of await readExportedRuns(pool, id)) {
    gathered.push(await gatherHistory(run, exported, fetchRunOf && fetchRunOf(id)));
  }
  return gathered;
}
