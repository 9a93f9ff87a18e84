/**
 * What a decision depends on beside its input and its state: the facts of a session's beginning, and those of the queue
 * that it may lead into. Read in one transaction, so that all numbers are of one version. A block that has expired is none.
 */
import type { Transaction } from './connection.ts';
import { firstTarget, readAvailability } from './handovers.ts';
import { effectivePolicy, readPolicy, type PolicyNumbers } from './policies.ts';
import { situationOf, targetsOf } from './routing.ts';
import type { Context, Question, Route } from '../workflows/conversation/inputs.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Target } from '../workflows/conversation/state.ts';

interface Facts {
  mode: Context['mode'];
  responsible: 'bot' | 'managers';
  botId: string | null;
  /** Of the session that runs, which stays what it was when the channel gets another. */
  sessionBotId: string | null;
  groupId: string | null;
  sessions: number;
  blockId: string | null;
  blockedUntil: number | null;
  /** null: the account has none of its own. */
  policy: PolicyNumbers | null;
}

/** `at`: epoch ms. Throws where there is no such conversation. */
export async function readContext(
  tx: Transaction,
  actor: ActorId,
  { target: wanted, orDefault = false }: Question,
  at: number,
): Promise<Context> {
  const facts = await readFacts(tx, actor);
  const policy = facts.policy ?? (await readPolicy(tx, actor.accountId, 'latest'));
  const managers = facts.responsible === 'managers' ? await managersRoute(tx, actor, { ...facts, policy }, at) : null;
  const botId = facts.sessionBotId ?? facts.botId;
  const target = wanted !== null && orDefault ? await standInFor(tx, actor, wanted, facts) : wanted;
  const blocked = facts.blockId !== null && (facts.blockedUntil === null || facts.blockedUntil > at);
  return {
    policy: effectivePolicy(policy, null),
    route: target && (await routeTo(tx, actor.accountId, target, { botId, stored: policy, at, deskOffline: false })),
    mode: facts.mode,
    // Managers of no group at all can't be asked: then the bot is, so that nobody's first message leads nowhere.
    responsible:
      managers === null ? { kind: 'bot' } : { kind: 'managers', requestId: nextRequest(facts), route: managers },
    botId: facts.botId,
    block: blocked && facts.blockId !== null ? { blockId: facts.blockId, expiresAt: facts.blockedUntil } : null,
  };
}

/** The request that a session with managers begins with; the record makes its row. */
function nextRequest({ sessions }: Facts): string {
  return `responsible:${sessions + 1}`;
}

async function managersRoute(
  tx: Transaction,
  { accountId }: ActorId,
  { groupId, botId, policy }: Pick<Facts, 'groupId' | 'botId'> & { policy: PolicyNumbers },
  at: number,
): Promise<Route | null> {
  const target = await usualTarget(tx, accountId, groupId);
  return target && routeTo(tx, accountId, target, { botId, stored: policy, at, deskOffline: false });
}

/** The target, or the one that who has no wishes goes to; where that isn't there either, the target all the same. */
async function standInFor(
  tx: Transaction,
  { accountId }: ActorId,
  target: Target,
  { groupId }: Pick<Facts, 'groupId'>,
): Promise<Target> {
  const there = await firstTarget(tx, accountId, [target]);
  return there ?? (await usualTarget(tx, accountId, groupId)) ?? target;
}

/** Of a channel with this group. null: nobody is there for it. */
async function usualTarget(tx: Transaction, accountId: string, groupId: string | null): Promise<Target | null> {
  const { routing } = await readPolicy(tx, accountId, 'latest');
  const noWishes = { groupId, deskId: null, skill: null, webstore: null, pageUrl: null, channelGroupId: null };
  return firstTarget(tx, accountId, targetsOf(noWishes, null, routing));
}

/** What a conversation that goes to this target has to know of it. Of a group that is not there: nothing; the record refuses it. */
export async function routeTo(
  tx: Transaction,
  accountId: string,
  target: Target,
  { botId, stored, at, deskOffline }: { botId: string | null; stored: PolicyNumbers; at: number; deskOffline: boolean },
): Promise<Route> {
  if (target.kind === 'desk') {
    return { target, situation: deskOffline ? 'all-offline' : null, policy: effectivePolicy(stored, null) };
  }
  const availability = await readAvailability(tx, accountId, target.groupId, botId, at);
  const situation = availability && situationOf(availability, at);
  return { target, situation, policy: effectivePolicy(stored, target.groupId) };
}

async function readFacts(tx: Transaction, { accountId, conversationId }: ActorId): Promise<Facts> {
  const { rows } = await tx.query<Facts>({
    name: 'read-context',
    text: `SELECT h.mode, h.responsible, h.bot_id AS "botId", c.bot_id AS "sessionBotId", h.group_id AS "groupId", c.session_no AS sessions,
                  k.block_id AS "blockId", ms_of(k.blocked_until) AS "blockedUntil",
                  (SELECT jsonb_build_object('version', version, 'numbers', numbers, 'groups', groups, 'form', form)
                   FROM policies p WHERE p.account_id = c.account_id ORDER BY version DESC LIMIT 1) AS policy
           FROM conversations c
             JOIN channels h ON h.account_id = c.account_id AND h.id = c.channel_id
             JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
           WHERE c.account_id = $1 AND c.id = $2`,
    values: [accountId, conversationId],
  });
  const [facts] = rows;
  if (!facts) throw new Error('unknown-conversation');
  return facts;
}
