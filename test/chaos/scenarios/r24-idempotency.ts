import { setTimeout as pause } from 'node:timers/promises';
import { required } from '../../support/required.ts';
import type { ChaosAccount } from '../account.ts';
import { listThreads } from '../followed-threads.ts';
import { startLoad } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';

interface Answered {
  status: number | 'broken';
  body: string;
}

export const r24: Scenario = {
  id: 'R24',
  title: 'idempotency keys: ten times at once, with another body, and with a crash in the middle',
  run: (arena, { isShort }) =>
    withAccount(arena, undefined, async (account) => {
      const load = startLoad(account, { messages: 20, threads: 10 });
      await load.over;
      const id = required((await listThreads(account.api)).get('thread-0'));
      const say = replier(arena.front.url, account, id);
      const wrong: string[] = [];
      const rounds = isShort ? 3 : 30;
      for (let round = 0; round < rounds; round += 1) {
        const atOnce = { key: `at-once-${round}`, text: `at once ${round}` };
        wrong.push(...differing(await Promise.all(Array.from({ length: 10 }, () => insist(() => say(atOnce))))));
        const other = await insist(() => say({ ...atOnce, text: 'something else' }));
        if (other.status !== 422) wrong.push(`another body under the same key: ${other.status}`);

        const crashed = { key: `crash-${round}`, text: `crash ${round}` };
        const first = say(crashed);
        await Promise.all([arena.installation.killApi(round % 2), arena.installation.killWorker(round % 2), first]);
        wrong.push(...differing([await insist(() => say(crashed)), await insist(() => say(crashed))]));
        for (const { text } of [atOnce, crashed]) load.ledger.replied({ thread: 'thread-0', text });
      }
      const { outcome } = await judge(arena, account, load);
      return withFindings(outcome, objectTo('one-answer', wrong), { rounds });
    }),
};

type Say = (reply: { key: string; text: string }) => Promise<Answered>;

function replier(url: string, { agents }: ChaosAccount, id: string): Say {
  const { token } = required(agents[0]);
  return async ({ key, text }) => {
    try {
      const response = await fetch(`${url}/v1/conversations/${id}/actions/reply`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ text }),
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return { status: 'broken', body: '' };
    }
  };
}

/** Until it is answered with the outcome, whatever that is. */
async function insist(attempt: () => Promise<Answered>): Promise<Answered> {
  for (;;) {
    const answer = await attempt();
    if (answer.status !== 'broken' && answer.status < 500 && answer.status !== 429) return answer;
    await pause(200);
  }
}

function differing(answers: Answered[]): string[] {
  const kinds = [...new Set(answers.map((answer) => JSON.stringify(answer)))];
  const good = kinds.length === 1 && answers[0]?.status === 200;
  return good ? [] : [`one key, ${kinds.length} answers: ${kinds.join(' and ')}`];
}
