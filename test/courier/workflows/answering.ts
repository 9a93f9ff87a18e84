/** A stand-in for the conversation's actor that answers commands, and ends its runs in the most unpleasant moments. */
import { HandlerUnfinishedPolicy } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import { rejectedFailure, type ActorId } from '../../../workflows/conversation/messages.ts';

/** What a test asks for in a command's key, up to its first dash. */
export type Wish =
  | 'plain'
  | 'reject'
  | 'throw'
  | 'hang'
  | 'complete'
  | 'renew'
  | 'accept then complete'
  | 'accept then renew';

export interface Books {
  /** Notes a command once by its key, and answers what was noted first. */
  note(name: string, key: string): Promise<number>;
}

const books = proxyLocalActivities<Books>({ startToCloseTimeout: '10 s' });

export async function conversation(actor: ActorId): Promise<void> {
  let end: 'complete' | 'renew' | null = null;
  let atOnce = false;

  const take = async (name: string, { key }: { key: string }): Promise<unknown> => {
    const wish = key.split('-')[0] as Wish;
    if (wish === 'throw') throw ApplicationFailure.nonRetryable('thrown', 'Thrown');
    if (wish === 'hang') await condition(() => false);
    const version = await books.note(name, key);
    if (wish.endsWith('complete')) end = 'complete';
    if (wish.endsWith('renew')) end = 'renew';
    // Only its first time: sent again, it is answered.
    if (wish.startsWith('accept') && version > 0) {
      atOnce = true;
      await condition(() => false);
    }
    return { ok: true, version: Math.abs(version) };
  };

  for (const name of ['Resolve', 'Join'] as const) {
    setHandler(defineUpdate<unknown, [{ key: string }]>(name), (payload) => take(name, payload), {
      // Runs that end with a command in hand are what this is about.
      unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON,
      validator({ key }: { key: string }) {
        if (!key.startsWith('reject-')) return;
        throw ApplicationFailure.create({
          type: rejectedFailure,
          nonRetryable: true,
          details: [{ code: 'taken', reason: 'Somebody has it.', allowed: [] }],
        });
      },
    });
    setHandler(defineSignal<[{ key: string }]>(name), async (payload) => {
      await take(name, payload);
    });
  }
  setHandler(defineSignal('inbox'), () => undefined);

  await condition(() => end !== null && (atOnce || allHandlersFinished()));
  if (end === 'renew') await continueAsNew<typeof conversation>(actor);
}
