/** Records made by hand, for tests of the transaction alone: one that changes nothing, and what a test lays over it. */
import { inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import type { DecisionRecord } from '../../store/record.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { projectConversation } from '../../workflows/conversation/project.ts';
import { required } from '../support/required.ts';

export const now = Date.UTC(2026, 10, 22, 9);

export function decision({ accountId, conversationId }: ActorId, over: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    account: accountId,
    conversation: conversationId,
    expected: 0,
    seq: 0,
    lastAt: now,
    now,
    state: JSON.stringify({ state: initialState, keys: [] }),
    format: 1,
    wakeAt: null,
    silentUntil: null,
    key: null,
    keyDigest: null,
    outcome: null,
    drafts: [],
    agents: [],
    release: null,
    claim: null,
    decline: [],
    policyVersion: null,
    groupId: null,
    expectSomebody: false,
    lockContact: null,
    refuseErased: false,
    expectBlocked: null,
    block: null,
    unblock: null,
    assignmentChanged: false,
    assignment: null,
    queueChanged: false,
    queue: null,
    row: { ...projectConversation(initialState) },
    messageAt: null,
    received: [],
    outbound: [],
    cancel: [],
    settle: [],
    discard: [],
    requests: [],
    intake: [],
    continued: [],
    events: [],
    park: [],
    ...over,
  };
}

/** The agent gets the chat, as by joining it. */
export function givenTo(agentId: string, over: Partial<NonNullable<DecisionRecord['claim']>> = {}) {
  return {
    agents: [agentId],
    claim: {
      agentId,
      override: false,
      online: true,
      present: false,
      groupId: null,
      botId: null,
      claimId: null,
      ...over,
    },
    assignmentChanged: true,
    assignment: { agentId, epoch: 1, override: over.override ?? false, since: now },
  } satisfies Partial<DecisionRecord>;
}

/** All that a record may write, as it stands: what a refused one leaves as it was. */
export function readAll(pool: Pool, { accountId }: ActorId): Promise<Record<string, unknown[]>> {
  return inAccount(pool, accountId, async (tx) => {
    const all: Record<string, unknown[]> = {};
    for (const table of written) all[table] = await rowsOf(tx, table, accountId);
    return all;
  });
}

const written = [
  'actors',
  'agents',
  'assignments',
  'claims',
  'contacts',
  'conversations',
  'domain_events',
  'group_marks',
  'idempotency',
  'inbox',
  'mailboxes',
  'messages',
  'outbound',
  'parked',
  'queue_entries',
];

async function rowsOf(tx: Transaction, table: string, accountId: string): Promise<unknown[]> {
  const { rows } = await tx.query<object>(`SELECT * FROM ${table} WHERE account_id = $1 ORDER BY 1, 2`, [accountId]);
  return rows;
}

export async function activeOf(pool: Pool, accountId: string, agentId: string): Promise<number> {
  const { rows } = await inAccount(pool, accountId, (tx) =>
    tx.query<{ active: number }>('SELECT active FROM agents WHERE account_id = $1 AND id = $2', [accountId, agentId]),
  );
  return required(rows[0]).active;
}
