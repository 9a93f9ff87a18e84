/**
 * What a recorded history says of the actor's decisions: the answer of each record, with the head of the chain at that
 * moment. Temporal wrote it as it happened, so it stands apart from the rows in Postgres.
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON, type History, type Payload } from '@temporalio/common/lib/proto-utils.js';

type HistoryEvent = NonNullable<History['events']>[number];

/** Where a record of this run left the actor: its own answer, or the row that it was told to go on from. */
export interface RecordedAnswer {
  /** Temporal's history event. */
  eventId: number;
  by: 'load' | 'record';
  kind: 'loaded' | 'recorded' | 'moved' | 'repeated';
  version: number;
  eventNo: number;
  head: string;
}

/** Throws where the text is not a history. */
export function parseHistory(text: string): History {
  return historyFromJSON(JSON.parse(text));
}

/** Text as stored by an export (`runs.history`) and in files of ours. */
export const unpackHistory = (compressed: Uint8Array): string => gunzipSync(compressed).toString('utf8');
export const sha256Of = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** In the order in which they happened. */
export function answersIn(history: History): RecordedAnswer[] {
  const scheduled = new Map<string, string>();
  return (history.events ?? []).flatMap((event) => {
    const { activityTaskScheduledEventAttributes: activity } = event;
    if (activity) scheduled.set(String(event.eventId), activity.activityType?.name ?? '');
    const answer = localAnswer(event) ?? patientAnswer(event, scheduled);
    return answer === null ? [] : [answer];
  });
}

export function headsIn(history: History): { eventNo: number; head: string; where: string }[] {
  return answersIn(history).map(({ eventNo, head, eventId }) => ({ eventNo, head, where: `history event ${eventId}` }));
}

export function workflowIdOf(history: History): string {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
}

export function runIdOf(history: History): string {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
}

/** Builds of the workers that wrote it, first to last. */
export function buildsIn(history: History): string[] {
  const builds = (history.events ?? []).map(
    ({ workflowTaskCompletedEventAttributes: done }) =>
      done?.deploymentVersion?.buildId || (done?.workerVersion?.buildId ?? ''),
  );
  return [...new Set(builds.filter((build) => build !== ''))];
}

/** A local activity: name and result stand in a marker. */
function localAnswer(event: HistoryEvent): RecordedAnswer | null {
  const marker = event.markerRecordedEventAttributes;
  if (marker?.markerName !== 'core_local_activity') return null;
  const about = decode(marker.details?.['data']?.payloads) as { activity_type?: string } | undefined;
  return answerOf(event, about?.activity_type, decode(marker.details?.['result']?.payloads));
}

/** A normal activity: Postgres was away when the local one was tried. */
function patientAnswer(event: HistoryEvent, scheduled: Map<string, string>): RecordedAnswer | null {
  const done = event.activityTaskCompletedEventAttributes;
  if (!done) return null;
  return answerOf(event, scheduled.get(String(done.scheduledEventId)), decode(done.result?.payloads));
}

interface Row {
  version: number;
  eventNo: number;
  head: string;
}

type Result =
  | { actor: Row }
  | ({ kind: 'recorded' } & Row)
  | { kind: 'moved' | 'repeated'; row: Row }
  | { kind: string };

/** Null where it is no record's, or failed: then it has no result. */
function answerOf(event: HistoryEvent, activity: string | undefined, result: unknown): RecordedAnswer | null {
  if (typeof result !== 'object' || result === null) return null;
  const eventId = Number(event.eventId);
  const said = result as Result;
  if (activity === 'load' && 'actor' in said) return { eventId, by: 'load', kind: 'loaded', ...rowOf(said.actor) };
  if (activity !== 'record' || !('kind' in said)) return null;
  if ('row' in said) return { eventId, by: 'record', kind: said.kind, ...rowOf(said.row) };
  return 'head' in said ? { eventId, by: 'record', kind: 'recorded', ...rowOf(said) } : null;
}

function rowOf({ version, eventNo, head }: Row): Row {
  return { version, eventNo, head };
}

function decode(payloads: Payload[] | null | undefined): unknown {
  const [payload] = payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
