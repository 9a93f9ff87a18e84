/**
 * Replays recorded histories against a workflow bundle, as a worker would, and tells what the code decided on the way.
 *
 * Temporal compares the order of what a workflow asks for: activities, timers, its end. It does not compare what a local
 * activity was asked, and the record is one, so a changed decision would pass. What the code wants recorded is therefore
 * read where it leaves the workflow (a payload codec, which sees the arguments of every activity beside its result), and
 * whoever has the events compares them.
 */
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import type { RecordAnswer, Recording } from '../workflows/actor/record.ts';
import type { ConversationEvent } from '../workflows/conversation/events.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';

export interface RunToReplay {
  workflowId: string;
  history: History;
}

/** What the replayed code wanted recorded, where the history says that it was. */
export interface Decision {
  version: number;
  eventNo: number;
  events: ConversationRecording['events'];
}

export interface Replayed<R extends RunToReplay> {
  run: R;
  /** Temporal's words for where code and history part; null: they don't. */
  parted: string | null;
  /** Up to where they part. */
  decisions: Decision[];
}

type ConversationRecording = Recording<ConversationState, ConversationEvent>;

/** One after another. Throws where the bundle can't be loaded. */
export async function* replayRuns<R extends RunToReplay>(
  code: string,
  runs: Iterable<R> | AsyncIterable<R>,
): AsyncGenerator<Replayed<R>> {
  const listener = createListener();
  const current: R[] = [];
  const options = { workflowBundle: { code }, dataConverter: { payloadCodecs: [listener.codec] } };
  const histories = async function* (): AsyncGenerator<R> {
    for await (const run of runs) {
      current.push(run);
      yield run;
    }
  };
  for await (const { error } of Worker.runReplayHistories(options, histories())) {
    const run = current.shift();
    if (run) yield { run, parted: error ? detailsOf(error) : null, decisions: listener.take() };
  }
}

interface Listener {
  codec: PayloadCodec;
  /** The decisions since the last call. */
  take(): Decision[];
}

function createListener(): Listener {
  const asked = new Map<string, ConversationRecording>();
  let decisions: Decision[] = [];
  return {
    codec: {
      encode(payloads, context) {
        const recording = context?.type === 'activity' ? recordingIn(payloads) : null;
        if (recording && context?.type === 'activity') asked.set(context.activityId ?? '', recording);
        return Promise.resolve(payloads);
      },
      decode(payloads, context) {
        const id = context?.type === 'activity' ? (context.activityId ?? '') : '';
        const recording = asked.get(id);
        if (recording) {
          asked.delete(id);
          const answer = valueOf(payloads[0]) as RecordAnswer<ConversationState> | undefined;
          if (answer?.kind === 'recorded') {
            decisions.push({ version: answer.version, eventNo: answer.eventNo, events: recording.events });
          }
        }
        return Promise.resolve(payloads);
      },
    },
    take() {
      const taken = decisions;
      decisions = [];
      asked.clear();
      return taken;
    },
  };
}

/** Of all activities only the record is asked with the version that was decided from. */
function recordingIn([, payload]: Payload[]): ConversationRecording | null {
  const value = valueOf(payload);
  return typeof value === 'object' && value !== null && 'expected' in value && 'events' in value
    ? (value as ConversationRecording)
    : null;
}

function valueOf(payload: Payload | undefined): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}

function detailsOf(error: Error): string {
  return error.message.replace(/^.*?Details: /s, '');
}
