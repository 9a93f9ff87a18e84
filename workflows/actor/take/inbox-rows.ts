/** Takes inbox rows in their places, as many as can be recorded at once; one that is refused is settled by itself. */
import type { Decider, DeadlineOf, Work } from '../decider.ts';
import { applyTo, askSafely, decideSafely, type Draft } from '../draft.ts';
import type { Due } from '../due.ts';
import type { Journal } from '../journal.ts';
import type { Placed } from '../mailbox.ts';
import { contextChanged, type Settle } from '../settle.ts';
import { takeDeadline } from './deadline.ts';

export interface RowTaking<S, I, E extends { type: string; at: number }, W extends Work> {
  decider: Decider<S, I, E, W>;
  journal: Journal<S, I, E>;
  due: Due;
  settle: Settle<S, I, E>;
  /** A decision with such an event takes a place of an agent: it is recorded alone. */
  claims(event: E): boolean;
}

/** `rows`: what joins on to what has been taken; not empty. */
export async function takeRows<S, I, E extends { type: string; at: number }, W extends Work, R extends Placed & I>(
  shell: RowTaking<S, I, E, W>,
  rows: R[],
): Promise<void> {
  const { journal, due, settle } = shell;
  const { draft, deadline } = await draftRun(shell, rows);
  const [first] = rows;
  if (!first) return;
  if (draft.taken === 0) {
    if (deadline) await takeDeadline(shell, deadline);
    return;
  }
  const answer = await journal.commit(draft);
  due.rowsCame();
  if (answer.kind !== 'refused') return;
  // Which row of the run was refused is not said: they are decided one by one from here, and the first may go through.
  const refusal = draft.taken === 1 && answer.code !== contextChanged ? { refusal: answer.code } : {};
  const at = Math.max(first.at, journal.stored.lastAt);
  await settle({ input: () => first, at, cause: { kind: 'inbox', seq: first.seq }, ...refusal });
}

/** A run of rows, up to a deadline that is due first, a decision that makes a claim, or one that needs facts. */
async function draftRun<S, I, E extends { type: string; at: number }, W extends Work, R extends Placed & I>(
  { decider, journal, due, claims }: RowTaking<S, I, E, W>,
  rows: R[],
): Promise<{ draft: Draft<S, E>; deadline: DeadlineOf | null }> {
  const draft = journal.draft();
  for (const row of rows) {
    const isFirst = draft.taken === 0;
    const at = Math.max(row.at, draft.lastAt);
    const deadline = due.before(decider.deadlines(draft.state), at, row);
    if (deadline) return { draft, deadline };
    // Facts are read for the state as it stands; mid-run the row waits for the next run.
    if (!isFirst && needsFacts(decider, draft.state, row)) break;
    const asked = isFirst
      ? await journal.withContext(() => row)
      : askSafely(() => decider.inRun(row, journal.stored.seq + 1));
    const decided = asked.kind === 'threw' ? asked : decideSafely(decider, draft.state, asked.value, at);
    const isClaim = decided.kind === 'accepted' && decided.events.some(claims);
    if (isClaim && !isFirst) break;
    applyTo(draft, decided, { kind: 'inbox', seq: row.seq }, at);
    if (isClaim) break;
  }
  return { draft, deadline: null };
}

/** Where the core throws at the question, the row waits for the next run too, and is parked as the first of it. */
function needsFacts<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  state: S,
  row: I,
): boolean {
  const asked = askSafely(() => decider.needsContext(state, row));
  return asked.kind === 'threw' || asked.value !== null;
}
