/**
 * `baton export`: a file for each conversation, with all that is needed to audit it elsewhere. Each is noted before it is
 * written, so that none with a person's words is somewhere without whoever erases them finding it.
 */
import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { v7 as uuid } from 'uuid';
import type { GatheredRun } from '../../audit/histories.ts';
import { conversationFileText } from '../../audit/export/write.ts';
import { inAccount } from '../../../store/connection.ts';
import { noteExport, readRecordedSince } from '../../../store/exports.ts';
import { inSnapshot } from '../../../store/snapshot.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import type { Io } from '../io.ts';
import { writePrivately } from '../private-file.ts';
import { Unusable } from '../settings.ts';
import { withSurroundings, type Surroundings } from '../surroundings.ts';
import { gatherEvidence } from './inspect.ts';

/** One, or all of an account in which something was recorded since (epoch ms). */
export type Exportable = { id: ActorId } | { account: string; since: number };

/** `to`: the folder; it is made where it is not there. */
export async function exportConversations(io: Io, what: Exportable, to: string): Promise<boolean> {
  return withSurroundings(io.env, async (surroundings) => {
    let files = 0;
    for await (const id of conversationsIn(surroundings, what)) {
      const { file, without } = await exportOne(surroundings, id, to);
      io.out(`wrote ${file}`);
      for (const { run, says } of without) io.out(`  without the history of run ${run.runId}: ${says}`);
      files += 1;
    }
    if ('since' in what) io.out(`${files} conversations`);
    return true;
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

/** `without`: runs whose histories could not be had. */
async function exportOne(
  surroundings: Surroundings,
  id: ActorId,
  to: string,
): Promise<{ file: string; without: GatheredRun[] }> {
  // Once more where the contact was erased, or merged into another, while it was read.
  for (let tries = 2; tries > 0; tries -= 1) {
    const exportedAt = Date.now();
    const evidence = await gatherEvidence(surroundings, id);
    const text = conversationFileText({ ...evidence, exportedAt });
    const { contactId, erased } = evidence.stored.card;
    const file = resolve(join(to, nameOf(id, exportedAt)));
    const note = {
      id: uuid(),
      contactId,
      erased,
      madeAt: new Date(exportedAt),
      madeBy: whoAmI(),
      file,
      sha256: hash(text),
    };
    if (!(await inAccount(surroundings.pool, id.accountId, (tx) => noteExport(tx, id, note)))) continue;
    await writePrivately(file, text);
    return { file, without: evidence.runs.filter(({ history }) => history === null) };
  }
  throw new Unusable(`Conversation ${id.conversationId} changes its contact just now. Try again.`);
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
