/**
 * Offers a hand-over to an outside desk: its facts, the answers of the intake, and the history that was asked for, in
 * order. Before this a desk gets nothing of the dialog. All attempts have one key, so the desk opens it once.
 */
import type { Content } from '../adapters/contract/content.ts';
import type { DeskOffer, DeskPerson } from '../adapters/contract/desk.ts';
import { longestHistory } from '../adapters/words.ts';
import { inAccount, type Transaction } from '../store/connection.ts';
import { acceptDeskEvents } from '../store/desk-events.ts';
import { readDesk } from '../store/party-connection.ts';
import { handoverId, readOffer, type OfferFacts } from '../store/handovers.ts';
import { readIntakeAnswers } from '../store/intake.ts';
import { readDeskHistory, type DeskHistory } from '../store/desk-history.ts';
import { attemptMs } from '../workflows/conversation/attempt-limits.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { failed } from './attempt.ts';
import type { WorkActivities, WorkOf } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { callDesk } from './desk-call.ts';

type OpenAtDesk = WorkOf<'OpenAtDesk'>;

export function createOpenAtDesk(deps: WorkDependencies): WorkActivities['openAtDesk'] {
  return async (actor, work) => {
    const { accountId, conversationId } = actor;
    const { deskId, handover } = work;
    const { desk, offer } = await inAccount(deps.pool, accountId, async (tx) => ({
      desk: await readDesk(tx, accountId, deskId),
      offer: await offerOf(tx, actor, work),
    }));
    if (!offer) return failed({ class: 'permanent' });

    const key = `${conversationId}:h${handover}`;
    const limitMs = deps.limits?.sendMs ?? attemptMs;
    const opened = await callDesk(deps, { accountId, deskId, limitMs }, desk, (adapter, call) =>
      adapter.open(offer, key, call),
    );
    if (!opened.ok) return failed(opened);
    if (opened.refused) return { kind: 'refused' };
    if (opened.accepted) await noteAccepted(deps, actor, { deskId, id: offer.handoverId, ...opened.accepted });
    return { kind: 'opened' };
  };
}

/** Accepted in the answer itself: the same news as an event of its own, through the inbox, once. */
async function noteAccepted(
  { pool, clock }: WorkDependencies,
  { accountId }: ActorId,
  { deskId, id, person }: { deskId: string; id: string; person?: DeskPerson },
): Promise<void> {
  const item = { kind: 'accepted', externalId: `accepted:${id}`, handoverId: id, ...(person && { person }) } as const;
  await acceptDeskEvents(pool, { accountId, deskId, at: clock(), items: [item] });
}

async function offerOf(tx: Transaction, actor: ActorId, work: OpenAtDesk): Promise<DeskOffer | null> {
  const facts = await readOffer(tx, actor, work.requestId);
  if (!facts) return null;
  const { handover, deskId } = work;
  const intake = await readIntakeAnswers(tx, actor, handover);
  const wanted = lengthOf(facts.history);
  const limit = Math.min(wanted, longestHistory);
  const { lines, total } = limit === 0 ? nothing : await readDeskHistory(tx, actor, { deskId, handover, limit });
  return {
    handoverId: handoverId(actor.conversationId, handover),
    conversationId: actor.conversationId,
    ...wordsOf(facts),
    intake: intake.map(({ name, label, value }) => (label === null ? { name, value } : { name, label, value })),
    history: lines.map(({ id, author, content, at }) => ({
      id,
      author,
      content: content as Content,
      at: new Date(at).toISOString(),
    })),
    historyOmitted: Math.min(wanted, total) - lines.length,
  };
}

const nothing: DeskHistory = { lines: [], total: 0 };

/** Lines that were asked for. */
function lengthOf(history: OfferFacts['history']): number {
  if (history.kind === 'none') return 0;
  return history.kind === 'all' ? Infinity : Math.max(Math.trunc(history.count), 0);
}

function wordsOf({ contact, reason, skill, webstore, channelTag, priority, data }: OfferFacts) {
  const { id, name, phones, emails } = contact;
  return {
    contact: name === null ? { id, phones, emails } : { id, name, phones, emails },
    priority,
    data,
    ...(reason !== null && { reason }),
    ...(skill !== null && { skill }),
    ...(webstore !== null && { webstore }),
    ...(channelTag !== null && { channelTag }),
  };
}
