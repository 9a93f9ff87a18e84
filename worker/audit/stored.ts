/** All that is known of one conversation, read in one moment: what an audit tells, verifies and replays. */
import * as audit from '../../store/audit.ts';
import { readCheckpointsFrom, readCoveringCheckpoints } from '../../store/checkpoints.ts';
import type { Pool } from '../../store/connection.ts';
import { readPeople, readStaleExports, type People, type StaleExport } from '../../store/exports.ts';
import { readEvents, type StoredEvent } from '../../store/event-log.ts';
import { readRunHistory, readRuns, type Run } from '../../store/runs.ts';
import { inSnapshot } from '../../store/snapshot.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { CheckpointEvidence } from './checkpoints/covering.ts';

export interface StoredConversation {
  id: ActorId;
  card: audit.ConversationCard;
  actor: audit.StoredActorRow | null;
  events: StoredEvent[];
  messages: audit.StoredMessage[];
  inputs: audit.ReceivedInput[];
  parked: audit.ParkedInput[];
  requests: audit.AskedHandover[];
  answers: audit.IntakeAnswer[];
  blocks: audit.StoredBlock[];
  /** By id. */
  names: Record<string, string>;
}

export interface StoredRows {
  stored: StoredConversation;
  checkpoints: CheckpointEvidence;
  /** Of the digests of its words, hex; null: erased. */
  digestKey: string | null;
  people: People;
  /** Files with words that were erased since. */
  toDelete: StaleExport[];
}

/** Null where the account has no such conversation. `following`: the account's later checkpoints, too. */
export function readStored(pool: Pool, id: ActorId, { following }: { following: boolean }): Promise<StoredRows | null> {
  const { accountId, conversationId } = id;
  return inSnapshot(pool, accountId, async (tx) => {
    const card = await audit.readCard(tx, accountId, conversationId);
    const people = await readPeople(tx, id);
    if (card === null || people === null) return null;
    const events = await readEvents(tx, accountId, conversationId);
    const messages = await audit.readMessages(tx, accountId, conversationId);
    const inputs = await audit.readInputs(tx, accountId, conversationId);
    const stored = {
      id,
      card,
      actor: await audit.readActorRow(tx, accountId, conversationId),
      events,
      messages,
      inputs,
      parked: await audit.readParkedInputs(tx, accountId, conversationId),
      requests: await audit.readHandoverRequests(tx, accountId, conversationId),
      answers: await audit.readIntakeAnswers(tx, accountId, conversationId),
      blocks: await audit.readBlocks(tx, accountId, card.contactId),
      names: await audit.readNames(tx, accountId, idsIn(events, messages, inputs)),
    };
    return {
      stored,
      checkpoints: {
        covering: await readCoveringCheckpoints(tx, accountId, conversationId),
        following: following ? await readCheckpointsFrom(tx, accountId, conversationId) : null,
      },
      digestKey: await audit.readDigestKey(tx, accountId, card.contactId),
      people,
      toDelete: await readStaleExports(tx, accountId, conversationId),
    };
  });
}

/** Oldest first, with the exported history of each: gzip of Temporal's JSON, null where it is not exported. */
export function readExportedRuns(
  pool: Pool,
  { accountId, conversationId }: ActorId,
): Promise<{ run: Run; exported: Buffer | null }[]> {
  return inSnapshot(pool, accountId, async (tx) => {
    const exported = [];
    for (const run of await readRuns(tx, accountId, conversationId)) {
      exported.push({ run, exported: await readRunHistory(tx, accountId, conversationId, run.runId) });
    }
    return exported;
  });
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Whatever may have a name. */
function idsIn(events: StoredEvent[], messages: audit.StoredMessage[], inputs: audit.ReceivedInput[]): string[] {
  const texts = [
    ...events.map(({ data }) => data),
    ...messages.map(({ authorId }) => authorId ?? ''),
    ...inputs.map(({ payload }) => JSON.stringify(payload)),
  ];
  return [...new Set(texts.flatMap((text) => text.match(uuid) ?? []))];
}
