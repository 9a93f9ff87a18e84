/** R11, B-3: each timer to the millisecond. A millisecond before it nothing happens; at its time it fires, once. */
import { describe, expect, test } from 'vitest';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import type { DeadlineKind } from '../../../workflows/conversation/inputs.ts';
import { blocks, failed, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { HOUR, MINUTE, SECOND, T0, type Scene } from '../../../dev/scenes/given.ts';

interface Timer {
  kind: DeadlineKind;
  name: string;
  scene: Scene;
  /** From the scene's last moment, by the default or the policy given there. */
  afterMs: number;
  silence: boolean;
  /** The first thing that it makes happen. */
  first: string;
}

const idle = { policy: { idle: { warnMs: 10 * MINUTE, closeMs: 25 * MINUTE } } };
const timers: Timer[] = [
  { kind: 'session', name: '24 h', scene: samples.bot(), afterMs: 24 * HOUR, silence: true, first: 'SessionEnded' },
  {
    kind: 'session',
    name: 'the reopen window of 72 h',
    scene: samples.resolved({ policy: { reopen: { windowMs: 72 * HOUR } } }),
    afterMs: 72 * HOUR,
    silence: true,
    first: 'SessionEnded',
  },
  {
    kind: 'prechat-abandoned',
    name: '10 min',
    scene: samples.asked(),
    afterMs: 10 * MINUTE,
    silence: true,
    first: 'HandoverEnded',
  },
  {
    kind: 'queue-wait',
    name: '30 min',
    scene: samples.queued(),
    afterMs: 30 * MINUTE,
    silence: false,
    first: 'QueueWaitPassed',
  },
  {
    kind: 'offer',
    name: '120 s',
    scene: samples.offered(),
    afterMs: 120 * SECOND,
    silence: false,
    first: 'OfferEnded',
  },
  {
    kind: 'first-reply',
    name: '5 min',
    scene: samples.assigned({ policy: { firstReplyMs: 5 * MINUTE } }),
    afterMs: 5 * MINUTE,
    silence: true,
    first: 'OwnerReleased',
  },
  {
    kind: 'idle-warning',
    name: '10 min',
    scene: samples.replied(),
    afterMs: 10 * MINUTE,
    silence: true,
    first: 'IdleWarned',
  },
  {
    kind: 'idle-close',
    name: '25 min',
    scene: samples.replied(idle),
    afterMs: 25 * MINUTE,
    silence: true,
    first: 'OwnerReleased',
  },
  {
    kind: 'block-expiry',
    name: 'the time of the block',
    scene: samples.bot().when(blocks(T0 + HOUR)),
    afterMs: HOUR,
    silence: false,
    first: 'ConversationUnblocked',
  },
  {
    kind: 'bot-turn',
    name: '60 s',
    scene: samples.botBusy().done('AskBot', { kind: 'deferred' }),
    afterMs: MINUTE,
    silence: false,
    first: 'BotTurnFailed',
  },
  {
    kind: 'desk-lost',
    name: '5 min',
    scene: samples.heldByDesk().when(wrote('m5')).done('SendToDesk', failed()),
    afterMs: 5 * MINUTE,
    silence: false,
    first: 'OwnerReleased',
  },
  {
    kind: 'held-too-long',
    name: '20 h, the greatest age of a message in this group',
    scene: samples.held(),
    afterMs: 20 * HOUR,
    silence: true,
    first: 'MessageSettled',
  },
];

describe.each(timers)('$kind: $name', ({ kind, scene, afterMs, silence, first }) => {
  const at = scene.now + afterMs;
  const armed = core.deadlines(scene.state).find((deadline) => deadline.kind === kind);

  test('is armed for that very time', () => {
    expect(armed).toEqual({ kind, at, silence });
  });

  test('a millisecond before, nothing happens', () => {
    expect(scene.when({ type: 'DeadlinePassed', kind }, afterMs - 1).because).toBe('not-due');
  });

  test('at its time it fires, once', () => {
    const fired = scene.when({ type: 'DeadlinePassed', kind }, afterMs);
    expect(fired.types[0]).toBe(first);
    expect(core.deadlines(fired.state)).not.toContainEqual(armed);
    expect(fired.when({ type: 'DeadlinePassed', kind }).because).toBe('not-due');
  });

  test('a millisecond later it is the same: time is not the moment at which code runs', () => {
    const late = scene.when({ type: 'DeadlinePassed', kind }, afterMs + 1);
    expect(late.types[0]).toBe(first);
  });

  test('refused because a row waits, it changes nothing and is tried again', () => {
    const refused = scene.when({ type: 'DeadlinePassed', kind, refused: 'inbox-waiting' }, afterMs);
    expect(refused.decision).toEqual({ kind: 'ignored', because: 'inbox-waiting' });
  });
});

test('every kind of deadline stands in the table', () => {
  const kinds: Record<DeadlineKind, true> = {
    session: true,
    'prechat-abandoned': true,
    'queue-wait': true,
    offer: true,
    'first-reply': true,
    'idle-warning': true,
    'idle-close': true,
    'block-expiry': true,
    'bot-turn': true,
    'desk-lost': true,
    'held-too-long': true,
  };
  expect(new Set(timers.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)));
});

test.each([
  ['session', samples.bot(), 24 * HOUR],
  ['prechat-abandoned', samples.asked(), 10 * MINUTE],
  ['idle-warning', samples.replied(), 10 * MINUTE],
  ['held-too-long', samples.held(), 20 * HOUR],
] as const)('%s: a message of the very millisecond breaks the silence', (kind, scene, afterMs) => {
  const heard = scene.when(wrote('just in time'), afterMs);
  expect(heard.of('SessionStarted')).toEqual([]);
  expect(heard.when({ type: 'DeadlinePassed', kind }).because).toBe('not-due');
});

test('a millisecond later the message begins a new session', () => {
  const scene = samples.bot();
  const late = scene.when({ ...wrote('too late'), context: scene.context }, 24 * HOUR + 1);
  expect(late.state.session?.no).toBe(2);
});

test('without a number in the policy nothing is armed', () => {
  const never = { firstReplyMs: null, idle: { warnMs: null, closeMs: null } };
  expect(core.deadlines(samples.assigned({ policy: never }).state).map(({ kind }) => kind)).toEqual(['session']);
  expect(core.deadlines(samples.replied({ policy: never }).state).map(({ kind }) => kind)).toEqual(['session']);
});

test('whoever is taken in, waits or is served has an armed deadline', () => {
  const scenes = Object.values(samples).map((sample) => sample().state);
  for (const state of scenes.filter(({ phase }) => ['prechat', 'queued', 'assigned'].includes(phase.name))) {
    expect(core.deadlines(state).map(({ kind }) => kind)).toContain('session');
  }
});
