/**
 * T0: the bare engine, in as few lines as do the like. A message is a signal, for which the workflow runs one local activity,
 * or two activities in a row as a bot's turn does; an action is an update that runs one local activity, and may set off more.
 */
import {
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

export interface BareActivities {
  note(id: number): Promise<void>;
  ask(id: number): Promise<void>;
  tell(id: number): Promise<void>;
}

const { note } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10 s' });
const { ask, tell } = proxyActivities<BareActivities>({ startToCloseTimeout: '10 s' });

export const message = (): Promise<void> => forEachMessage(note, () => continueAsNew<typeof message>());

export const turn = (): Promise<void> =>
  forEachMessage(
    async (id) => {
      await ask(id);
      await tell(id);
    },
    () => continueAsNew<typeof turn>(),
  );

async function forEachMessage(act: (id: number) => Promise<void>, again: () => Promise<never>): Promise<void> {
  const ids: number[] = [];
  setHandler(defineSignal<[number]>('message'), (id) => {
    ids.push(id);
  });
  for (;;) {
    await condition(() => ids.length > 0);
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) await act(id);
    if (workflowInfo().historyLength > 500) await again();
  }
}

/** A message that a bot says nothing to, and from then on nothing. */
export async function silence(): Promise<void> {
  let written: number | undefined;
  setHandler(defineSignal<[number]>('message'), (id) => {
    written = id;
  });
  await condition(() => written !== undefined);
  await note(-1);
  await ask(-1);
  await note(written ?? -1);
  await sleep('24 hours');
}

/** An action is answered once it is noted; one that sends goes on as ours does: it tells the outside, and notes that it did. */
export async function action(): Promise<void> {
  let out = 0;
  const toSend: number[] = [];
  const answer = async (id: number): Promise<void> => {
    out += 1;
    await note(id);
    out -= 1;
  };
  setHandler(defineUpdate<void, [number]>('action'), answer);
  setHandler(defineUpdate<void, [number]>('actionThatSends'), async (id) => {
    await answer(id);
    toSend.push(id);
  });
  for (;;) {
    await condition(() => toSend.length > 0 || (workflowInfo().historyLength > 500 && out === 0));
    const id = toSend.shift();
    if (id === undefined) await continueAsNew<typeof action>();
    else {
      await tell(id);
      await note(id);
    }
  }
}
