/**
 * `baton verify --all`: every conversation of an account, also those of which only a checkpoint still knows; and the account's
 * checkpoints themselves.
 */
import type { Problem } from '../../audit/chain.ts';
import { parseDocument } from '../../audit/checkpoints/document.ts';
import type { PublicKeys } from '../../audit/checkpoints/keys.ts';
import type { Evidence } from '../../audit/evidence.ts';
import { beginProblem, headsProblem, rowProblems } from '../../audit/checkpoints/row.ts';
import { problemsIn, verify } from '../../audit/verify.ts';
import { readAllCheckpoints, readConversationsSeen, readCoveringCheckpoints } from '../../../store/checkpoints.ts';
import { inSnapshot } from '../../../store/snapshot.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { readKept } from '../files.ts';
import { oneLine, styled, type Io } from '../io.ts';
import { readCheckpointKeys } from '../public-keys.ts';
import { withSurroundings, type Surroundings } from '../surroundings.ts';
import { describeProblem } from '../text/problem-text.ts';
import { tellOfStale } from '../text/verification-text.ts';
import { findEvidence, withKept } from './inspect.ts';
import type { VerifyOptions } from './verify.ts';

interface Verified {
  conversationId: string;
  problems: Problem[];
  /** Events that nothing anchors yet. */
  unanchored: number;
  toDelete: Evidence['toDelete'];
}

/** True where nothing is wrong. What is, is told as it is found. */
export async function verifyAccount(io: Io, accountId: string, options: VerifyOptions): Promise<boolean> {
  const keys = readCheckpointKeys(io.env);
  return withSurroundings(io.env, async (surroundings) => {
    const conversations: Verified[] = [];
    for await (const id of conversationsOf(surroundings, accountId)) {
      const verified = await verifyOne(surroundings, id, { keys, kept: options.with });
      if (!options.json) {
        tell(io, `conversation ${id.conversationId}`, verified.problems);
        tellOfStale(io, verified);
      }
      conversations.push(verified);
    }
    const checkpoints = await verifyCheckpoints(surroundings, accountId, keys);
    if (!options.json) tell(io, 'the account', checkpoints.problems);
    const wrong = conversations.filter(({ problems }) => problems.length > 0).length;
    const good = wrong === 0 && checkpoints.problems.length === 0;
    if (options.json) io.out(JSON.stringify({ accountId, good, conversations, checkpoints }, null, 2));
    else summarize(io, { conversations, wrong, hours: checkpoints.hours });
    return good;
  });
}

function summarize(
  io: Io,
  { conversations, wrong, hours }: { conversations: Verified[]; wrong: number; hours: number },
): void {
  const open = conversations.filter(({ unanchored }) => unanchored > 0);
  const events = open.reduce((sum, { unanchored }) => sum + unanchored, 0);
  io.out(`${conversations.length} conversations, ${wrong} of them wrong; checkpoints of ${hours} hours`);
  io.out(`${events} events in ${open.length} of them are anchored by nothing yet`);
}

function tell(io: Io, of: string, problems: Problem[]): void {
  for (const problem of problems) io.out(styled(io, 'red', oneLine(`WRONG     ${of}: ${describeProblem(problem)}`)));
}

async function* conversationsOf({ pool }: Surroundings, accountId: string): AsyncGenerator<ActorId> {
  const most = 500;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const page = { after, most };
    const ids = await inSnapshot(pool, accountId, (tx) => readConversationsSeen(tx, accountId, page));
    for (const conversationId of ids) yield { accountId, conversationId };
    if (ids.length < most) return;
    after = ids.at(-1) ?? after;
  }
}

async function verifyOne(
  surroundings: Surroundings,
  id: ActorId,
  { keys, kept: paths }: { keys: PublicKeys; kept: string[] },
): Promise<Verified> {
  const { conversationId } = id;
  // Of the account's checkpoints all are looked at, once.
  const evidence = await findEvidence(surroundings, id, { following: false });
  if (evidence === null)
    return { conversationId, problems: [await goneProblem(surroundings, id)], unanchored: 0, toDelete: [] };
  const kept = await readKept(paths, id);
  const all = withKept(evidence, kept);
  const verification = verify(all, { kept: kept.heads, keys });
  const { unanchored } = verification;
  return {
    conversationId,
    problems: problemsIn(verification),
    unanchored: unanchored === null ? 0 : unanchored.to - unanchored.from + 1,
    toDelete: all.toDelete,
  };
}

async function goneProblem({ pool }: Surroundings, { accountId, conversationId }: ActorId): Promise<Problem> {
  const covering = await inSnapshot(pool, accountId, (tx) => readCoveringCheckpoints(tx, accountId, conversationId));
  const last = covering.at(-1);
  const hour = parseDocument(last?.document ?? '')?.hour ?? '?';
  return {
    no: null,
    upTo: null,
    says: `it is gone: the checkpoint of ${hour} has the head of its event ${last?.eventNo}`,
  };
}

async function verifyCheckpoints(
  { pool }: Surroundings,
  accountId: string,
  keys: PublicKeys,
): Promise<{ hours: number; problems: Problem[] }> {
  const rows = await inSnapshot(pool, accountId, (tx) => readAllCheckpoints(tx, accountId));
  const heads = rows.map(headsProblem);
  return {
    hours: rows.length,
    problems: [...rowProblems(rows, keys), ...[beginProblem(rows), ...heads].flatMap((problem) => problem ?? [])],
  };
}
