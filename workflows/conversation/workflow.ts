/**
 * The conversation actor as a workflow: the pure core in the generic shell, wired to signals, updates and activities.
 *
 * Handlers are registered before the first await, so update-with-start finds them. Words never pass here: arguments,
 * signals, results and outcomes are ids, numbers and codes.
 */
import {
  ApplicationFailure,
  defineSignal,
  defineUpdate,
  makeContinueAsNewFunc,
  proxyActivities,
  proxyLocalActivities,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/contract.ts';
import { createActor, type Actor } from '../actor/actor.ts';
import { runActor, type RunState } from '../actor/run.ts';
import { conversationDecider } from './decider.ts';
import { commandNames, type Command, type Input, type Question } from './inputs.ts';
import {
  inboxSignal,
  moveUpdate,
  readBatch,
  rejectedFailure,
  runEndingFailure,
  staysFailure,
  type ActorId,
  type CommandPayload,
  type InboxRow,
  type Outcome,
} from './messages.ts';
import { outcomes } from './outcomes.ts';
import { perform } from './perform.ts';
import { readCommand } from './readable.ts';
import type { ConversationState } from './state.ts';

/** A run is replayed whole when its worker dies: about 0.3 ms of CPU an event. */
const runCap = 500;

// Postgres is near: a local activity costs one history event and no round trip to Temporal. When it is away, a normal
// activity waits for it, and no workflow task is held open meanwhile.
const near = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '8 seconds',
  retry: { initialInterval: '50 milliseconds', maximumAttempts: 3 },
});
const patient = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

const exporter = proxyActivities<Activities>({ startToCloseTimeout: '30 seconds', retry: { maximumAttempts: 3 } });

async function inPostgres<T>(
  call: (activities: Pick<Activities, 'load' | 'record' | 'readContext'>) => Promise<T>,
): Promise<T> {
  try {
    return await call(near);
  } catch {
    // Its failure is in the history by class and code. Whether it had committed shows when the next try is answered.
    return call(patient);
  }
}

export async function conversation(id: ActorId): Promise<void> {
  const actor = createActor({
    decider: conversationDecider,
    ports: {
      now: () => Date.now(),
      record: (recording) => inPostgres((activities) => activities.record(id, recording)),
      readContext: (question) => inPostgres((activities) => activities.readContext(id, question as Question)),
      askAgain: (seq) => patient.askAgain(id, seq),
      perform: (work) => perform(id, work),
    },
    answers: outcomes,
    claims: (event) => event.type === 'ConversationAssigned' && event.owner.kind === 'agent',
    mayLeaveBehind: (lane) => lane === 'ask',
    asInput: (command: Command): Input => command,
  });
  const run: RunState = { lastAnswerAt: -1, isEnding: false, isToMove: false, isExporting: false };
  listen(actor, run);

  const { runId } = workflowInfo();
  const loaded = await inPostgres((activities) => activities.load(id, { runId, inHand: actor.inHand() }));
  actor.load(loaded.actor, loaded.context);
  if (loaded.unexported !== null) void exportHistory(id, loaded.unexported, run);

  // A run stays with the build that began it; the next one begins with whichever build is to have it by then.
  const nextRun = makeContinueAsNewFunc<typeof conversation>({ initialVersioningBehavior: 'AUTO_UPGRADE' });
  await runActor(
    {
      actor,
      cap: runCap,
      hold: () => patient.holdCourier(id),
      release: () => patient.releaseCourier(id, { isHeld: true }),
      pass: () => patient.releaseCourier(id, { isHeld: false }),
      continueAsNew: () => nextRun(id),
    },
    run,
  );
}

/** What this run can't export, a sweep does. */
async function exportHistory(id: ActorId, runId: string, run: RunState): Promise<void> {
  run.isExporting = true;
  await exporter.exportHistory(id, runId).catch(() => undefined);
  run.isExporting = false;
}

type ConversationActor = Actor<ConversationState, InboxRow, Command, Outcome>;

function listen(actor: ConversationActor, run: RunState): void {
  for (const name of commandNames) {
    setHandler(defineSignal<[CommandPayload]>(name), (payload) => actor.signal(name, readCommand(name, payload)));
    setHandler(
      defineUpdate<Outcome, [CommandPayload]>(name),
      async (payload) => {
        const outcome = await actor.command(name, readCommand(name, payload));
        run.lastAnswerAt = workflowInfo().historyLength;
        return outcome;
      },
      {
        validator: (payload: CommandPayload) => {
          if (run.isEnding) throw refusal(runEndingFailure, runEndingFailure);
          const rejection = actor.preview(readCommand(name, payload));
          if (rejection) throw refusal(rejectedFailure, rejection.code, rejection);
        },
      },
    );
  }
  setHandler(defineUpdate(moveUpdate), () => moves(run), { validator: () => refuseWhereItStays(run) });
  // Last: whatever waits for a handler goes to the default one as soon as that is there, commands too.
  setDefaultSignalHandler((name, ...args) => {
    if (name !== inboxSignal) return;
    const batch = readBatch(args[0]);
    if (batch) actor.deliver(batch.rows);
  });
}

/** Temporal says in each task whether it would give a next run to another build. */
function refuseWhereItStays(run: RunState): void {
  if (run.isEnding) throw refusal(runEndingFailure, runEndingFailure);
  if (!workflowInfo().targetWorkerDeploymentVersionChanged) throw refusal(staysFailure, staysFailure);
}

// Only who is told moves. Temporal 1.31 says in some tasks that there is another build where there is none, namely in those
// that it hands out with the answer to the one before (https://github.com/temporalio/temporal/pull/10217): an actor that
// believed it would begin anew every few seconds.
function moves(run: RunState): void {
  run.isToMove = true;
  run.lastAnswerAt = workflowInfo().historyLength;
}

function refusal(type: string, message: string, ...details: unknown[]): ApplicationFailure {
  return ApplicationFailure.create({ type, message, details, nonRetryable: true });
}
