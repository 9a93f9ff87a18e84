/**
 * Is the record of a conversation what was recorded? The chain, the words, and the state that the actor goes on from;
 * and what nothing anchors yet.
 */
import type { StoredMessage } from '../../store/audit.ts';
import { verifyChain, type ChainReport, type Problem } from './chain.ts';
import { foldEvents, verifyFold, type FoldedEvent } from './fold.ts';
import { headsOf, type GatheredRun } from './histories.ts';
import type { StoredConversation } from './stored.ts';

export interface Verification {
  chain: ChainReport;
  words: { intact: number; /** Their words or their key are erased. */ erased: number; problems: Problem[] };
  fold: Problem[];
  histories: Problem[];
  /** Events that no head elsewhere covers; null: none. */
  unanchored: { from: number; to: number } | null;
}

export function verify(
  stored: StoredConversation,
  runs: GatheredRun[],
  folded: FoldedEvent[] = foldEvents(stored.events),
): Verification {
  const chain = verifyChain(stored.events, stored.actor, runs.flatMap(headsOf));
  const last = stored.events.at(-1)?.no ?? 0;
  return {
    chain,
    words: verifyWords(stored),
    fold: verifyFold(folded, stored.actor),
    histories: runs.flatMap(({ problems }) => problems),
    unanchored: chain.anchoredTo < last ? { from: chain.anchoredTo + 1, to: last } : null,
  };
}

export function problemsIn({ chain, words, fold, histories }: Verification): Problem[] {
  return [...chain.problems, ...words.problems, ...fold, ...histories];
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
