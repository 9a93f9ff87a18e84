/**
 * Fixes the two facts of a request, independent of each other: routing keyword and webstore. Then: where it goes, what
 * the customer is to be told, and the policy in force there. The same request gives the same facts however often it is
 * routed; the situation is that of the moment.
 */
import { inAccount } from '../store/connection.ts';
import { routeTo } from '../store/context.ts';
import { fixFacts } from '../store/handovers.ts';
import { failed } from './attempt.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { findDestination } from './destination.ts';

export function createRouteHandover({ pool, clock }: WorkDependencies): WorkActivities['routeHandover'] {
  return (actor, work) =>
    inAccount(pool, actor.accountId, async (tx) => {
      const destination = await findDestination(tx, actor, work.requestId);
      if (!destination) return failed({ class: 'permanent' });
      const { request, webstore, stored, target } = destination;
      const at = clock();
      await fixFacts(tx, actor, work.requestId, { webstore, at });
      const deskOffline = work.agentStatus === 'offline';
      const route = await routeTo(tx, actor.accountId, target, { botId: request.botId, stored, at, deskOffline });
      return { kind: 'routed', route };
    });
}
