import { describe, expect, test } from 'vitest';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import {
  answered,
  asks,
  failed,
  requested,
  resolves,
  routed,
  row,
  supervisor,
  toGroup,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, MINUTE, type Scene } from '../../../dev/scenes/given.ts';

const lane = (scene: Scene, name: string) =>
  core.pending(scene.state).flatMap((work) => (work.lane === name ? [work.id] : []));

test('an id names kind, number and attempt', () => {
  expect(lane(samples.botBusy(), 'ask')).toEqual(['AskBot:1:1']);
  expect(lane(samples.botBusy().done('AskBot', failed()), 'ask')).toEqual(['AskBot:1:2']);
  expect(lane(samples.queuedAtDesk(), 'desk:desk-1')).toEqual(['OpenAtDesk:1:1']);
});

test('work carries all that its activity needs, and no word', () => {
  expect(samples.botBusy().pending('AskBot')[0]).toEqual({
    kind: 'AskBot',
    lane: 'ask',
    id: 'AskBot:1:1',
    notBeforeAt: 0,
    turn: 1,
    botId: 'bot-1',
    about: { kind: 'messages' },
    messages: { from: 1, to: 1 },
    epoch: 1,
    attempt: 1,
    timeoutMs: 3_000,
    deferMs: 60_000,
  });
});

describe('order within a lane', () => {
  test('words to the channel go out as they were accepted', () => {
    const said = samples.botBusy().done('AskBot', answered(['a', 'b', 'c']));
    expect(lane(said, 'channel')).toEqual(['SendMessage:1:1', 'SendMessage:2:1', 'SendMessage:3:1']);
  });

  test('a desk is asked before it gets the lines of this hand-over', () => {
    const asked = samples.queuedAtDesk().when(wrote('m1')).when(wrote('m2'));
    expect(lane(asked, 'desk:desk-1').map((id) => id.split(':')[0])).toEqual([
      'OpenAtDesk',
      'SendToDesk',
      'SendToDesk',
    ]);
  });

  test('what is left of an earlier hand-over comes first: its lines, then that it is over', () => {
    const closed = samples.heldByDesk().when(wrote('m1')).when(resolves());
    const again = closed.when(wrote('m2'));
    expect(lane(again, 'desk:desk-1').map((id) => id.split(':')[0])).toEqual([
      'SendToDesk',
      'TellDesk',
      'OpenAtDesk',
      'SendToDesk',
    ]);
  });

  test('two desks have two lanes', () => {
    const took = samples
      .heldByDesk()
      .when(row('DeskTook', { deskId: 'desk-2', personId: null }))
      .when(wrote('m1'));
    expect(lane(took, 'desk:desk-1')).toEqual(['TellDesk:1:1']);
    expect(lane(took, 'desk:desk-2')).toHaveLength(1);
  });

  test('a line that outlived two stints of its desk is listed once', () => {
    const first = samples.bot().when(row('DeskTook', { deskId: 'desk-1', personId: null }));
    const second = first
      .when(asks('Unassign', { by: supervisor }))
      .when(wrote('m1'))
      .when(resolves());
    const ids = lane(second, 'desk:desk-1');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map((id) => id.split(':')[0])).toEqual(['TellDesk', 'SendToDesk', 'TellDesk']);
  });
});

test('a bot that has time of its own leaves its lane free', () => {
  const asked = samples.botBusy().when(requested).done('AskBot', { kind: 'deferred' });
  expect(lane(asked, 'ask')).toEqual(['CheckPresence:1:1']);
});

test('a person who was asked for does not wait for a bot that is to be left alone', () => {
  const throttled = samples.botBusy().done('AskBot', failed('throttled', MINUTE));
  expect(lane(throttled.when(requested), 'ask')).toEqual(['CheckPresence:1:1', 'AskBot:1:2']);
  const none = samples.botBusy({ policy: { intake: { by: 'none' } } }).done('AskBot', failed('throttled', MINUTE));
  const routing = none.when(requested).done('CheckPresence', { kind: 'checked', online: true });
  expect(lane(routing, 'ask')).toEqual(['RouteHandover:1:1', 'AskBot:1:2']);
  expect(routing.done('RouteHandover', routed()).state).toMatchObject({ phase: { name: 'queued' }, turn: null });
});

test('nothing is pending where nothing is owed', () => {
  expect(core.pending(core.initial)).toEqual([]);
  expect(core.pending(given().state)).toEqual([]);
});

test('a result of work that is not pending changes nothing', () => {
  const work = { id: 'OpenAtDesk:7:1', kind: 'OpenAtDesk' } as never;
  const stale = samples.queuedAtDesk().when(core.onDone(work, { kind: 'refused' }));
  expect(stale.decision).toEqual({ kind: 'ignored', because: 'stale-result' });
  const told = core.onDone({ id: 'TellDesk:3:1', kind: 'TellDesk' } as never, { kind: 'told' });
  expect(
    samples
      .heldByDesk()
      .when(asks('Forward', { to: toGroup }))
      .when(told).because,
  ).toBe('stale-result');
});
