/** T0: the bare engine. A message is a signal; the workflow runs one local activity for it, and that is all. */
import {
  condition,
  continueAsNew,
  defineSignal,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

export interface BareActivities {
  note(id: number): Promise<void>;
}

const { note } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10 s' });

export async function bare(): Promise<void> {
  const ids: number[] = [];
  setHandler(defineSignal<[number]>('message'), (id) => {
    ids.push(id);
  });
  for (;;) {
    await condition(() => ids.length > 0);
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) await note(id);
    if (workflowInfo().historyLength > 500) await continueAsNew<typeof bare>();
  }
}
