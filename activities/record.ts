/**
 * The record activity: what was decided, as one transaction. Guarantees to the actor that all of it has happened when it
 * answers `recorded`, and nothing of it when it answers anything else.
 */
import { v7 as newId } from 'uuid';
import {
  unrecordable,
  type Caused,
  type RecordAnswer,
  type Recording,
  type StoredActor,
} from '../workflows/actor/record.ts';
import type { ConversationEvent } from '../workflows/conversation/events.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';
import { actorFormat, packState, unpackState } from '../store/actor-state.ts';
import { canonicalText } from '../store/chain.ts';
import type { Pool } from '../store/connection.ts';
import { messageDrafts } from '../store/drafts.ts';
import { refusesValues } from '../store/failures.ts';
import { readModel } from '../store/read-model.ts';
import { recordDecision, type ActorRow, type DecisionRecord } from '../store/record.ts';
import { capacityOf } from './recording/capacity.ts';
import { blocksOf } from './recording/blocks.ts';
import { contactOf } from './recording/contact.ts';
import { policyVersionOf } from './recording/policy.ts';
import { wordsOf, type NoticeWriter } from './recording/words.ts';

export type ConversationRecording = Recording<ConversationState, ConversationEvent>;

export interface RecordDependencies {
  pool: Pool;
  notices: NoticeWriter;
  clock: () => number;
}

export function createRecord({ pool, notices, clock }: RecordDependencies) {
  return async (actor: ActorId, recording: ConversationRecording): Promise<RecordAnswer<ConversationState>> => {
    const record = await recordOf(actor, recording, notices, clock());
    const answer = await recordDecision(pool, record).catch(refusedValues);
    if (answer.kind === 'moved') return { kind: 'moved', row: storedActor(answer.row) };
    if (answer.kind === 'repeated') return { kind: 'repeated', outcome: answer.outcome, row: storedActor(answer.row) };
    return answer;
  };
}

/**
 * Values that Postgres refuses (an id that is none, from whoever signals an actor by hand) it would refuse for ever: the
 * input is parked, and the others go on. Any other failure passes, and what failed is repeated.
 */
function refusedValues(error: unknown): { kind: 'refused'; code: string } {
  if (refusesValues(error)) return { kind: 'refused', code: unrecordable };
  throw error;
}

/** The row as the shell goes on from it. */
export function storedActor(row: ActorRow): StoredActor<ConversationState> {
  const { version, seq, eventNo, head, lastAt } = row;
  return { version, seq, eventNo, head, lastAt, ...unpackState(row.state, row.format) };
}

async function recordOf(
  actor: ActorId,
  recording: ConversationRecording,
  notices: NoticeWriter,
  now: number,
): Promise<DecisionRecord> {
  const { before, after } = recording;
  const events = recording.events.map((caused) => caused.event);
  return {
    account: actor.accountId,
    conversation: actor.conversationId,
    expected: recording.expected,
    seq: recording.seq,
    lastAt: recording.lastAt,
    now,
    state: packState(after, recording.keys),
    format: actorFormat,
    wakeAt: recording.wakeAt,
    silentUntil: recording.silentUntil,
    key: recording.command?.key ?? null,
    keyDigest: recording.command?.digest ?? null,
    outcome: recording.command?.outcome ?? null,
    drafts: draftsOf(actor, recording),
    ...capacityOf(before, after, events),
    policyVersion: policyVersionOf(events),
    ...contactOf(recording, blocksOf(after, events)),
    row: { ...readModel(after) },
    ...(await wordsOf(actor, after, events, notices)),
    events: recording.events.map((caused) => storedEvent(caused, after)),
    park: recording.parked.map(({ seq, error }) => ({ id: newId(), seq, error })),
  };
}

/** A command that comes without a digest comes from somebody whose drafts are not known here. */
function draftsOf({ accountId }: ActorId, { command }: ConversationRecording): string[] {
  const { key, digest = null } = command ?? {};
  return key === undefined || digest === null ? [] : messageDrafts(accountId, { key, digest });
}

function storedEvent(
  { event, cause }: Caused<ConversationEvent>,
  after: ConversationState,
): DecisionRecord['events'][number] {
  const data = canonicalText({ event, cause, policy: after.policy.version });
  return { type: event.type, at: event.at, data, messageId: messageOf(event) };
}

/** The message that an event is about: its digest is chained. */
function messageOf(event: ConversationEvent): string | null {
  if (event.type === 'CustomerMessageAccepted') return event.messageId;
  if (event.type === 'MessageQueued' && event.what.kind === 'message') return event.what.messageId;
  return null;
}
