/** `baton verify`: is the record of a conversation what was recorded? Replays nothing, so it needs no workflow code. */
import { problemsIn } from '../../audit/verify.ts';
import { readKept } from '../files.ts';
import type { Io } from '../io.ts';
import { printVerification } from '../text/verification-text.ts';
import { inspect, type Subject } from './inspect.ts';

export interface VerifyOptions {
  json: boolean;
  /** Exported files, and folders of them, to hold the record against. */
  with: string[];
}

/** True where nothing is wrong. */
export async function verifyConversation(io: Io, subject: Subject, options: VerifyOptions): Promise<boolean> {
  const { evidence, verification } = await inspect(io, subject, (id) => readKept(options.with, id));
  const good = problemsIn(verification).length === 0;
  if (options.json)
    io.out(JSON.stringify({ ...evidence.stored.id, good, verification, toDelete: evidence.toDelete }, null, 2));
  else printVerification(io, evidence, verification);
  return good;
}
