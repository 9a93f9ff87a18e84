/**
 * What has reached the actor and is not taken yet. Keeps one guarantee: inbox rows are taken in their places, without a
 * gap and without a repeat, whatever the courier sends twice, too early or after a restart.
 */
export interface Placed {
  seq: number;
  at: number;
}

export interface Letter<C, O> {
  command: C;
  name: string;
  /** When it came to this run, epoch ms: a command waits for its place, but not for ever. */
  cameAt: number;
  answer(outcome: O): void;
  /** A signal: nobody waits, so a rejection has to be recorded to be found. */
  unattended: boolean;
}

export interface Result<W> {
  work: W;
  outcome: unknown;
  /** When it came to this run, epoch ms. */
  cameAt: number;
}

export interface Mailbox<R extends Placed, C, W, O> {
  readonly letters: Letter<C, O>[];
  readonly results: Result<W>[];
  accept(rows: R[]): void;
  /** Rows that join on to `seq`, in order. */
  rowsAfter(seq: number, most: number): R[];
  /** Rows are here, but none of them joins on. */
  hasGapAfter(seq: number): boolean;
  /** Places in hand; null: none. */
  inHand(): { first: number; last: number } | null;
  forget(upTo: number): void;
  /** Drops all rows: they have been asked for again. */
  forgetRows(): void;
  isEmpty(seq: number): boolean;
}

export function createMailbox<R extends Placed, C, W, O>(): Mailbox<R, C, W, O> {
  const letters: Letter<C, O>[] = [];
  const results: Result<W>[] = [];
  /** Sorted by place, no place twice; batches overlap after a resend. */
  let rows: R[] = [];

  return {
    letters,
    results,
    accept(batch) {
      const last = rows.at(-1)?.seq ?? -1;
      if (batch.every((row) => row.seq > last)) {
        rows.push(...batch);
        return;
      }
      const known = new Set(rows.map((row) => row.seq));
      rows = [...rows, ...batch.filter((row) => !known.has(row.seq))].sort((a, b) => a.seq - b.seq);
    },
    rowsAfter(seq, most) {
      const start = rows.findIndex((row) => row.seq === seq + 1);
      if (start < 0) return [];
      const run: R[] = [];
      for (const row of rows.slice(start, start + most)) {
        if (row.seq !== seq + 1 + run.length) break;
        run.push(row);
      }
      return run;
    },
    hasGapAfter(seq) {
      const next = rows.find((row) => row.seq > seq);
      return next !== undefined && next.seq !== seq + 1;
    },
    inHand() {
      const [first, last] = [rows[0], rows.at(-1)];
      return first && last ? { first: first.seq, last: last.seq } : null;
    },
    forget(upTo) {
      const keep = rows.findIndex((row) => row.seq > upTo);
      rows = keep < 0 ? [] : rows.slice(keep);
    },
    forgetRows() {
      rows = [];
    },
    isEmpty(seq) {
      return letters.length === 0 && results.length === 0 && !rows.some((row) => row.seq > seq);
    },
  };
}
