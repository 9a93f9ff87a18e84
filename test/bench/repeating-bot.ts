/** A bot that says again what the customer has said, so that a reply can be told from another. */
import type { BotTurn } from '../../adapters/contract/bot.ts';
import type { BenchAccount } from './account.ts';
import { within } from './load.ts';
import { patienceMs } from './measure.ts';

export function repeats({ event }: BotTurn): object {
  return { messages: event.type === 'messages' ? event.messages.map(({ content }) => content.text ?? '') : [] };
}

/** A customer writes; resolves when the reply reaches the channel. One at a time in a thread. */
export function repliesOf({ channel, write }: BenchAccount): (thread: string, number: number) => Promise<void> {
  const awaited = new Map<string, () => void>();
  channel.plan(({ thread }) => {
    awaited.get(thread)?.();
    return null;
  });
  return (thread, number) =>
    within(patienceMs, `no reply to message ${number}`, (resolve, reject) => {
      awaited.set(thread, resolve);
      write(thread, number).catch(reject);
    });
}
