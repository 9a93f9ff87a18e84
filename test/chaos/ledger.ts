/** What clients were told: which of their messages were acknowledged, and every answer that they got on the way there. */
import { createConditions } from '../support/conditions.ts';
import type { ChannelName } from './account.ts';

export interface Said {
  channel: ChannelName;
  thread: string;
  /** The network's; a repeat has the same. */
  id: string;
  text: string;
}

export interface Answer {
  call: 'webhook' | 'action';
  /** `broken`: the connection was, and nobody answered. */
  status: number | 'broken';
  retryAfter: string | null;
}

/** What an agent said, and was told to be said. */
export interface Reply {
  thread: string;
  text: string;
}

export interface Ledger {
  /** In order, within each thread. */
  readonly acknowledged: Said[];
  readonly replies: Reply[];
  readonly answers: Answer[];
  acknowledge(said: Said): void;
  replied(reply: Reply): void;
  answered(answer: Answer): void;
  /** As soon as so many messages are acknowledged. */
  reach(count: number): Promise<void>;
  /** Nobody insists on anything any more. */
  isAbandoned: boolean;
}

const stormMs = 600_000;

export function createLedger(): Ledger {
  const { check, until } = createConditions();
  const ledger: Ledger = {
    acknowledged: [],
    replies: [],
    answers: [],
    acknowledge(said) {
      ledger.acknowledged.push(said);
      check();
    },
    replied: (reply) => void ledger.replies.push(reply),
    answered: (answer) => void ledger.answers.push(answer),
    reach: (count) =>
      until(
        () => ledger.acknowledged.length >= count,
        () => [`${ledger.acknowledged.length} acknowledged, ${count} wanted`],
        stormMs,
      ),
    isAbandoned: false,
  };
  return ledger;
}
