/** The rows that people look at, held against the states that the actors go on from: by the core's own rules, page by page. */
import { deadlines } from '../workflows/conversation/deadlines.ts';
import { pending } from '../workflows/conversation/pending.ts';
import { projectConversation } from '../workflows/conversation/project.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';
import { shownState } from './actor-state.ts';
import { canonicalText } from './chain.ts';
import type { Transaction } from './connection.ts';
import { readModel } from './read-model.ts';

export interface WrongRow {
  invariant: 'row-shows-state' | 'owner-is-assigned' | 'queued-has-entry' | 'woken-in-time';
  id: string;
}

interface Shown {
  id: string;
  state: unknown;
  format: number;
  wakeAt: number | null;
  lastAt: number;
  row: Record<string, unknown>;
  assignment: object | null;
  entry: object | null;
}

/** Conversations read by one statement, and so of one instant each. */
const page = 500;

/** A row of a format that this build can't read is passed over: the build that can will look at it. */
export async function readWrongRows(tx: Transaction, accountId: string): Promise<WrongRow[]> {
  const wrong: WrongRow[] = [];
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await readPage(tx, accountId, after);
    for (const shown of rows) {
      const state = shownState(shown.state, shown.format);
      if (state !== null) wrong.push(...wrongOf(shown, state).map((invariant) => ({ invariant, id: shown.id })));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < page) return wrong;
    after = last.id;
  }
}

function wrongOf(shown: Shown, state: ConversationState): WrongRow['invariant'][] {
  const checks: Record<WrongRow['invariant'], boolean> = {
    'row-shows-state': shows(shown.row, { ...readModel(state) }),
    'owner-is-assigned': isSame(shown.assignment, assignmentOf(state)),
    'queued-has-entry': isSame(shown.entry, entryOf(state)),
    'woken-in-time': isWokenInTime(shown, state),
  };
  return (Object.keys(checks) as WrongRow['invariant'][]).filter((invariant) => !checks[invariant]);
}

/** Whatever is open has a time at which somebody looks after it: its nearest deadline, or when the first of a lane may be done. */
function isWokenInTime({ wakeAt, lastAt }: Shown, state: ConversationState): boolean {
  const work = pending(state);
  const heads = work.filter(({ lane }, place) => work.findIndex((one) => one.lane === lane) === place);
  const due = [...deadlines(state).map(({ at }) => at), ...heads.map((head) => Math.max(lastAt, head.notBeforeAt))];
  return wakeAt === null ? due.length === 0 : due.every((at) => wakeAt <= at);
}

function assignmentOf(state: ConversationState): object | null {
  const { agentId, override, epoch } = projectConversation(state);
  return agentId === null ? null : { agentId, override, epoch };
}

function entryOf(state: ConversationState): object | null {
  const { queue, epoch } = projectConversation(state);
  return queue === null ? null : { entry: queue.entry, epoch, groupId: queue.groupId, deskId: queue.deskId };
}

/** Every column that is read is as the state has it. */
function shows(row: Record<string, unknown>, model: Record<string, unknown>): boolean {
  return Object.entries(row).every(([name, value]) => isSame(value, model[name]));
}

/** Whatever the order of their members. */
function isSame(one: unknown, other: unknown): boolean {
  return canonicalText(one) === canonicalText(other);
}

async function readPage(tx: Transaction, accountId: string, after: string): Promise<Shown[]> {
  const { rows } = await tx.query<Shown>({
    name: 'shown-states',
    text: `SELECT c.id, t.state, t.format, ms_of(t.wake_at) AS "wakeAt", ms_of(t.last_at) AS "lastAt",
        jsonb_build_object('phase', c.phase, 'holderKind', c.holder_kind, 'holderId', c.holder_id, 'epoch', c.epoch,
          'sessionNo', c.session_no, 'sessionEndsAt', ms_of(c.session_ends_at), 'locked', c.locked,
          'windowClosedAt', ms_of(c.window_closed_at), 'handoverNo', c.handover_no, 'requestId', c.request_id,
          'botId', c.bot_id, 'groupId', c.group_id, 'deskId', c.desk_id, 'agentId', c.agent_id, 'priority', c.priority,
          'waitingSince', ms_of(c.waiting_since), 'resolvedAt', ms_of(c.resolved_at), 'archived', c.archived,
          'policyVersion', c.policy_version, 'tagIds', c.tag_ids) AS row,
        (SELECT jsonb_build_object('agentId', agent_id, 'override', override, 'epoch', epoch) FROM assignments
         WHERE account_id = $1 AND conversation_id = c.id) AS assignment,
        (SELECT jsonb_build_object('entry', entry, 'epoch', epoch, 'groupId', group_id, 'deskId', desk_id)
         FROM queue_entries WHERE account_id = $1 AND conversation_id = c.id) AS entry
      FROM conversations c JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
      WHERE c.account_id = $1 AND c.id > $2 AND t.state IS NOT NULL ORDER BY c.id LIMIT $3`,
    values: [accountId, after, page],
  });
  return rows;
}
