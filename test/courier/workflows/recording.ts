/**
 * A stand-in for the conversation's actor that takes inbox rows as the real one does: only what joins on, asks again at a
 * gap, loads what is recorded when it starts, and completes when nothing is left to do.
 */
import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { ActorId, InboxBatch, InboxRow } from '../../../workflows/conversation/messages.ts';

export interface Books {
  /** Answers the last place that is recorded. `inHand`: the first place that came with the start. */
  load(actor: ActorId, inHand: number | null): Promise<number>;
  /** Records the rows if they join on to what is recorded; answers the last place that is. */
  record(actor: ActorId, rows: InboxRow[]): Promise<number>;
  askAgain(actor: ActorId, seq: number): Promise<void>;
}

const { load, record, askAgain } = proxyLocalActivities<Books>({ startToCloseTimeout: '10 s' });

export async function conversation(actor: ActorId): Promise<void> {
  let rows: InboxRow[] = [];
  setHandler(defineSignal<[InboxBatch]>('inbox'), (batch) => {
    rows.push(...batch.rows);
  });
  let seq = await load(actor, rows[0]?.seq ?? null);
  for (;;) {
    const joining: InboxRow[] = [];
    for (const row of rows.toSorted((a, b) => a.seq - b.seq)) {
      if (row.seq === seq + joining.length + 1) joining.push(row);
    }
    if (joining.length > 0) {
      seq = await record(actor, joining);
    } else if (rows.some((row) => row.seq > seq)) {
      rows = [];
      await askAgain(actor, seq);
    }
    rows = rows.filter((row) => row.seq > seq);
    if (rows.length === 0 && !(await condition(() => rows.length > 0, '200 ms'))) return;
  }
}
