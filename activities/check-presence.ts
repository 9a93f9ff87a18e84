/**
 * Is anybody there for this request? Our agents of its group, or the desk that it would go to, which is asked. A desk
 * hears facts of the request and nothing of the dialog. What fails is the core's to judge (it means offline).
 */
import { inAccount } from '../store/connection.ts';
import { readDesk, type PartyConnection } from '../store/party-connection.ts';
import { readAvailability } from '../store/handovers.ts';
import { failed } from './attempt.ts';
import type { OutcomeOf, WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { callDesk } from './desk-call.ts';
import { findDestination, type Destination } from './destination.ts';

const defaultPresenceMs = 5_000;
const nowhere = failed({ class: 'permanent' });

export function createCheckPresence(deps: WorkDependencies): WorkActivities['checkPresence'] {
  return async (actor, work) => {
    const { accountId } = actor;
    const found = await inAccount(deps.pool, accountId, async (tx) => {
      const destination = await findDestination(tx, actor, work.requestId);
      if (!destination) return null;
      const { target, request } = destination;
      if (target.kind === 'desk') {
        return { destination, deskId: target.deskId, desk: await readDesk(tx, accountId, target.deskId) };
      }
      return readAvailability(tx, accountId, target.groupId, request.botId, deps.clock());
    });
    if (!found) return nowhere;
    if ('online' in found) return { kind: 'checked', online: found.online > 0 };
    return askDesk(deps, accountId, found);
  };
}

async function askDesk(
  deps: WorkDependencies,
  accountId: string,
  { destination, deskId, desk }: { destination: Destination; deskId: string; desk: PartyConnection | null },
): Promise<OutcomeOf<'CheckPresence'>> {
  const { skill } = destination.request;
  const { webstore } = destination;
  const facts = { ...(skill !== null && { skill }), ...(webstore !== null && { webstore }) };
  const limitMs = deps.limits?.presenceMs ?? defaultPresenceMs;
  const answer = await callDesk(deps, { accountId, deskId, limitMs }, desk, (adapter, call) =>
    adapter.presence(facts, call),
  );
  return answer.ok ? { kind: 'checked', online: answer.online } : failed(answer);
}
