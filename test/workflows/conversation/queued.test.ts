import { describe, expect, test } from 'vitest';
import {
  agent,
  asks,
  join,
  replies,
  resolves,
  routed,
  row,
  supervisor,
  toDesk,
  toGroup,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, MINUTE, SECOND, type Scene } from '../../../dev/scenes/given.ts';

const automatic = { policy: { assignment: 'automatic' } } as const;

const claims = (
  scene: Scene,
  more: Partial<{ entry: number; epoch: number; offer: boolean; claimId: string }> = {},
) => {
  const current = { entry: scene.state.count.entry, epoch: scene.state.baton.epoch };
  return row('AgentClaimed', { claimId: 'claim-1', agentId: 'bert', offer: false, ...current, ...more });
};
const accepts = (agentId: string, claimId = 'claim-1') => asks('AcceptOffer', { agentId, claimId, by: agent(agentId) });
const declines = (agentId: string, claimId = 'claim-1') =>
  asks('DeclineOffer', { agentId, claimId, by: agent(agentId) });

describe('join and assign', () => {
  test('S4-4: who joins has it: epoch up, place claimed, the customer told once', () => {
    const taken = samples.queued().when(join('anna'));
    expect(taken.of('ConversationAssigned')).toMatchObject([
      { owner: { kind: 'agent', agentId: 'anna' }, by: 'join', claimId: null, override: false, target: toGroup },
    ]);
    expect(taken.state.baton).toEqual({ holder: { kind: 'agent', agentId: 'anna' }, epoch: 3 });
    expect(taken.of('MessageQueued')).toMatchObject([{ what: { notice: 'assigned', situation: 'assigned:3' } }]);
    expect(taken.state.handover).toMatchObject({ step: 'held', told: ['assigned'] });
  });

  test.each([
    'agent-at-limit',
    'agent-offline',
    'agent-not-in-group',
    'agent-not-for-this-bot',
    'agent-unknown',
    'blocked',
  ] as const)('S1-3, S1-2: the record refuses %s: the agent learns why, and nothing has changed', (refused) => {
    const queued = samples.queued();
    const turned = queued.when({ ...join('anna'), refused });
    expect(turned.rejection?.code).toBe(refused);
    expect(turned.rejection?.allowed).toEqual(['RequestHandover', 'Join', 'Assign', 'Resolve', 'Block', 'Tag']);
    expect(turned.state).toBe(queued.state);
  });

  test('S1-2: automatic groups have no joining, nor assigning to oneself', () => {
    const queued = samples.queued(automatic);
    const turned = queued.when(join('anna'));
    expect(turned.rejection?.code).toBe('auto-assignment-enabled');
    expect(turned.rejection?.allowed).not.toContain('Join');
    const self = asks('Assign', { agentId: 'anna', override: false, by: agent('anna') });
    expect(queued.when(self).rejection?.code).toBe('auto-assignment-enabled');
    expect(queued.when(asks('Assign', { agentId: 'anna', override: false, by: supervisor })).state.phase.name).toBe(
      'assigned',
    );
  });

  test('S1-3: only a supervisor grants a place above the limit', () => {
    const over = (by: typeof supervisor) =>
      samples
        .queued()
        .when(asks('Assign', { agentId: 'anna', override: true, by }))
        .of('ConversationAssigned');
    expect(over(supervisor)).toMatchObject([{ override: true, by: 'assign' }]);
    expect(over(agent('bert'))).toMatchObject([{ override: false }]);
  });

  test('nobody joins a chat that waits for a desk; a supervisor may take it from there', () => {
    const atDesk = samples.openedAtDesk();
    expect(atDesk.when(join('anna')).rejection?.code).toBe('wrong-state');
    const taken = atDesk.when(asks('Assign', { agentId: 'anna', override: false, by: supervisor }));
    expect(taken.of('DeskNoticeQueued')).toMatchObject([{ deskId: 'desk-1', handover: 1, kind: 'taken' }]);
  });
});

describe('claims of the matcher', () => {
  test('S1-2: a claim for this entry and epoch is the assignment, and names the claim', () => {
    const queued = samples.queued(automatic);
    const taken = queued.when(claims(queued));
    expect(taken.of('ConversationAssigned')).toMatchObject([{ by: 'claim', claimId: 'claim-1' }]);
    expect(taken.state.phase).toMatchObject({ owner: { agentId: 'bert' } });
  });

  test.each([
    ['of another entry', { entry: 9 }, 'stale'],
    ['of another epoch', { epoch: 1 }, 'stale'],
  ])('R13: a claim %s is declined, which frees its place', (_name, more, because) => {
    const queued = samples.queued();
    const declined = queued.when(claims(queued, more));
    expect(declined.events).toMatchObject([{ type: 'ClaimDeclined', claimId: 'claim-1', agentId: 'bert', because }]);
  });

  test('R13: so is one for a chat that somebody has, or is offered, or waits for a desk', () => {
    const assigned = samples.assigned();
    expect(assigned.when(claims(assigned)).events).toMatchObject([{ type: 'ClaimDeclined', because: 'taken' }]);
    const offered = samples.offered();
    expect(offered.when(claims(offered, { claimId: 'claim-2' })).events).toMatchObject([
      { type: 'ClaimDeclined', claimId: 'claim-2', because: 'taken' },
    ]);
    const atDesk = samples.openedAtDesk();
    expect(atDesk.when(claims(atDesk)).events).toMatchObject([{ type: 'ClaimDeclined', because: 'stale' }]);
  });

  test.each(['claim-gone', 'blocked', 'agent-at-limit'] as const)(
    'a claim that the record refuses (%s) is declined, so the row has its answer',
    (refused) => {
      const queued = samples.queued();
      const declined = queued.when({ ...claims(queued), refused });
      expect(declined.types).toEqual(['ClaimDeclined']);
    },
  );
});

describe('B-16: offers', () => {
  test('an offer waits for its agent, who has it on accepting', () => {
    const offered = samples.offered();
    expect(offered.of('OfferMade')).toMatchObject([
      { entry: 1, offer: { claimId: 'claim-1', agentId: 'anna', expiresAt: offered.now + 120 * SECOND } },
    ]);
    const taken = offered.when(accepts('anna'));
    expect(taken.types).toEqual(
      expect.arrayContaining(['ConversationAssigned', 'CustomerTold', 'MessageQueued', 'MessageCancelled']),
    );
    expect(taken.of('ConversationAssigned')).toMatchObject([{ by: 'offer', claimId: 'claim-1' }]);
    expect(taken.of('OfferEnded')).toEqual([]);
  });

  test('another agent, or another offer, is told that it is gone', () => {
    expect(samples.offered().when(accepts('bert')).rejection?.code).toBe('offer-gone');
    expect(samples.offered().when(accepts('anna', 'claim-9')).rejection?.code).toBe('offer-gone');
    expect(samples.offered().when(declines('bert')).rejection?.code).toBe('offer-gone');
    expect(samples.queued().when(accepts('anna')).rejection?.code).toBe('offer-gone');
  });

  test('accepted too late for the record, it is gone', () => {
    expect(samples.offered().when({ ...accepts('anna'), refused: 'claim-gone' }).rejection?.code).toBe('offer-gone');
  });

  test('declined or missed, it goes to the next, and not straight back', () => {
    const declined = samples.offered().when(declines('anna'));
    expect(declined.of('OfferEnded')).toMatchObject([{ because: 'declined' }]);
    expect(declined.state.phase).toMatchObject({ offer: null, notTo: 'anna' });
    const missed = samples.offered().fires('offer');
    expect(missed.of('OfferEnded')).toMatchObject([{ because: 'expired' }]);
    expect(missed.state.phase).toMatchObject({ offer: null, notTo: 'anna', entry: 1 });
  });

  test('an offer is rescinded when somebody else gets the chat, its agent leaves, or nobody needs it any more', () => {
    const ended = [
      samples.offered().when(join('bert')),
      // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
      samples.offered().when(row('AgentLeft', { agentId: 'anna', then: 'requeue', groupId: null })),
      samples.offered().when(resolves()),
      samples.offered().when(row('CustomerCancelled', {})),
      samples.offered().when(asks('Block', { blockId: 'b', expiresAt: null })),
      samples.offered().when(row('DeskTook', { deskId: 'desk-1', personId: null })),
    ];
    for (const scene of ended) expect(scene.of('OfferEnded')).toMatchObject([{ claimId: 'claim-1', because: 'gone' }]);
  });

  test('the same claim reported again is a repeat', () => {
    const offered = samples.offered();
    expect(offered.when(claims(offered, { offer: true })).because).toBe('offer-out');
  });
});

describe('waiting', () => {
  test('S2-4: what the customer writes is accepted, and nothing is said to it', () => {
    expect(samples.queued().when(wrote('hello?')).types).toEqual(['CustomerMessageAccepted']);
  });

  test('after 30 min the customer is told once, and waits on', () => {
    const waited = samples.queued().fires('queue-wait');
    expect(waited.types).toEqual(['QueueWaitPassed', 'MessageQueued']);
    expect(waited.of('MessageQueued')).toMatchObject([{ what: { notice: 'queue-wait', situation: 'queued:1' } }]);
    expect(waited.dueAt('queue-wait')).toBeNull();
    expect(waited.dueAt('session')).not.toBeNull();
  });

  test('by setting the bot takes over, if there is one, or the chat is closed', () => {
    const toBot = samples.queued({ policy: { queue: { onWaitOver: 'bot' } } }).fires('queue-wait');
    expect(toBot.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'returned', because: 'queue-wait' }, epoch: 3 }]);
    const closed = samples.queued({ policy: { queue: { onWaitOver: 'close' } } }).fires('queue-wait');
    expect(closed.of('ConversationResolved')).toMatchObject([{ cause: 'queue-wait', by: null }]);
    expect(closed.of('MessageQueued')).toMatchObject([{ what: { notice: 'resolved' } }]);
  });

  test('without a bot to go to, the customer waits on', () => {
    const policy = { queue: { onWaitOver: 'bot' }, bot: { onFailure: 'hand-over' } } as const;
    const asked = given({ botId: null, policy }).when(wrote('m1'));
    const queued = asked
      .done('CheckPresence', { kind: 'checked', online: true })
      .done('RouteHandover', routed({}, policy));
    expect(queued.fires('queue-wait').types).toEqual(['QueueWaitPassed', 'MessageQueued']);
  });

  test('B-4: who is queued again keeps the age, and only the wait of this entry is measured anew', () => {
    const first = samples.queued();
    const again = first.when(join('anna'), MINUTE).when(asks('Unassign', { by: agent('anna') }), MINUTE);
    expect(again.state.phase).toMatchObject({ entry: 2, since: again.now, waitingSince: first.now });
    expect(again.dueAt('queue-wait')).toBe(again.now + 30 * MINUTE);
  });

  test('the customer who cancels is back with the bot, and every notice of the queue is void', () => {
    const busy = samples.routing().done('RouteHandover', routed({ situation: 'all-busy' }));
    const back = busy.when(row('CustomerCancelled', {}));
    expect(back.of('MessageCancelled')).toMatchObject([{ because: 'situation-over' }]);
    expect(back.of('BotTurnOpened')).toMatchObject([{ about: { because: 'customer-cancelled' } }]);
    expect(back.state.baton).toEqual({ holder: { kind: 'bot', botId: 'bot-1' }, epoch: 3 });
  });

  test('S1-7: it may be closed from the queue, by a person or a backend', () => {
    expect(
      samples
        .queued()
        .when(resolves(agent('anna')))
        .of('ConversationResolved'),
    ).toMatchObject([{ cause: 'agent', by: 'anna' }]);
    expect(samples.queued().when(resolves()).of('ConversationResolved')).toMatchObject([{ cause: 'api', by: 'key-1' }]);
  });

  test('S4-4: nobody owns it, so nobody replies', () => {
    expect(samples.queued().when(replies('anna', 'words')).rejection?.code).toBe('wrong-state');
  });

  test('no answer of a bot counts here', () => {
    const late = { type: 'WorkDone', workId: 'AskBot:3:1', work: 'AskBot' } as const;
    const turn = { answerId: 'answer-x', messageIds: ['x'], handover: null, intake: null };
    expect(samples.queued().when({ ...late, outcome: { kind: 'answered', answer: turn } }).types).toEqual([
      'InputDiscarded',
      'DraftDiscarded',
    ]);
  });
});

test('S0-7: the priority of the request stands in the queue', () => {
  const urgent = asks('RequestHandover', { request: { requestId: 'r', priority: 7 } });
  const queued = samples
    .bot({ policy: { intake: { by: 'none' } } })
    .when(urgent)
    .done('CheckPresence', { kind: 'checked', online: true })
    .done('RouteHandover', routed({ target: toDesk }));
  expect(queued.state.handover?.priority).toBe(7);
});
