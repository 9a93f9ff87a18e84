import { required } from '../../support/required.ts';
import { countContinuedRuns } from '../continued-runs.ts';
import { listThreads } from '../followed-threads.ts';
import { startLoad } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';

/** A run ends past 500 events of history; a message or an action is some. */
export const r16: Scenario = {
  id: 'R16',
  title:
    'a customer and an agent without pause in one conversation, which continues as new: nothing lost, all in order',
  run: (arena, { messages, isShort }) =>
    withAccount(arena, { agents: 1 }, async (account) => {
      const actions = isShort ? 100 : 300;
      const load = startLoad(account, {
        messages: isShort ? messages : Math.min(messages, 2_000),
        threads: 1,
        replies: actions - 1, // and one to join
      });
      await load.over;
      const { outcome } = await judge(arena, account, load);
      const runs = countContinuedRuns(arena, account);
      const continued = await runs.of(required((await listThreads(account.api)).get('thread-0')));
      await runs.close();
      const wanted = isShort ? 2 : 5;
      const wrong = continued < wanted ? [`continued as new ${continued} times; ${wanted} show something`] : [];
      return withFindings(outcome, objectTo('played', wrong), { actions, continued });
    }),
};
