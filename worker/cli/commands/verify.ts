/** `baton verify`: is the record of a conversation what was recorded? Replays nothing, so it needs no workflow code. */
import { problemsIn } from '../../audit/verify.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import type { Io } from '../io.ts';
import { withSurroundings } from '../surroundings.ts';
import { printVerification } from '../text/verification-text.ts';
import { inspect } from './inspect.ts';

/** True where nothing is wrong. */
export async function verifyConversation(io: Io, id: ActorId, { json }: { json: boolean }): Promise<boolean> {
  const { stored, runs, verification } = await withSurroundings(io.env, (surroundings) => inspect(surroundings, id));
  const good = problemsIn(verification).length === 0;
  if (json) io.out(JSON.stringify({ ...stored.id, good, verification }, null, 2));
  else printVerification(io, stored, runs, verification);
  return good;
}
