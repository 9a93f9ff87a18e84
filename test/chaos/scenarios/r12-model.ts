import { setTimeout as pause } from 'node:timers/promises';
import { seededNumbers } from '../../bench/seeded.ts';
import { required } from '../../support/required.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { followThreads } from '../followed-threads.ts';
import { createLedger } from '../ledger.ts';
import { type Answered, judgeCommand, judgeFold, type Taken } from '../model/judged.ts';
import { atRest, eventsAfter, type Live } from '../model/live.ts';
import { type Cast, castOf, drawMove, type Move } from '../model/moves.ts';
import { judgeRecord } from '../oracles/record.ts';
import { objectTo, type Scenario } from '../scenario.ts';
import { withAccount } from '../under-load.ts';
import { write } from '../webhook.ts';

/** Of one sequence, after the customer's first message. */
const moves = 8;
const atOnce = 12;

/** Random commands by random people and backends, and customers' messages between them, one after the other in each. */
export const r12: Scenario = {
  id: 'R12',
  title:
    'random sequences over the live API: each answer is what the core says, and an illegal action is a 409 without effect',
  run: (arena, { seed, isShort }) =>
    withAccount(arena, { maxChats: 1_000 }, async (account) => {
      const play = await createPlayer(arena, account, seed);
      const sequences = isShort ? 60 : 10_000;
      const waiting = Array.from({ length: sequences }, (_, no) => no).toReversed();
      const player = async (): Promise<void> => {
        for (let no = waiting.pop(); no !== undefined; no = waiting.pop()) await play.sequence(no);
      };
      await Promise.all(Array.from({ length: atOnce }, player));
      const findings = [...objectTo('model', play.wrong), ...(await judgeRecord(arena, account))];
      return { findings, unknown: [], facts: { sequences, ...play.counts } };
    }),
};

interface Player {
  sequence(no: number): Promise<void>;
  wrong: string[];
  /** Of answers, by status. */
  counts: Record<string, number>;
}

async function createPlayer({ admin, front }: Arena, account: ChaosAccount, seed: number): Promise<Player> {
  const cast: Cast = await castOf(account);
  const ids = followThreads(account.api);
  const ledger = createLedger();
  const wrong: string[] = [];
  const counts: Record<string, number> = {};

  const around = async (id: string, before: Live, work: () => Promise<unknown>): Promise<Taken> => {
    await work();
    const after = await atRest(admin, id);
    return { before, after, events: await eventsAfter(admin, id, before.eventNo) };
  };
  const say = (thread: string, text: string): Promise<void> =>
    write(account, ledger, { channel: 'knowing', thread, text, id: `${thread}/${text}` });

  return {
    wrong,
    counts,
    async sequence(no) {
      const below = seededNumbers(seed * 100_003 + no);
      const draw = <T>(from: readonly T[]): T => required(from[below(from.length)]);
      const thread = `thread-${no}`;
      await say(thread, 'hello');
      const id = await ids.idOf(thread);
      let now = await atRest(admin, id);
      for (let at = 0; at < moves; at += 1) {
        let says: string[];
        const move = below(5) === 0 ? null : drawMove(cast, `${no}-${at}`, draw);
        let answered: Answered = { status: 0, body: {} };
        const taken = await around(id, now, async () => {
          if (move === null) await say(thread, draw([`message ${at}`, `a person, please ${at}`]));
          else answered = await insist(`${front.url}/v1/conversations/${id}/actions/${move.action}`, move);
        });
        if (move === null) says = judgeFold(taken);
        else {
          counts[answered.status] = (counts[answered.status] ?? 0) + 1;
          says = judgeCommand(move, answered, taken, Date.now());
        }
        const asked = move === null ? 'a message' : `${move.action} by ${move.actor.by.kind}`;
        wrong.push(...says.map((one) => `sequence ${no}, move ${at}, ${now.state.phase.name}, ${asked}: ${one}`));
        now = taken.after;
      }
    },
  };
}

/** Until it is answered with an outcome, whatever that is. */
async function insist(url: string, { actor: { token }, body, command: { key } }: Move): Promise<Answered> {
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    const answered = { status: response.status, body: (await response.json()) as Answered['body'] };
    if (answered.status < 500 && answered.status !== 429) return answered;
    await pause(200);
  }
}
