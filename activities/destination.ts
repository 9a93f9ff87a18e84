/** Where a request for a person would go, by its facts as they stand now. */
import type { Transaction } from '../store/connection.ts';
import { firstTarget, readRequest, type Request } from '../store/handovers.ts';
import { readPolicy, type StoredPolicy } from '../store/policies.ts';
import { targetsOf, webstoreOf } from '../store/routing.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Target } from '../workflows/conversation/state.ts';

export interface Destination {
  request: Request;
  /** The request's own, or by the visitor's page. */
  webstore: string | null;
  stored: StoredPolicy;
  target: Target;
}

/** null: nothing that exists fits, and the account has no default. */
export async function findDestination(tx: Transaction, actor: ActorId, requestId: string): Promise<Destination | null> {
  const request = await readRequest(tx, actor, requestId);
  if (!request) return null;
  const stored = await readPolicy(tx, actor.accountId, 'latest');
  const webstore = webstoreOf(request, stored.routing);
  const target = await firstTarget(tx, actor.accountId, targetsOf(request, webstore, stored.routing));
  return target && { request, webstore, stored, target };
}
