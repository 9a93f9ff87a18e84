/**
 * Is the record of a conversation what was recorded? The chain, the words, and the state that the actor goes on from;
 * and what nothing anchors yet.
 */
import type { StoredMessage } from '../../store/audit.ts';
import { verifyChain, type ChainReport, type Head, type Problem } from './chain.ts';
import { judgeCheckpoints, type CheckpointsReport } from './checkpoints/covering.ts';
import type { PublicKeys } from './checkpoints/keys.ts';
import type { Evidence } from './evidence.ts';
import { foldEvents, verifyFold, type FoldedEvent } from './fold.ts';
import { headsOf } from './histories.ts';
import type { StoredConversation } from './stored.ts';

export interface Verification {
  chain: ChainReport;
  words: { intact: number; /** Their words or their key are erased. */ erased: number; problems: Problem[] };
  fold: Problem[];
  histories: Problem[];
  checkpoints: Omit<CheckpointsReport, 'heads'>;
  /** Of the file that all this was read from. */
  file: Problem[];
  /** Events that no head elsewhere covers; null: none. */
  unanchored: { from: number; to: number } | null;
}

/** `kept`: heads in files that the reader has kept. `keys`: those that checkpoints may be signed with. */
export function verify(
  { stored, runs, checkpoints, problems }: Evidence,
  { kept, keys }: { kept: Head[]; keys: PublicKeys },
  folded: FoldedEvent[] = foldEvents(stored.events),
): Verification {
  const { heads, ...signed } = judgeCheckpoints(stored.id, checkpoints, keys);
  const chain = verifyChain(stored.events, stored.actor, [...runs.flatMap(headsOf), ...heads, ...kept]);
  const last = stored.events.at(-1)?.no ?? 0;
  return {
    chain,
    words: verifyWords(stored),
    fold: verifyFold(folded, stored.actor),
    histories: runs.flatMap((run) => run.problems),
    checkpoints: signed,
    file: problems,
    unanchored: chain.anchoredTo < last ? { from: chain.anchoredTo + 1, to: last } : null,
  };
}

export function problemsIn({ chain, words, fold, histories, checkpoints, file }: Verification): Problem[] {
  return [...chain.problems, ...words.problems, ...fold, ...histories, ...checkpoints.problems, ...file];
}

/** A message's words by its own digest, and that by the digest in the chain. */
function verifyWords({ events, messages }: StoredConversation): Verification['words'] {
  const chained = new Map(
    events.flatMap(({ messageId, digest, no }) => (messageId ? [[messageId, { digest, no }]] : [])),
  );
  const problems = messages.flatMap((message) => wordProblems(message, chained.get(message.id)));
  const gone = [...chained].filter(([id]) => !messages.some((message) => message.id === id));
  return {
    intact: messages.filter(({ intact }) => intact === true).length,
    erased: messages.filter(({ intact }) => intact === null).length,
    problems: [
      ...problems,
      ...gone.map(([id, { no }]) => ({ no, upTo: no, says: `its message ${id} is no longer there` })),
    ],
  };
}

function wordProblems(
  { id, intact, digest, content }: StoredMessage,
  chained: { digest: string | null; no: number } | undefined,
): Problem[] {
  const no = chained?.no ?? null;
  if (intact === false) return [{ no, upTo: no, says: `the words of message ${id} were changed` }];
  const erased = content === null && digest === null;
  if (chained && chained.digest !== digest && !erased) {
    return [{ no, upTo: no, says: `the digest of message ${id} is not the one in the chain` }];
  }
  return [];
}
