import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../../activities/contract.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { perform as performAsReleased } from '../../../workflows/conversation/perform.ts';
import type { ConversationWork } from '../../../workflows/conversation/work.ts';

const { releaseCourier } = proxyActivities<Activities>({ startToCloseTimeout: '10 seconds' });

/** The next release does one thing more before it sends: Temporal refuses to go on with it where a run began without. */
export async function perform(actor: ActorId, work: ConversationWork): ReturnType<typeof performAsReleased> {
  if (work.kind === 'SendMessage') await releaseCourier(actor, { isHeld: true });
  return performAsReleased(actor, work);
}
