/**
 * The other side of a simulated conversation: a channel, a bot and a desk that keep books of what they heard, and answer
 * each attempt as it was told. They are honest: what they say was not taken is in no book.
 */
import { capabilities } from '../../adapters/channels/http/capabilities.ts';
import type { BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import type { ChannelAdapter, Sent } from '../../adapters/contract/channel.ts';
import type { DeskAdapter } from '../../adapters/contract/desk.ts';
import type { Calling } from './attempt.ts';
import { failureOf, isHeard } from './attempt.ts';
import { scriptedBot } from './books.ts';

/** One hearing: the same message may be heard twice where the channel takes repeats for new. */
export interface Delivery {
  at: 'channel' | 'desk';
  key: string;
  author: string;
  text: string;
  /** The baton's epoch in Postgres when it was heard. */
  epochNow: number;
  /** The epoch under which this attempt was begun: what came after that could not call it back any more. */
  begunUnder: number | null;
  /** Of an attempt that its actor's life had not waited for: it came when it came. */
  isLate: boolean;
}

export type Idempotency = 'none' | 'key' | 'reconcile';

export interface OtherSide {
  readonly deliveries: Delivery[];
  readonly turns: BotTurn[];
  adapters(calling: Calling): {
    channel: ChannelAdapter;
    bot: ReturnType<typeof scriptedBot>;
    desk: DeskAdapter;
  };
}

export interface OtherSideOptions {
  idempotency: Idempotency;
  epochNow(): Promise<number>;
  answerBot(turn: BotTurn): BotWords | 'deferred' | 'fails';
  answerOffer(): 'asks' | 'refuses';
}

export function createOtherSide({ idempotency, epochNow, answerBot, answerOffer }: OtherSideOptions): OtherSide {
  const deliveries: Delivery[] = [];
  const turns: BotTurn[] = [];

  const take = async (
    calling: Calling,
    heard: Pick<Delivery, 'at' | 'key' | 'author' | 'text'>,
    honoursKey: boolean,
  ): Promise<Sent> => {
    await calling.passes('before');
    const known = honoursKey && deliveries.some((one) => one.at === heard.at && one.key === heard.key);
    if (!known && isHeard(calling.reply)) {
      const { begunUnder } = calling;
      deliveries.push({ ...heard, epochNow: await epochNow(), begunUnder, isLate: calling.isLate });
    }
    await calling.passes('after');
    // What it has under this key already it does not refuse.
    const failure = known && failureOf(calling.reply)?.class !== 'ambiguous' ? null : failureOf(calling.reply);
    return failure ?? { ok: true, providerId: heard.key };
  };

  const channelOf = (calling: Calling): ChannelAdapter => ({
    type: 'http',
    title: 'Books',
    settings: { safeParse: (data) => ({ success: true, data }) },
    capabilities: (settings) => ({ ...capabilities(settings), sendIdempotency: idempotency }),
    ingress: null,
    delivery: {
      kind: 'network',
      send: ({ key, author, content }) =>
        take(calling, { at: 'channel', key, author: author.kind, text: content.text ?? '' }, idempotency === 'key'),
      reconcile: (key) => Promise.resolve(deliveries.some((one) => one.key === key) ? 'sent' : 'absent'),
    },
  });

  const deskOf = (calling: Calling): DeskAdapter => {
    const call = async <T>(answer: T) => {
      await calling.passes('before');
      await calling.passes('after');
      return failureOf(calling.reply) ?? answer;
    };
    return {
      type: 'http',
      settings: { safeParse: (data) => ({ success: true, data }) },
      presence: () => call({ ok: true as const, online: true }),
      open: () => call({ ok: true as const, refused: answerOffer() === 'refuses' }),
      async post({ key, content }) {
        const sent = await take(calling, { at: 'desk', key, author: 'customer', text: content.text ?? '' }, true);
        return sent.ok ? { ok: true } : sent;
      },
      tell: () => call({ ok: true as const }),
      verify: () => ({ ok: true }),
      parse: () => [],
    };
  };

  return {
    deliveries,
    turns,
    adapters: (calling) => ({
      channel: channelOf(calling),
      bot: scriptedBot((turn) => {
        if (calling.reply !== 'ok') return 'fails';
        turns.push(turn);
        return answerBot(turn);
      }),
      desk: deskOf(calling),
    }),
  };
}
