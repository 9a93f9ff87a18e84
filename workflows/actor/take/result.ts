/** Takes what came of pending work; one that nothing comes of leaves no record. */
import type { Decider, Work } from '../decider.ts';
import type { Result } from '../mailbox.ts';
import type { Settle } from '../settle.ts';

/** False: an earlier try got further. Its state stands now, and the result is to be taken again. */
export async function takeResult<S, I, E extends { type: string; at: number }, W extends Work>(
  { decider, settle }: { decider: Decider<S, I, E, W>; settle: Settle<S, I, E> },
  { work, outcome }: Result<W>,
  at: number,
): Promise<boolean> {
  const { answer } = await settle({
    input: () => decider.onDone(work, outcome),
    at,
    cause: { kind: 'work', id: work.id },
    isRecorded: (decided) => decided.kind !== 'ignored',
  });
  return answer?.kind !== 'moved';
}
