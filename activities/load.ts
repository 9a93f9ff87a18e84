/** What an actor starts from: its row and the facts that a session's beginning depends on, in one reading. */
import type { Loaded, RunInfo } from './contract.ts';
import type { Context, Question } from '../workflows/conversation/inputs.ts';
import { beginning } from '../workflows/conversation/decide/rules/question.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { loadActor } from '../store/actor.ts';
import { inAccount, type Pool, type Transaction } from '../store/connection.ts';
import { refusesValues } from '../store/failures.ts';
import { storedActor } from './record.ts';

export interface LoadDependencies {
  pool: Pool;
  readContext(tx: Transaction, actor: ActorId, question: Question, at: number): Promise<Context>;
  build: string;
  clock: () => number;
}

export function createLoad({ pool, readContext, build, clock }: LoadDependencies) {
  return (actor: ActorId, { runId, inHand }: RunInfo): Promise<Loaded> =>
    inAccount(pool, actor.accountId, async (tx) => {
      const now = clock();
      const run = { runId, build, inHand, now: new Date(now) };
      const { row, unexported } = await loadActor(tx, actor.accountId, actor.conversationId, run);
      return { actor: storedActor(row), context: await readContext(tx, actor, beginning, now), unexported };
    });
}

export function createReadContext({ pool, readContext, clock }: Omit<LoadDependencies, 'build'>) {
  const read = (actor: ActorId, question: Question): Promise<Context> =>
    inAccount(pool, actor.accountId, (tx) => readContext(tx, actor, question, clock()));

  return (actor: ActorId, question: Question): Promise<Context> =>
    read(actor, question).catch((error: unknown) => {
      // Of a queue whose id is none (from whoever signals an actor by hand) nothing is known; the record refuses it.
      if (refusesValues(error)) return read(actor, beginning);
      throw error;
    });
}
