/**
 * A whole conversation in memory, as an export has it: the decisions of a golden one, with words under a key, chained anew, and
 * checkpoints signed after some of its events. `forge` is what whoever holds the file can do to it.
 */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { actorFormat, packState } from '../../../store/actor-state.ts';
import { link } from '../../../store/chain.ts';
import type { CoveringCheckpoint } from '../../../store/checkpoints.ts';
import type { StoredEvent } from '../../../store/event-log.ts';
import { checkpointFormat, hashOf, textOf } from '../../../worker/audit/checkpoints/document.ts';
import { readPublicKeys, readSigner, type PublicKeys, type Signer } from '../../../worker/audit/checkpoints/keys.ts';
import { leafOf, treeOf } from '../../../worker/audit/checkpoints/merkle.ts';
import type { ConversationFile } from '../../../worker/audit/export/schema.ts';
import { fileFormat } from '../../../worker/audit/export/schema.ts';
import { contentHash } from '../../../worker/audit/export/write.ts';
import type { ConversationFile as Golden } from '../../../worker/audit/file.ts';
import { foldEvents } from '../../../worker/audit/fold.ts';
import { required } from '../../support/required.ts';

export interface KeyPair {
  signer: Signer;
  publicKeys: PublicKeys;
  /** As settings have them. */
  privateText: string;
  publicText: string;
}

export function keyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const privateText = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const publicText = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return { privateText, publicText, signer: readSigner(privateText), publicKeys: readPublicKeys(publicText) };
}

const golden = JSON.parse(
  readFileSync(new URL('../../replay/histories/people-pass-it-on.json', import.meta.url), 'utf8'),
) as Golden;
const digestKey = 'a7'.repeat(32);

/** `checkpointAfter`: events after which an hour ended. */
export function madeUpFile(signer: Signer, checkpointAfter: number[] = [golden.events.length]): ConversationFile {
  const { accountId, conversationId } = golden;
  const words = new Map<string, string>();
  for (const { messageId } of golden.events) if (messageId) words.set(messageId, `{"text": "words of ${messageId}"}`);
  const events = chained(
    golden.events.map((event) => ({ ...event, digest: event.messageId ? digestOf(words.get(event.messageId)) : null })),
  );
  return signedOff({
    format: fileFormat,
    sha256: '',
    exportedAt: required(events.at(-1)).at,
    accountId,
    conversationId,
    card: {
      channelId: accountId,
      channelName: 'Shop',
      channelType: 'http',
      contactId: accountId,
      contactName: 'Carla',
      erased: false,
      createdAt: required(events[0]).at,
    },
    actor: actorOf(events),
    events,
    messages: [...words].map(([id, content]) => ({
      id,
      authorKind: 'customer',
      authorId: null,
      authorName: null,
      content,
      digest: digestOf(content),
      outbound: null,
    })),
    digestKey,
    inputs: [],
    parked: [],
    requests: [],
    answers: [],
    blocks: [],
    names: {},
    runs: [],
    checkpoints: checkpointAfter.map((no, index) => checkpointOf(signer, required(events[no - 1]), index + 1)),
  });
}

/** The file with its own hash made to fit. */
export function signedOff({ sha256: _, ...content }: ConversationFile): ConversationFile {
  return { ...content, sha256: contentHash(content) };
}

/** With links that fit their content, as whoever holds the rows can compute them. */
export function chained(events: StoredEvent[]): StoredEvent[] {
  let previous = '';
  return events.map((event) => ({ ...event, link: (previous = link(previous, event.data, event.digest)) }));
}

export function actorOf(events: StoredEvent[]): NonNullable<ConversationFile['actor']> {
  const state = required(foldEvents(events).at(-1)?.after ?? undefined);
  const last = required(events.at(-1));
  return {
    version: last.version,
    seq: 0,
    eventNo: last.no,
    head: last.link,
    format: actorFormat,
    state: JSON.parse(packState(state, [])) as unknown,
  };
}

function digestOf(content: string | undefined): string {
  return createHmac('sha256', Buffer.from(digestKey, 'hex')).update(required(content)).digest('hex');
}

/** Among heads of other conversations. */
function checkpointOf(signer: Signer, { no, link: head }: StoredEvent, hourNo: number): CoveringCheckpoint {
  const { accountId, conversationId } = golden;
  const others = ['first', 'second', 'third', 'fourth'].map((id) => ({
    conversationId: id,
    eventNo: hourNo,
    head: hashOf(id),
  }));
  const heads = [...others.slice(0, 2), { conversationId, eventNo: no, head }, ...others.slice(2)];
  const { root, proofOf } = treeOf(heads.map(leafOf));
  const hour = new Date(Date.UTC(2026, 0, 1, hourNo)).toISOString();
  const document = textOf({
    format: checkpointFormat,
    accountId,
    no: hourNo,
    hour,
    madeAt: hour,
    previous: '',
    heads: heads.length,
    root,
    conversations: heads.length,
    events: no,
  });
  const { keyId } = signer;
  return {
    document,
    keyId,
    signature: signer.sign(document),
    place: 2,
    eventNo: no,
    head,
    proof: proofOf(2).join(''),
  };
}
