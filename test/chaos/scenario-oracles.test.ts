/** The oracles of single scenarios can object, too: of a rate (R9), of deadlines and clocks (R11), and of the model (R12). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { conversationDecider as core } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import { defects } from './defects.ts';
import { wordsToChange } from './defects/careless-change.ts';
import { judgeCommand, type Taken } from './model/judged.ts';
import type { Move } from './model/moves.ts';
import { wrongClocks } from './oracles/clocks.ts';
import { wrongTimes, type Timed } from './oracles/deadlines.ts';
import { oracleNames } from './oracles/names.ts';
import { overRate } from './oracles/rate.ts';

const limits = { sessionMs: 100, firstReplyMs: 10 };

describe('deadlines', () => {
  const started = (at: number) => ({ type: 'SessionStarted', at, cause: `message of ${at}` });
  const accepted = (at: number) => ({ type: 'CustomerMessageAccepted', at, cause: `message of ${at}` });
  const ended = (at: number) => ({ type: 'SessionEnded', at, cause: 'deadline' });
  const of = (wrote: number[], events: Timed['events']): string[] =>
    wrongTimes([{ thread: 't', wrote, events }], limits);

  test('a message of the very millisecond of the end is in time, and a later one is not', () => {
    expect(of([1_000, 1_100], [started(1_000), ended(1_200)])).toEqual([]);
    expect(of([1_000, 1_101], [started(1_000), ended(1_100), started(1_101), ended(1_201)])).toEqual([]);
    expect(of([1_000, 1_101], [started(1_000), ended(1_201)])).not.toEqual([]);
    expect(of([1_000, 1_100], [started(1_000), ended(1_100), started(1_100), ended(1_200)])).not.toEqual([]);
  });

  test('a message that something was decided before, after it was stored, counts from that, and from nothing later', () => {
    const before = [
      started(1_000),
      accepted(1_000),
      ended(1_100),
      { type: 'MessageSettled', at: 1_205, cause: 'work' },
    ];
    expect(of([1_000, 1_200], [...before, started(1_205), accepted(1_205), ended(1_305)])).toEqual([]);
    expect(of([1_000, 1_200], [...before, started(1_206), accepted(1_206), ended(1_306)])).not.toEqual([]);
  });

  test('a millisecond too early, too late, or never', () => {
    for (const events of [[ended(1_099)], [ended(1_101)], []])
      expect(of([1_000], [started(1_000), ...events])).toHaveLength(1);
  });

  test('who took a chat and says nothing loses it then, or with its session', () => {
    const taken = (...after: Timed['events']): string[] =>
      of([1_000], [started(1_000), { type: 'ConversationAssigned', at: 1_050, cause: 'join' }, ...after, ended(1_100)]);
    expect(taken({ type: 'OwnerReleased', at: 1_060, cause: 'deadline' })).toEqual([]);
    expect(taken({ type: 'OwnerReleased', at: 1_061, cause: 'deadline' })).toHaveLength(1);
    expect(taken()).toHaveLength(1);
  });
});

describe('clocks', () => {
  const of = (wrote: number[]): string[] =>
    wrongClocks(
      [{ thread: 't', wrote, events: [] }],
      wrote.map((_, no) => ({ thread: 't', from: no * 10_000, until: no * 10_000 + 500 })),
    );

  test('that are about right are right', () => {
    expect(of([0, 10_400, 23_000])).toEqual([]);
    expect(of([-2_900, 10_400])).toEqual([]);
  });

  test.each([-8_000, 8_000, -3_600_000, 3_600_000])('a message that was stored %d ms off', (offMs) => {
    expect(of([0, 10_100 + offMs, 20_000])).toHaveLength(1);
  });
});

describe('a rate', () => {
  const rate = { perSecond: 4, burst: 2 };
  const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, no) => no * ms);

  test('is kept to by whoever comes at its pace after a burst, also where some of them are late', () => {
    expect(overRate([0, 0, ...every(250, 40)], rate)).toEqual([]);
    expect(overRate([...every(250, 20), ...every(250, 8).map((at) => 5_000 + at / 2)], rate)).toEqual([]);
    expect(overRate([], rate)).toEqual([]);
  });

  test('is not by many at once, nor by a pace that is a little too fast', () => {
    expect(overRate(every(0, 20), rate)).toEqual(['20 came in 0.0 s; at most 4 a second may']);
    expect(overRate(every(200, 60), rate)).toHaveLength(1);
  });
});

describe('the model', () => {
  const by = { kind: 'supervisor', agentId: 'chief' } as const;
  const move = (command: object): Move => ({
    action: '',
    body: {},
    actor: { by, token: '', acts: null },
    command: { by, key: 'k', ...command } as Move['command'],
  });
  const unassign = move({ type: 'Unassign' });
  const tag = move({ type: 'Tag', add: ['urgent'], remove: [] });
  const before = { state: initialState, eventNo: 0 };
  const tagged: ConversationEvent = { at: 1, type: 'TagsChanged', added: ['urgent'], removed: [] };
  const nothing: Taken = { before, after: before, events: [] };
  const something: Taken = {
    before,
    after: { state: core.evolve(initialState, tagged), eventNo: 1 },
    events: [tagged],
  };
  const refusal = { code: 'wrong-state', allowed: ['RequestHandover', 'Block', 'Tag'] };

  test('has nothing against what the core says', () => {
    expect(judgeCommand(unassign, { status: 409, body: refusal }, nothing, 1)).toEqual([]);
    expect(judgeCommand(tag, { status: 200, body: { events: ['TagsChanged'] } }, something, 1)).toEqual([]);
  });

  test.each([
    ['an illegal action that is accepted', unassign, { status: 200, body: { events: [] } }, nothing],
    ['a legal one that is refused', tag, { status: 409, body: refusal }, nothing],
    ['another reason', unassign, { status: 409, body: { ...refusal, code: 'taken' } }, nothing],
    ['another list of what is allowed', unassign, { status: 409, body: { ...refusal, allowed: [] } }, nothing],
    ['a refusal with an effect', unassign, { status: 409, body: refusal }, something],
    ['other events than the core has', tag, { status: 200, body: { events: ['IdleWarned'] } }, something],
    [
      'a state that its events do not lead to',
      tag,
      { status: 200, body: { events: ['TagsChanged'] } },
      { ...something, after: before },
    ],
    ['a failure', tag, { status: 500, body: {} }, nothing],
  ])('%s', (_, asked, answered, taken) => {
    expect(judgeCommand(asked, answered, taken, 1)).not.toEqual([]);
  });
});

test('the page names every defect that can be planted live, and who sees it', () => {
  const page = readFileSync(new URL('../../docs/chaos.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| [^|`]+ \| `([\w-]+)`[^|]*\|$/gm)].map(([, name, oracle]) => [
    name,
    oracle,
  ]);
  expect(rows).toEqual([...defects.values()].map(({ name, oracle }) => [name, oracle]));
});

test.each(oracleNames)('%s: a defect is planted live for it', (name) => {
  expect([...defects.values()].map(({ oracle }) => oracle)).toContain(name);
});

test('every function that a defect changes says the words that it changes', () => {
  const folder = new URL('../../store/migrations/', import.meta.url);
  const all = readdirSync(folder)
    .toSorted()
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const bodyOf = (name: string): string =>
    all.split(new RegExp(`CREATE (?:OR REPLACE )?FUNCTION ${name}\\(`)).at(-1) ?? '';
  const gone = wordsToChange.filter(({ name, words }) => !bodyOf(name).split('$$')[1]?.includes(words));
  expect(gone).toEqual([]);
});
