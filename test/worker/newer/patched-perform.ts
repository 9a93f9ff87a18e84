import { patched } from '@temporalio/workflow';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { perform as performAsReleased } from '../../../workflows/conversation/perform.ts';
import type { ConversationWork } from '../../../workflows/conversation/work.ts';
import { perform as performAnew } from './perform.ts';

/** The same next release, with a patch at the shell's edge: what began without goes on without. */
export function perform(actor: ActorId, work: ConversationWork): ReturnType<typeof performAsReleased> {
  return patched('release-first') ? performAnew(actor, work) : performAsReleased(actor, work);
}
