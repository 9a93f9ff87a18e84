import { seededNumbers } from '../../bench/seeded.ts';
import type { Delivery, FakeChannel, ReceiptStatus } from '../../support/fake-channel.ts';
import { startLoad } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { readThreads, type StoredThread } from '../stored.ts';
import { judge, withAccount } from '../under-load.ts';

const told: ReceiptStatus[] = ['sent', 'delivered', 'read', 'failed'];
const rank = ['sent', 'delivered', 'read'];

export const r7: Scenario = {
  id: 'R7',
  title: 'receipts before their send has returned, out of order, and after a failure: no state goes backwards',
  run: (arena, { messages, seed, isShort }) =>
    withAccount(arena, undefined, async (account) => {
      const { backend } = account.channels.knowing;
      backend.plan(async ({ key }) => {
        await backend.webhook({ type: 'receipt.delivered', data: { key } });
        return null;
      });
      const load = startLoad(account, { messages: isShort ? 60 : messages / 5, threads: isShort ? 10 : 50 });
      await load.over;
      const { outcome } = await judge(arena, account, load);
      backend.plan(null);
      const expected = await mix(backend, seededNumbers(seed));
      const wrong = wrongStates(await readThreads(arena.admin, account), expected);
      const receipts = expected.size * perMessage;
      return withFindings(outcome, objectTo('receipts', wrong), { receipts });
    }),
};

const perMessage = 4;

/** Some receipts for each message, one after the other; answers what each must then say. */
async function mix(backend: FakeChannel, below: (limit: number) => number): Promise<Map<string, string>> {
  const expected = new Map<string, string>();
  const one = async (delivery: Delivery): Promise<void> => {
    let status = 'delivered';
    for (let count = 0; count < perMessage; count += 1) {
      const receipt = told[below(told.length)] ?? 'sent';
      await backend.receipt(delivery, receipt);
      status = after(status, receipt);
    }
    expected.set(delivery.key, status);
  };
  for (const delivery of backend.books.deliveries) await one(delivery);
  return expected;
}

/** Written down from the rule alone: what is shown only rises, and what arrived has not failed. */
function after(status: string, receipt: string): string {
  return receipt === 'failed' ? status : (rank[Math.max(rank.indexOf(status), rank.indexOf(receipt))] ?? status);
}

function wrongStates(stored: StoredThread[], expected: Map<string, string>): string[] {
  const said = new Map(stored.flatMap(({ outbound }) => outbound.map(({ key, status }) => [key, status] as const)));
  return [...expected].flatMap(([key, status]) =>
    said.get(key) === status ? [] : [`${key} says ${said.get(key)}, and is ${status}`],
  );
}
