/**
 * Which checkpoints hold a conversation's heads, and can they be believed? Nobody makes one without the private key, and what
 * one signs covers every event up to the head in it; where one was taken away, the next one says so, unless it was the newest.
 */
import type { CheckpointRow, CoveringCheckpoint } from '../../../store/checkpoints.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import type { Head, Problem } from '../chain.ts';
import { parseDocument } from './document.ts';
import type { PublicKeys } from './keys.ts';
import { leafOf, rootFrom } from './merkle.ts';
import { rowProblems, signatureProblem } from './row.ts';

export interface CheckpointEvidence {
  covering: CoveringCheckpoint[];
  /** The account's checkpoints from the first of those on, up to the newest; null: not at hand. */
  following: CheckpointRow[] | null;
}

export interface CheckpointsReport {
  heads: Head[];
  problems: Problem[];
  /** Of checkpoints that hold a head of the conversation. */
  hours: string[];
  /** Keys that signed them and are not known to the reader, who therefore can't say whether they did. */
  unknownKeys: string[];
  /** The account's newest, wherever it has got to; null: not at hand, or there is none. ISO. */
  newest: string | null;
}

export function judgeCheckpoints(
  id: ActorId,
  { covering, following }: CheckpointEvidence,
  keys: PublicKeys,
): CheckpointsReport {
  const judged = covering.map((one) => judgeOne(id, one, keys));
  return {
    heads: judged.flatMap(({ head }) => head ?? []),
    problems: [...judged.flatMap(({ problem }) => problem ?? []), ...rowProblems(following ?? [], keys)],
    hours: judged.flatMap(({ hour }) => hour ?? []),
    unknownKeys: [...new Set(keys.size === 0 ? covering.map(({ keyId }) => keyId) : [])],
    newest: parseDocument(following?.at(-1)?.document ?? '')?.hour ?? null,
  };
}

interface Judged {
  hour?: string;
  head?: Head;
  problem?: Problem;
}

function judgeOne({ accountId, conversationId }: ActorId, one: CoveringCheckpoint, keys: PublicKeys): Judged {
  const { eventNo, head, place } = one;
  const document = parseDocument(one.document);
  if (document === null) return { problem: says('a checkpoint that holds a head of it can not be read') };
  const { hour } = document;
  const where = `the checkpoint of ${hour}`;
  if (document.accountId !== accountId) return { hour, problem: says(`${where} is another account's`) };
  const root = rootFrom(
    leafOf({ conversationId, eventNo, head }),
    { place, leaves: document.heads },
    hashesIn(one.proof),
  );
  if (root !== document.root) return { hour, problem: says(`${where} does not hold the head of event ${eventNo}`) };
  const problem = signatureProblem(one, document, keys);
  if (problem) return { hour, problem };
  return keys.size === 0 ? { hour } : { hour, head: { eventNo, head, where, by: 'checkpoint' } };
}

const hashesIn = (proof: string): string[] => proof.match(/.{64}/g) ?? [];
const says = (text: string): Problem => ({ no: null, upTo: null, says: text });
