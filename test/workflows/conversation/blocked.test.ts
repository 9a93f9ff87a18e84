import { describe, expect, test } from 'vitest';
import {
  answered,
  asks,
  blocks,
  failed,
  join,
  requested,
  row,
  wantsPerson,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { HOUR } from '../../../dev/scenes/given.ts';

const unblock = asks('Unblock', {});
const notices = ({ state }: ReturnType<typeof samples.bot>) =>
  state.outbox.flatMap(({ what }) => (what.kind === 'notice' ? [what.notice] : []));

describe('S1-8: a block', () => {
  test.each([
    ['bot', samples.botBusy],
    ['checking', samples.checking],
    ['prechat', samples.prechat],
    ['form', samples.answering],
    ['queued', samples.queued],
    ['offered', samples.offered],
    ['queued at a desk', samples.openedAtDesk],
    ['assigned', samples.assigned],
    ['held by a desk', samples.heldByDesk],
    ['resolved', samples.resolved],
    ['over', samples.over],
  ])('from %s: hand-over over, owner released, message sent once, baton with the bot', (_name, sample) => {
    const blocked = sample().when(blocks());
    expect(blocked.state).toMatchObject({ phase: { name: 'blocked' }, handover: null, block: { blockId: 'block-1' } });
    expect(blocked.of('ConversationBlocked')).toMatchObject([{ here: true }]);
    expect(notices(blocked).filter((notice) => notice === 'blocked')).toHaveLength(1);
    expect(blocked.state.baton.holder.kind).toBe(blocked.state.session === null ? 'engine' : 'bot');
    expect(blocked.state.session?.locked ?? false).toBe(false);
  });

  test('of the contact reaches other conversations without a message there', () => {
    const blocked = samples.assigned().when(row('ContactBlocked', { blockId: 'block-2', expiresAt: null }));
    expect(blocked.of('ConversationBlocked')).toMatchObject([{ here: false }]);
    expect(blocked.of('OwnerReleased')).toMatchObject([{ owner: { agentId: 'anna' }, because: 'blocked' }]);
    expect(blocked.of('MessageQueued')).toEqual([]);
  });

  test('tells the desk that had the chat that it is closed', () => {
    expect(samples.heldByDesk().when(blocks()).of('DeskNoticeQueued')).toMatchObject([{ kind: 'closed', handover: 1 }]);
  });

  test('news of it that come again have no effect; another one takes its place', () => {
    const again = row('ContactBlocked', { blockId: 'block-1', expiresAt: null });
    expect(samples.blocked().when(again).because).toBe('already-blocked');
    const other = samples.blocked().when(row('ContactBlocked', { blockId: 'block-2', expiresAt: null }));
    expect(other.state.block?.blockId).toBe('block-2');
  });
});

describe('S1-8: while blocked', () => {
  test('the bot answers at once, lock or not', () => {
    const asked = samples.assigned().when(blocks()).when(wrote('hello?'));
    expect(asked.pending('AskBot')).toMatchObject([{ about: { kind: 'messages' }, messages: { from: 3, to: 3 } }]);
    const said = asked.done('AskBot', answered(['hi']));
    expect(said.of('MessageQueued')).toMatchObject([{ author: 'bot' }]);
  });

  test('a request for a person gets the same message again, and goes no further', () => {
    const byApi = samples.blocked().when(requested);
    expect(byApi.events).toMatchObject([
      { type: 'MessageQueued', what: { notice: 'blocked', situation: 'block:block-1' } },
    ]);
    const byBot = samples
      .blocked()
      .when(wrote('a person, please'))
      .done('AskBot', answered(['well'], wantsPerson));
    expect(byBot.of('MessageQueued').map(({ what }) => what)).toMatchObject([
      { messageId: 'well' },
      { notice: 'blocked' },
    ]);
    expect(byBot.state).toMatchObject({ phase: { name: 'blocked' }, handover: null });
  });

  test('a bot that fails apologizes, and never hands over', () => {
    const policy = { bot: { tries: 1, onFailure: 'hand-over' } } as const;
    const given = samples.blocked({ policy }).when(wrote('hello?')).done('AskBot', failed());
    expect(given.types).toEqual(['BotTurnFailed', 'MessageQueued']);
  });

  test('nobody joins, opens or takes it: 409 blocked, or discarded', () => {
    expect(samples.blocked().when(join('anna')).rejection).toMatchObject({
      code: 'blocked',
      allowed: ['RequestHandover', 'Unblock', 'Tag'],
    });
    expect(samples.blocked().when(blocks()).rejection?.code).toBe('blocked');
    const took = samples.blocked().when(row('DeskTook', { deskId: 'desk-1', personId: null }));
    expect(took.events).toMatchObject([{ type: 'InputDiscarded', because: 'blocked' }]);
  });

  test('the session ends as ever, and the next one begins as the contact then is', () => {
    const over = samples.blocked().fires('session');
    expect(over.state).toMatchObject({ phase: { name: 'blocked' }, session: null, block: { blockId: 'block-1' } });
    const still = over.with({ block: { blockId: 'block-1', expiresAt: null } }).when(wrote('m9'));
    expect(still.state).toMatchObject({ phase: { name: 'blocked' }, session: { no: 2 } });
    const lifted = over.with({ block: null }).when(wrote('m9'));
    expect(lifted.types.slice(0, 2)).toEqual(['ConversationUnblocked', 'SessionStarted']);
    expect(lifted.state).toMatchObject({ phase: { name: 'bot' }, block: null });
  });
});

describe('S1-8: a block ends', () => {
  test('by a command, by the contact’s news, or at its time', () => {
    const byCommand = samples.blocked().when(unblock);
    expect(byCommand.of('ConversationUnblocked')).toMatchObject([{ blockId: 'block-1', because: 'unblock' }]);
    expect(byCommand.state).toMatchObject({ phase: { name: 'bot' }, block: null });
    const byNews = samples.blocked().when(row('ContactUnblocked', { blockId: 'block-1' }));
    expect(byNews.state.phase.name).toBe('bot');
    const timed = samples.bot().when(blocks(samples.bot().now + HOUR));
    expect(timed.fires('block-expiry').of('ConversationUnblocked')).toMatchObject([{ because: 'expired' }]);
  });

  test('the bot had the baton all the while, so it is neither woken nor made to begin anew', () => {
    const busy = samples.blocked().when(wrote('hello?'));
    const open = busy.when(unblock);
    expect(open.state.baton).toEqual(busy.state.baton);
    expect(open.state.turn).toEqual(busy.state.turn);
    expect(open.of('MessageCancelled')).toMatchObject([{ because: 'situation-over' }]);
  });

  test('news of an older block change nothing', () => {
    expect(samples.blocked().when(row('ContactUnblocked', { blockId: 'block-0' })).because).toBe('another-block');
    expect(samples.bot().when(row('ContactUnblocked', { blockId: 'block-0' })).because).toBe('not-blocked');
    expect(samples.bot().when(unblock).rejection?.code).toBe('not-blocked');
  });
});
