/**
 * Each action of the three is compared with an update that does nothing but one local activity; and, as each of the three
 * sends something to the customer after it is answered, with one that does so, too.
 */
import type { BenchAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { startBareEngine, type BareAction, type BareEngine } from '../bare-engine.ts';
import { startConversations } from '../conversations.ts';
import { createCost } from '../cost.ts';
import { atMost, hundredths, percentiles, round, type Figure } from '../figures.ts';
import { countEvents } from '../history-events.ts';
import type { Measure } from '../measure.ts';

const actions = [
  ['assign', {}],
  ['reply', { text: 'Your parcel is on its way, and should be with you tomorrow.' }],
  ['resolve', {}],
] as const;

export const p6: Measure = {
  title: 'P6: an agent’s action, answered: assign, reply, resolve',
  async run({ arena, short }) {
    const account = await arena.createAccount();
    const bare = await startBareEngine(arena);
    const figures = [
      ...(await compare(arena, account, bare, { inFlight: 1, chats: short ? 5 : 200 })),
      ...(await compare(arena, account, bare, { inFlight: 16, chats: short ? 16 : 400 })),
    ];
    await bare.stop();
    return figures;
  },
};

async function compare(
  arena: Arena,
  account: BenchAccount,
  bare: BareEngine,
  { inFlight, chats: count }: { inFlight: number; chats: number },
): Promise<Figure[]> {
  const chats = await startConversations(arena, account, count);
  const events = await countEvents(arena, chats);
  const cost = createCost(arena);
  const latencies = new Map<string, number[]>(actions.map(([name]) => [name, []]));
  const updates: Record<BareAction, number[]> = { action: [], actionThatSends: [] };
  const waiting = chats.values();
  // An action and an update of each kind in turns: what else the machine does then meets both.
  const work = async (_: unknown, lane: number): Promise<void> => {
    for (const { conversationId } of waiting) {
      for (const [name, body] of actions) {
        const ms = await timed(() => account.agent.post(`/v1/conversations/${conversationId}/actions/${name}`, body));
        latencies.get(name)?.push(ms);
        for (const kind of ['action', 'actionThatSends'] as const) {
          updates[kind].push(await timed(() => bare.update(kind, lane)));
        }
      }
    }
  };
  const startedAt = performance.now();
  await cost.during(() => Promise.all(Array.from({ length: inFlight }, work)));
  const ms = performance.now() - startedAt;
  const t0 = percentiles(updates.action);
  const sending = percentiles(updates.actionThatSends);
  const named = (figure: Figure): Figure => ({ ...figure, name: `${inFlight} in flight: ${figure.name}` });
  return [
    { name: 'actions, with two updates each', value: round((count * actions.length * 1_000) / ms), unit: 'per s' },
    { name: 'T0: update with a local activity, p50', value: t0.p50, unit: 'ms' },
    { name: 'T0: update with a local activity, p99', value: t0.p99, unit: 'ms' },
    { name: 'T0 that sends, too, p50', value: sending.p50, unit: 'ms' },
    { name: 'T0 that sends, too, p99', value: sending.p99, unit: 'ms' },
    ...[...latencies].flatMap(([name, values]) => {
      const { p50, p99 } = percentiles(values);
      return [
        { name: `${name}, p50`, value: p50, unit: 'ms' },
        { name: `${name}, p99`, value: p99, unit: 'ms' },
        atMost(`${name}, p50, of T0`, hundredths(p50 / t0.p50), '', 1.3),
        { name: `${name}, p50, of T0 that sends, too`, value: hundredths(p50 / sending.p50), unit: '' },
      ];
    }),
    {
      name: 'history events',
      value: hundredths((await events.more()) / (count * actions.length)),
      unit: 'an action',
    },
    ...cost.figures(count * actions.length, 'action and two updates'),
  ].map(named);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
