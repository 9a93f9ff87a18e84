/** An account's checkpoints, one after another: each signed, each after the one that it names, none with less than before. */
import type { CheckpointRow } from '../../../store/checkpoints.ts';
import type { Problem } from '../chain.ts';
import { hashOf, parseDocument, type CheckpointDocument } from './document.ts';
import { isSignedBy, type PublicKeys } from './keys.ts';

/** Without any key nothing can be said of signatures. */
export function signatureProblem(
  { document: text, keyId, signature }: CheckpointRow,
  { hour }: CheckpointDocument,
  keys: PublicKeys,
): Problem | null {
  if (keys.size === 0) return null;
  const key = keys.get(keyId);
  if (!key) return says(`the checkpoint of ${hour} is signed with the key ${keyId}, which is not known here`);
  return isSignedBy(key, text, signature) ? null : says(`the signature of the checkpoint of ${hour} is wrong`);
}

/** Each says which was before it, and how much there was. */
export function rowProblems(rows: CheckpointRow[], keys: PublicKeys): Problem[] {
  return rows.flatMap((row, index) => {
    const document = parseDocument(row.document);
    if (document === null) return [says('a checkpoint of the account can not be read')];
    const before = rows[index - 1];
    return [signatureProblem(row, document, keys), before ? orderProblem(document, before) : null].flatMap(
      (problem) => problem ?? [],
    );
  });
}

function orderProblem(
  { previous, hour, conversations, events }: CheckpointDocument,
  before: CheckpointRow,
): Problem | null {
  if (previous !== hashOf(before.document)) {
    return says(`the checkpoint before that of ${hour} is missing, or not the one that it follows`);
  }
  const last = parseDocument(before.document);
  if (last === null || (events >= last.events && conversations >= last.conversations)) return null;
  return says(`at the checkpoint of ${hour} the account had fewer events or conversations than at the one before`);
}

/** Of all that an account has. */
export function beginProblem([first]: CheckpointRow[]): Problem | null {
  const document = parseDocument(first?.document ?? '');
  if (document === null || document.previous === '') return null;
  return says(`the checkpoints before that of ${document.hour} are missing`);
}

/** `stored`: heads that stand with a checkpoint. One that is missing may have been of a conversation that is, too. */
export function headsProblem({ document: text, stored }: CheckpointRow & { stored: number }): Problem | null {
  const document = parseDocument(text);
  if (document === null || document.heads === stored) return null;
  return says(`of the ${document.heads} heads of the checkpoint of ${document.hour} ${stored} are there`);
}

const says = (text: string): Problem => ({ no: null, upTo: null, says: text });
