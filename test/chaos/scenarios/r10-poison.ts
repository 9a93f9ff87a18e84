import { connect } from '../../../courier/connection.ts';
import { required } from '../../support/required.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { listThreads } from '../followed-threads.ts';
import { startLoad } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';
import { post } from '../webhook.ts';

/** Of a webhook's items one can't be read; of signals to an actor, none can. */
export const r10: Scenario = {
  id: 'R10',
  title: 'poison: others are unaffected; it is parked where people see it, and can be resumed',
  run: (arena, { messages, isShort }) =>
    withAccount(arena, undefined, async (account) => {
      const load = startLoad(account, { messages: isShort ? 100 : messages / 10, threads: 10 });
      await load.ledger.reach(20);
      const ids = [...(await listThreads(account.api)).values()];
      await Promise.all([unreadable(account, ids.length), signalPoison(arena, account, ids)]);
      await load.over;
      const { outcome } = await judge(arena, account, load);
      const parked = await parkedOf(account);
      const wrong = parked.length >= ids.length ? [] : [`${parked.length} of ${ids.length} poisons are to be seen`];
      // What still can't be read is refused, and what can be decided on by now is.
      for (const { id } of parked) {
        const status = await resume(account, id);
        if (status !== 204 && status !== 409) wrong.push(`resuming ${id}: ${status}`);
      }
      const after = await judge(arena, account, load);
      const findings = [...objectTo('parked', wrong), ...after.outcome.findings];
      return withFindings(outcome, findings, { poisons: ids.length * 2, parked: parked.length });
    }),
};

async function unreadable({ channels: { knowing } }: ChaosAccount, count: number): Promise<void> {
  for (let no = 0; no < count; no += 1) {
    const item = { type: 'message.received', data: { id: `poison-${no}`, thread: 7, contact: null, content: [] } };
    await post(knowing.webhookUrl, knowing.backend.secret, { id: `poison-${no}`, items: [item] });
  }
}

/** As anybody with a Temporal client can. */
async function signalPoison({ installation }: Arena, { accountId }: ChaosAccount, ids: string[]): Promise<void> {
  const temporal = connect({ address: installation.temporalAddress, namespace: 'default' });
  const by = { kind: 'agent', agentId: 'nobody' };
  try {
    for (const [no, id] of ids.entries()) {
      const handle = temporal.client.getHandle(`conversation:${accountId}:${id}`);
      // An actor with nothing open has completed, and there is nobody to poison.
      await handle.signal('Join', { key: `poison-${no}`, by, agentId: 'nobody' }).catch(() => undefined);
    }
  } finally {
    await temporal.close();
  }
}

async function parkedOf({ api }: ChaosAccount): Promise<{ id: string }[]> {
  const { items } = await api.get<{ items: { id: string }[] }>('/v1/dead-letters?kind=parked&limit=100');
  return items;
}

async function resume({ api, key }: ChaosAccount, id: string): Promise<number> {
  const response = await fetch(`${api.url}/v1/parked/${required(id.split(':').at(-1))}/resume`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  });
  await response.text();
  return response.status;
}
