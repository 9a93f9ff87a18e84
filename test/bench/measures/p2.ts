import { startBareEngine } from '../bare-engine.ts';
import { startConversations } from '../conversations.ts';
import { createCost } from '../cost.ts';
import { atLeast, atMost, exactly, hundredths, percentiles, round } from '../figures.ts';
import { countEvents } from '../history-events.ts';
import { closedLoop, inTurns } from '../load.ts';
import { patienceMs, type Measure } from '../measure.ts';
import { repeats, repliesOf } from '../repeating-bot.ts';
import { numberIn } from '../writer.ts';

const inFlight = 16;
const perLane = 4;

export const p2: Measure = {
  title: 'P2: a bot’s turn, from the customer’s message to the reply at the channel; 16 in flight',
  async run({ arena, short }) {
    const [rounds, seconds] = short ? [1, 1] : [3, 10];
    const account = await arena.createAccount({ bot: repeats });
    const replyTo = repliesOf(account);
    const chats = await startConversations(arena, account, inFlight * perLane);
    await account.channel.books.until(({ deliveries }) => deliveries.length === chats.length, patienceMs);
    const bare = await startBareEngine(arena);
    const cost = createCost(arena);
    const events = await countEvents(arena, chats);
    let number = 0;
    const askBot = (index: number, lane: number): Promise<void> =>
      replyTo(chats[lane * perLane + (index % perLane)]?.thread ?? '', (number += 1));
    const came = await inTurns(
      rounds,
      () => cost.during(() => closedLoop({ inFlight, seconds, call: askBot })),
      (turn) =>
        closedLoop({
          inFlight,
          seconds,
          call: (index, lane) => bare.send('turn', lane * perLane + (index % perLane), turn * 1_000_000 + index),
        }),
    );
    await bare.stop();
    const [ours, theirs] = [percentiles(came.ours.latencies), percentiles(came.bare.latencies)];
    const { books } = account.channel;
    await books.until(({ deliveries }) => deliveries.length >= chats.length + ours.count, patienceMs);
    return [
      { name: 'replies at the channel', value: round(came.ours.perSecond), unit: 'per s' },
      { name: 'T0: signal, two activities in a row', value: round(came.bare.perSecond), unit: 'per s' },
      atLeast('of T0', hundredths(came.ours.perSecond / came.bare.perSecond), '', 0.8),
      { name: 'reply after, p50', value: ours.p50, unit: 'ms' },
      { name: 'T0, p50', value: theirs.p50, unit: 'ms' },
      { name: 'reply after, p99', value: ours.p99, unit: 'ms' },
      { name: 'T0, p99', value: theirs.p99, unit: 'ms' },
      atMost('history events', hundredths((await events.more()) / ours.count), 'a turn', 18),
      exactly('replies out of order', outOfOrder(chats.map(({ thread }) => books.texts(thread))), '', 0),
      exactly('delivered twice', books.duplicates().length, '', 0),
      ...cost.figures(ours.count, 'turn'),
    ];
  },
};

function outOfOrder(texts: string[][]): number {
  const numbers = texts.map((all) => all.map(numberIn));
  return numbers.flatMap((all) => all.filter((one, index) => one <= (all[index - 1] ?? -1))).length;
}
