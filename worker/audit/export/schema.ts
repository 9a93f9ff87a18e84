/**
 * The file of one conversation, `baton-conversation/2`: all that is needed to read, verify and replay it with no server and no
 * database. docs/audit.md describes it for readers with other tools. A field is only added to a format, and none is renamed.
 */
import { z } from 'zod';

export const fileFormat = 'baton-conversation/2';

/** Times are epoch ms. */
const ms = z.number();
const text = z.string();

const event = z.object({
  no: z.number(),
  type: text,
  at: ms,
  /** The chained text. */
  data: text,
  messageId: text.nullable(),
  digest: text.nullable(),
  link: text,
  version: z.number(),
  recordedAt: ms,
});

const message = z.object({
  id: text,
  authorKind: text,
  authorId: text.nullable(),
  authorName: text.nullable(),
  /** JSON, as the text that the digest is over; null: erased. */
  content: text.nullable(),
  digest: text.nullable(),
  outbound: z.number().nullable(),
});

const run = z.object({
  runId: text,
  build: text,
  startedAt: ms,
  exportedAt: ms.nullable(),
  goneAt: ms.nullable(),
  /** Of the history's text. */
  sha256: text.nullable(),
  /** Base64 of the gzip of Temporal's JSON; null: it could not be had, and `says` tells why. */
  history: text.nullable(),
  says: text,
});

const checkpoint = z.object({
  document: text,
  keyId: text,
  signature: text,
  place: z.number(),
  eventNo: z.number(),
  head: text,
  proof: text,
});

const actor = z.object({
  version: z.number(),
  seq: z.number(),
  eventNo: z.number(),
  head: text,
  format: z.number(),
  state: z.unknown(),
});

const card = z.object({
  channelId: text,
  channelName: text,
  channelType: text,
  contactId: text,
  contactName: text.nullable(),
  erased: z.boolean(),
  createdAt: ms,
});

export const conversationFile = z.object({
  format: z.literal(fileFormat),
  /** Of the canonical text of all the rest. */
  sha256: text,
  exportedAt: ms,
  accountId: text,
  conversationId: text,
  card,
  actor: actor.nullable(),
  events: z.array(event),
  messages: z.array(message),
  /** Of the messages' digests, hex; null: erased. */
  digestKey: text.nullable(),
  inputs: z.array(z.object({ seq: z.number(), type: text, payload: z.record(text, z.unknown()), at: ms })),
  parked: z.array(z.object({ seq: z.number().nullable(), error: text, parkedAt: ms, resumedAt: ms.nullable() })),
  requests: z.array(z.object({ id: text, reason: text.nullable(), skill: text.nullable(), webstore: text.nullable() })),
  answers: z.array(z.object({ handover: z.number(), name: text, value: text.nullable() })),
  blocks: z.array(z.object({ id: text, reason: text })),
  /** By id. */
  names: z.record(text, text),
  /** Oldest first. */
  runs: z.array(run),
  checkpoints: z.array(checkpoint),
});

export type ConversationFile = z.infer<typeof conversationFile>;
