/** A closed window holds all but templates, until the customer writes or they are too old. */
import { describe, expect, test } from 'vitest';
import { answer, answered, failed, join, replies, row, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { HOUR, MINUTE, type Scene } from '../../../dev/scenes/given.ts';
import { scenes } from './cells.ts';

const seqs = (scene: Scene) => scene.pending('SendMessage').map(({ outbound }) => outbound.seq);
const waiting = (scene: Scene) => scene.state.outbox.map(({ seq }) => seq);
const saying = (...words: string[]) => samples.botBusy().done('AskBot', answered(words));
const shut = () => saying('one', 'two', 'three').done('SendMessage', failed('window-closed'));
const receipt = (outbound: number) => row('ReceiptCame', { outbound, status: 'failed', class: 'window-closed' });
const sent = { kind: 'sent' } as const;

describe('a send that the window refused', () => {
  test('fails for good, and what comes after it is held: it waits, and is not tried', () => {
    const closed = shut();
    expect(closed.events).toMatchObject([
      { type: 'MessageSettled', seq: 1, as: 'failed', class: 'window-closed' },
      { type: 'WindowClosed', seq: 1 },
    ]);
    expect([seqs(closed), waiting(closed)]).toEqual([[], [2, 3]]);
  });

  test('may be told by a receipt alone, after it counted as sent', () => {
    const closed = saying('one', 'two').done('SendMessage', sent).when(receipt(1));
    expect(closed.events).toMatchObject([{ type: 'WindowClosed', seq: 1 }]);
    expect([seqs(closed), waiting(closed)]).toEqual([[], [2]]);
  });

  test('says nothing where the customer has written since: the window is open again', () => {
    const heard = saying('one').done('SendMessage', sent).when(wrote('yes?'));
    expect(heard.when(receipt(1)).because).toBe('settled-before');
    const late = saying('one', 'two').when(wrote('yes?')).done('SendMessage', failed('window-closed'));
    expect(late.types).toEqual(['MessageSettled']);
    expect(seqs(late)).toEqual([2]);
  });

  test('is told once, whatever else is refused', () => {
    expect(shut().when(receipt(2)).types).toEqual(['MessageSettled']);
  });

  test('holds what anybody accepted says next, and no line to a desk', () => {
    const closed = samples.held();
    const more = closed.when(replies('anna', 'still there?'));
    expect([seqs(more), waiting(more).length]).toEqual([[], waiting(closed).length + 1]);
    const line = samples.heldByDesk().when(wrote('m1')).done('SendToDesk', failed('window-closed'));
    expect(line.types).not.toContain('WindowClosed');
  });
});

describe('the customer writes', () => {
  test('and what was held goes out first, in its order', () => {
    const opened = shut().when(wrote('back again'));
    expect(opened.types).toContain('WindowOpened');
    expect(seqs(opened)).toEqual([2, 3]);
    const said = opened.when(row('BotAnswered', { turn: opened.state.turn?.no ?? 0, answer: answer(['four']) }));
    expect(seqs(said)).toEqual([2, 3, 4]);
  });

  test('in any state, and nothing is held any more', () => {
    for (const scene of Object.values(scenes).flat()) {
      if (scene.dueAt('held-too-long') === null) continue;
      const opened = scene.when(wrote('back again'));
      expect(opened.dueAt('held-too-long')).toBeNull();
      expect(seqs(opened)).toEqual(opened.state.outbox.flatMap(({ seq, to }) => (to.kind === 'channel' ? [seq] : [])));
    }
  });

  test('and the window may close again', () => {
    const again = shut()
      .when(wrote('back again'))
      .when(row('BotAnswered', { turn: 2, answer: answer(['four', 'five']) }));
    const said = again.done('SendMessage', sent).done('SendMessage', sent);
    const closed = said.done('SendMessage', failed('window-closed'), HOUR);
    expect(closed.of('WindowClosed')).toMatchObject([{ seq: 4 }]);
    expect(waiting(closed)).toEqual([5]);
  });
});

describe('what is held', () => {
  test('fails as refused by the window at its greatest age, each at its own', () => {
    const first = samples.held();
    const second = first.when(replies('anna', 'later'), HOUR);
    const fired = second.fires('held-too-long');
    expect(fired.events).toMatchObject([{ type: 'MessageSettled', as: 'failed', class: 'window-closed' }]);
    expect(fired.dueAt('held-too-long')).toBe(second.now + 20 * HOUR);
    expect(waiting(fired)).toHaveLength(1);
  });

  test('and may have been sent by an attempt of another run is asked about instead', () => {
    const old = samples.held();
    const at = old.dueAt('held-too-long') ?? 0;
    const refused = { type: 'DeadlinePassed', kind: 'held-too-long', refused: 'another-attempt' } as const;
    const fired = old.when(refused, at - old.now);
    expect(fired.events).toMatchObject([{ type: 'SendUnclear' }]);
    expect(seqs(fired)).toEqual(waiting(old));
    expect(fired.done('SendMessage', sent).events).toMatchObject([{ type: 'MessageSettled', as: 'sent' }]);
  });

  test('is cancelled as ever: a notice whose situation is over, a bot’s words when a person takes the chat', () => {
    const asked = samples.queued();
    const closed = asked.when(receipt(asked.state.count.outbound)).fires('queue-wait');
    const notice = closed.state.outbox.find(({ what }) => what.kind === 'notice');
    const taken = closed.when(join('anna'));
    const cancelled = taken.of('MessageCancelled').map(({ seq, because }) => [seq, because]);
    expect(cancelled).toContainEqual([notice?.seq, 'situation-over']);
    expect(cancelled.filter(([, because]) => because === 'takeover').length).toBeGreaterThan(0);
    expect(taken.state.outbox.map(({ author }) => author)).toEqual(['engine']);
  });

  test('and was being sent when the window closed is settled by its result', () => {
    const closed = saying('one', 'two', 'three').done('SendMessage', sent).when(receipt(1));
    const result = (outcome: object) =>
      closed.when({ type: 'WorkDone', workId: 'SendMessage:2:1', work: 'SendMessage', outcome } as never);
    expect(result(sent).of('MessageSettled')).toMatchObject([{ seq: 2, as: 'sent' }]);
    const delayed = result(failed());
    expect(delayed.of('SendDelayed')).toMatchObject([{ seq: 2, attempt: 2 }]);
    expect(seqs(delayed)).toEqual([]);
    expect(seqs(delayed.when(wrote('back again')))).toEqual([2, 3]);
  });

  test('is nothing that may have gone out already: the channel is asked about it', () => {
    const unclear = saying('one', 'two').done('SendMessage', sent).done('SendMessage', failed('ambiguous'), MINUTE);
    const closed = unclear.when(receipt(1));
    expect(closed.types).toEqual(['WindowClosed']);
    expect(seqs(closed)).toEqual([2]);
    expect(closed.dueAt('held-too-long')).toBeNull();
  });

  test('keeps its conversation open when the session is over, and nothing else does', () => {
    const over = samples.held().fires('session');
    expect(over.state.session).toBeNull();
    expect(over.dueAt('held-too-long')).not.toBeNull();
  });
});
