/**
 * A script of everything that can happen to a conversation, in any order, with what may go wrong in each step. Plain
 * values, so that a failing script can be read, shrunk and played again.
 */
import fc from 'fast-check';
import type { Command } from '../../workflows/conversation/inputs.ts';
import type { Reply } from './attempt.ts';
import type { Idempotency } from './other-side.ts';
import type { CrashMode } from './simulation.ts';

export type Step =
  | { do: 'write'; text: Text }
  | { do: 'cancel' }
  | { do: 'hand'; back: number }
  /** `all`: everything in the inbox is handed over first. */
  | { do: 'settle'; all: boolean; crash: CrashMode | null; after: number; outDies: boolean }
  | { do: 'work'; nth: number; reply: Reply }
  | { do: 'hold'; nth: number; door: 'before' | 'after'; reply: Reply }
  | { do: 'time'; to: 'just before' | 'at' | 'past' | 'far past' }
  | { do: 'command'; type: Command['type'] | 'again'; agent: number; to: 'agent' | 'group' | 'desk' }
  | {
      do: 'desk';
      says: 'Took' | 'Accepted' | 'Refused' | 'Answered' | 'Closed';
      offer: 'asks' | 'refuses';
      stale: boolean;
    }
  | { do: 'match'; agent: number; offer: boolean }
  | { do: 'leave'; agent: number; chats: 'requeue' | 'forward' | 'close' }
  | { do: 'receipt'; nth: number; status: 'sent' | 'delivered' | 'read' | 'failed' }
  | { do: 'answer later' }
  | { do: 'poison'; by: 'row' | 'command' }
  | { do: 'restart'; outDies: boolean };

/** What the customer writes; the bot goes by it. `slowly`: it answers 202. */
export type Text = 'hello' | 'person' | 'slowly';

export const begins = ['bot', 'prechat', 'queued', 'assigned', 'at a desk', 'resolved', 'blocked'] as const;
export type Begin = (typeof begins)[number];

/** How the account and its channel are set up. */
export interface Setting {
  begin: Begin;
  idempotency: Idempotency;
  onAmbiguous: 'at-most-once' | 'at-least-once';
  onWaitOver: 'keep-waiting' | 'bot' | 'close';
  onLost: 'queue' | 'bot';
  reopenTo: 'same-agent' | 'queue' | 'bot';
  lockUntil: 'session-end' | 'resolve';
  botFails: 'hand-over' | 'apologize';
  timed: boolean;
  /** What becomes of the attempts that are out when the script is over, before all is well. */
  weather: Reply[];
}

const reply = fc.constantFrom<Reply>(
  ...(['ok', 'ok', 'ok', 'retryable', 'throttled', 'unclear', 'unclear', 'lost', 'lost', 'permanent'] as const),
  'content-rejected',
);
export const setting: fc.Arbitrary<Setting> = fc.record(
  {
    begin: fc.constantFrom(...begins),
    idempotency: fc.constantFrom('none', 'key', 'reconcile'),
    onAmbiguous: fc.constantFrom('at-most-once', 'at-least-once'),
    onWaitOver: fc.constantFrom('keep-waiting', 'bot', 'close'),
    onLost: fc.constantFrom('queue', 'bot'),
    reopenTo: fc.constantFrom('same-agent', 'queue', 'bot'),
    lockUntil: fc.constantFrom('session-end', 'resolve'),
    botFails: fc.constantFrom('apologize', 'hand-over'),
    timed: fc.boolean(),
    weather: fc.array(reply, { maxLength: 5, size: 'max' }),
  },
  { noNullPrototype: true },
);

/** The last has no place for any chat. */
const agent = fc.constantFrom(0, 0, 0, 1, 1, 2);
const nth = fc.nat(2);
const commands = [
  ...(['Join', 'Join', 'Reply', 'Reply', 'Forward', 'Forward', 'HandBack', 'Resolve', 'Unassign', 'Assign'] as const),
  ...(['Block', 'Unblock', 'RequestHandover', 'Reopen', 'AcceptOffer', 'DeclineOffer', 'again', 'again'] as const),
];

/** The most frequent first: a failing script shrinks towards them. */
const steps: [weight: number, kind: fc.Arbitrary<Step>][] = [
  step(8, 'settle', {
    all: fc.constantFrom(true, true, false),
    crash: fc.constantFrom(null, null, 'before', 'after', 'twice'),
    after: fc.nat(2),
    outDies: fc.boolean(),
  }),
  step(8, 'work', { nth, reply }),
  step(4, 'write', { text: fc.constantFrom('hello', 'person', 'person', 'slowly') }),
  step(3, 'hand', { back: fc.nat(3) }),
  step(6, 'command', {
    type: fc.constantFrom(...commands),
    agent,
    to: fc.constantFrom('agent', 'group', 'desk'),
  }),
  step(3, 'time', { to: fc.constantFrom('just before', 'at', 'at', 'past', 'far past') }),
  step(2, 'hold', { nth, door: fc.constantFrom('before', 'after'), reply }),
  step(3, 'desk', {
    says: fc.constantFrom('Took', 'Accepted', 'Accepted', 'Answered', 'Refused', 'Closed'),
    offer: fc.constantFrom('asks', 'asks', 'refuses'),
    stale: fc.constantFrom(false, false, false, true),
  }),
  step(2, 'match', { agent, offer: fc.boolean() }),
  step(1, 'leave', { agent, chats: fc.constantFrom('requeue', 'forward', 'close') }),
  step(3, 'receipt', {
    nth: fc.constantFrom(0, 0, 1, 2),
    status: fc.constantFrom('sent', 'delivered', 'read', 'failed'),
  }),
  step(1, 'answer later', {}),
  step(1, 'cancel', {}),
  step(1, 'poison', { by: fc.constantFrom('row', 'command') }),
  step(2, 'restart', { outDies: fc.boolean() }),
];

function step(
  weight: number,
  name: Step['do'],
  more: Record<string, fc.Arbitrary<unknown>>,
): [number, fc.Arbitrary<Step>] {
  return [weight, fc.record({ do: fc.constant(name), ...more }, { noNullPrototype: true }) as fc.Arbitrary<Step>];
}

export const script: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  { minLength: 10, maxLength: 40, size: 'max' },
);
