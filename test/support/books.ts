/** A channel and a bot inside the test's process: they hear and answer what the test says, and nothing is on a network. */
import type { BotAdapter, BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import type { Failure } from '../../adapters/contract/call.ts';
import type { ChannelAdapter, Sending } from '../../adapters/contract/channel.ts';
import type { DeskAdapter } from '../../adapters/contract/desk.ts';
import { capabilities } from '../../adapters/channels/http/capabilities.ts';

export function bookkeepingChannel(hear: (sending: Sending) => Promise<void>): ChannelAdapter {
  return {
    type: 'http',
    title: 'Books',
    settings: { safeParse: (data) => ({ success: true, data }) },
    capabilities: () => capabilities({ url: 'http://127.0.0.1', idempotency: 'key' }),
    ingress: null,
    delivery: {
      kind: 'network',
      async send(sending) {
        await hear(sending);
        return { ok: true, providerId: sending.key };
      },
    },
  };
}

/** `deferred`: it answers 202. `fails`: it can't be reached. */
export type Said = BotWords | 'deferred' | 'fails';

export function scriptedBot(answer: (turn: BotTurn) => Said | Promise<Said>): BotAdapter {
  return {
    type: 'http',
    settings: { safeParse: (data) => ({ success: true, data }) },
    async ask(turn) {
      const words = await answer(turn);
      if (words === 'fails') return { ok: false, class: 'retryable', code: 'away', retryAfterMs: null };
      return words === 'deferred' ? { ok: true, deferred: true } : { ok: true, words };
    },
    parse: () => ({ ok: false, issues: ['not asked'] }),
  };
}

/** A desk that takes everything while it is there. */
export function scriptedDesk(reach: () => 'there' | 'away'): DeskAdapter {
  const away: Failure = { ok: false, class: 'retryable', code: 'away', retryAfterMs: null };
  const heard = <T>(answer: T): Promise<T | Failure> => Promise.resolve(reach() === 'away' ? away : answer);
  return {
    type: 'http',
    settings: { safeParse: (data) => ({ success: true, data }) },
    presence: () => heard({ ok: true as const, online: true }),
    open: () => heard({ ok: true as const, refused: false }),
    post: () => heard({ ok: true as const }),
    tell: () => heard({ ok: true as const }),
    verify: () => ({ ok: true }),
    parse: () => [],
  };
}
