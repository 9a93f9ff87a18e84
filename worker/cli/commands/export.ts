/**
 * `baton export`: a file for each conversation, with all that is needed to audit it elsewhere. Each is noted before it is
 * written, so that none with a person's words is somewhere without whoever erases them finding it; and none with words that were
 * erased meanwhile claims to be whole.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { v7 as uuid } from 'uuid';
import type { GatheredRun } from '../../audit/histories.ts';
import { conversationFileText } from '../../audit/export/write.ts';
import { inAccount } from '../../../store/connection.ts';
import { areAsRead, noteExport, readRecordedSince, type ExportNote } from '../../../store/exports.ts';
import { inSnapshot } from '../../../store/snapshot.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import type { Io } from '../io.ts';
import { writePrivately } from '../private-file.ts';
import { withSurroundings, type Surroundings } from '../surroundings.ts';
import { gatherEvidence } from './inspect.ts';

/** One, or all of an account in which something was recorded since (epoch ms). */
export type Exportable = { id: ActorId } | { account: string; since: number };

/** `to`: the folder; it is made where it is not there. False: a conversation was left out, because its contact is being erased. */
export async function exportConversations(io: Io, what: Exportable, to: string): Promise<boolean> {
  return withSurroundings(io.env, async (surroundings) => {
    let [files, leftOut] = [0, 0];
    for await (const id of conversationsIn(surroundings, what)) {
      const written = await exportOne(surroundings, id, to);
      if (written === null) {
        leftOut += 1;
        io.err(
          `left out conversation ${id.conversationId}: somebody is being erased in it. Export it again in a minute.`,
        );
        continue;
      }
      io.out(`wrote ${written.file}`);
      for (const { run, says } of written.without) io.out(`  without the history of run ${run.runId}: ${says}`);
      files += 1;
    }
    if ('since' in what) io.out(`${files} conversations`);
    return leftOut === 0;
  });
}

async function* conversationsIn({ pool }: Surroundings, what: Exportable): AsyncGenerator<ActorId> {
  if ('id' in what) {
    yield what.id;
    return;
  }
  const { account: accountId, since } = what;
  const most = 500;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const page = { since: new Date(since), after, most };
    const ids = await inSnapshot(pool, accountId, (tx) => readRecordedSince(tx, accountId, page));
    for (const conversationId of ids) yield { accountId, conversationId };
    if (ids.length < most) return;
    after = ids.at(-1) ?? after;
  }
}

interface Written {
  file: string;
  /** Runs whose histories could not be had. */
  without: GatheredRun[];
}

/** Null: words of somebody in it are being erased, and no file is there. */
async function exportOne(surroundings: Surroundings, id: ActorId, to: string): Promise<Written | null> {
  // Once more where somebody was erased while it was read.
  for (let tries = 2; tries > 0; tries -= 1) {
    const exportedAt = Date.now();
    const { people, ...evidence } = await gatherEvidence(surroundings, id);
    const text = conversationFileText({ ...evidence, exportedAt });
    const file = resolve(join(to, nameOf(id, exportedAt)));
    const sha256 = hash(text);
    const note = { id: uuid(), people, madeAt: new Date(exportedAt), madeBy: whoAmI(), file, sha256 };
    if (await writeNoted(surroundings, id, note, text)) {
      return { file, without: evidence.runs.filter(({ history }) => history === null) };
    }
  }
  return null;
}

/**
 * Noted first, in a transaction of its own: so whatever dies when, no file is there of which there is no note. Then written while an
 * erasure would have to wait. False: somebody was erased since it was read, and it is not written.
 */
async function writeNoted({ pool }: Surroundings, id: ActorId, note: ExportNote, text: string): Promise<boolean> {
  const noted = await inAccount(pool, id.accountId, async (tx) => {
    if (!(await areAsRead(tx, id, note.people))) return false;
    await noteExport(tx, id, note);
    return true;
  });
  if (!noted) return false;
  let written = false;
  try {
    return await inAccount(pool, id.accountId, async (tx) => {
      if (!(await areAsRead(tx, id, note.people))) return false;
      await writePrivately(note.file, text);
      written = true;
      return true;
    });
  } catch (error) {
    // The connection was lost: perhaps an erasure no longer had to wait when it was written.
    if (written) await rm(note.file);
    throw error;
  }
}

/** To the millisecond: who exports twice has two files. */
const nameOf = ({ conversationId }: ActorId, at: number): string =>
  `${conversationId}-${new Date(at).toISOString().replace(/[-:.]/g, '')}.json`;

const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function whoAmI(): string {
  return `${login()}@${hostname()}`;
}

/** A container's user may have a number only. */
function login(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'without a name'}`;
  }
}
