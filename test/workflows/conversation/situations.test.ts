/** What a customer hears of a queue, and where they wait if nobody is there. */
import { describe, expect, test } from 'vitest';
import type { Situation } from '../../../workflows/conversation/state.ts';
import { agent, asks, join, resolves, routed, row, toGroup, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, MINUTE, type Facts, type Scene } from '../../../dev/scenes/given.ts';

const other = { kind: 'group', groupId: 'group-2' } as const;
const policy = { firstReplyMs: 5 * MINUTE };
// oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
const left = row('AgentLeft', { agentId: 'anna', then: 'requeue', groupId: null });
const takenByDesk = (facts: Facts): Scene => samples.takenByDesk(facts);

/** Every way back into a queue, from where somebody had it. */
const ways: [name: string, from: (facts: Facts) => Scene, go: (scene: Scene) => Scene][] = [
  ['unassign', samples.assigned, (scene) => scene.when(asks('Unassign', {}))],
  ['forward to the group', samples.assigned, (scene) => scene.when(asks('Forward', { to: toGroup }))],
  ['an agent who goes offline', samples.assigned, (scene) => scene.when(left)],
  ['no reply in time', samples.assigned, (scene) => scene.fires('first-reply')],
  [
    'a desk that fails',
    takenByDesk,
    (scene) => scene.done('SendToDesk', { kind: 'failed', class: 'auth', retryAfterMs: null }),
  ],
  ['the customer who reopens', (facts) => samples.queued(facts).when(resolves()), (scene) => scene.when(wrote('m9'))],
];
const atWill = ways.filter(([name]) => !name.startsWith('forward'));

const notices = (scene: Scene) =>
  scene.of('MessageQueued').flatMap(({ what }) => (what.kind === 'notice' ? [what.notice] : []));

describe('S2-4: the customer is told how the queue stands', () => {
  test.each(ways)('after %s', (_name, from, go) => {
    for (const situation of ['all-offline', 'all-busy', 'out-of-hours'] as const) {
      const scene = go(from({ policy }).with({ policy, situation }));
      expect(scene.state.phase.name).toBe('queued');
      expect(notices(scene)).toEqual([situation]);
      expect(scene.state.handover?.told).toContain(situation);
    }
  });

  test.each(ways)('and nothing after %s where somebody is there', (_name, from, go) => {
    expect(notices(go(from({ policy })))).toEqual([]);
  });

  test('once for each situation in a hand-over, however often it comes to that', () => {
    const facts = (situation: Exclude<Situation, 'assigned'>): Facts => ({ policy, situation });
    const again = (scene: Scene) => scene.when(join('anna')).when(asks('Unassign', { by: agent('anna') }));
    const busy = again(samples.queued(facts('all-busy')));
    const twice = again(busy);
    expect([notices(busy), notices(twice)]).toEqual([['all-busy'], []]);
    const offline = again(twice.with(facts('all-offline')));
    expect(notices(offline)).toEqual(['all-offline']);
    expect(notices(again(offline.with(facts('all-busy'))))).toEqual([]);
  });

  test('with words that are void once somebody has it', () => {
    const busy = samples.assigned({ policy }).with({ policy, situation: 'all-busy' }).when(asks('Unassign', {}));
    expect(busy.when(join('bert')).of('MessageCancelled').length).toBeGreaterThan(0);
  });
});

describe('S1-10, S2-4: everybody offline, where the group wants the bot then', () => {
  const nobody: Facts = { policy, situation: 'all-offline', groups: { 'group-1': { queue: { onAllOffline: 'bot' } } } };

  test.each(atWill)('the customer is the bot’s again after %s, and told', (_name, from, go) => {
    const scene = go(from({ policy }).with(nobody));
    expect(scene.state.phase.name).toBe('bot');
    expect(scene.of('ReturnedToBot')).toMatchObject([{ because: 'all-offline' }]);
    expect(notices(scene)).toEqual(['all-offline']);
    expect(scene.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'returned', because: 'all-offline' } }]);
  });

  test('the place of who had it is free in the same decision', () => {
    const scene = samples.assigned({ policy }).with(nobody).when(left);
    expect(scene.of('OwnerReleased')).toMatchObject([{ owner: { agentId: 'anna' } }]);
  });

  test('but who was forwarded waits where a person sent them', () => {
    const everywhere = { ...nobody, groups: { 'group-2': { queue: { onAllOffline: 'bot' as const } } } };
    const scene = samples
      .assigned({ policy })
      .with(everywhere)
      .when(asks('Forward', { to: other }));
    expect(scene.state.phase).toMatchObject({ name: 'queued', target: other });
    expect(notices(scene)).toEqual(['all-offline']);
  });

  test('and without a bot the customer waits', () => {
    const facts: Facts = { policy: { ...policy, bot: { onFailure: 'hand-over' } }, botId: null };
    const asked = given(facts).when(wrote('m1')).done('CheckPresence', { kind: 'checked', online: true });
    const held = asked.done('RouteHandover', routed()).when(join('anna'));
    const scene = held.with({ ...nobody, botId: null }).when(left);
    expect(scene.state.phase.name).toBe('queued');
    expect(notices(scene)).toEqual(['all-offline']);
  });
});

describe('who waits when the last agent goes', () => {
  const gone = row('AvailabilityChanged', {});
  const offline: Facts = { policy, situation: 'all-offline' };

  test('is told, once', () => {
    const told = samples.queued({ policy }).with(offline).when(gone);
    expect(notices(told)).toEqual(['all-offline']);
    expect(told.state.phase.name).toBe('queued');
    expect(told.when(gone).events).toEqual([]);
  });

  test('is the bot’s again where the group wants that, and an offer that is out is withdrawn', () => {
    const facts = { ...offline, groups: { 'group-1': { queue: { onAllOffline: 'bot' as const } } } };
    for (const sample of [samples.queued, samples.offered]) {
      const back = sample({ policy }).with(facts).when(gone);
      expect(back.of('ReturnedToBot')).toMatchObject([{ because: 'all-offline' }]);
      expect(notices(back)).toEqual(['all-offline']);
    }
    expect(samples.offered({ policy }).with(facts).when(gone).of('OfferEnded')).toHaveLength(1);
  });

  test('S2-3: or hears that the group has closed, once, and of everybody’s going another time', () => {
    const closed = samples.queued({ policy }).with({ policy, situation: 'out-of-hours' }).when(gone);
    expect(notices(closed)).toEqual(['out-of-hours']);
    expect(closed.when(gone).events).toEqual([]);
    expect(notices(closed.with(offline).when(gone))).toEqual(['all-offline']);
  });

  test('not where the customer was told so when they began to wait', () => {
    const situation = 'out-of-hours';
    const waits = samples.queued({ policy }, { situation }).with({ policy, situation });
    expect(notices(waits)).toEqual([situation]);
    expect(waits.when(gone).events).toEqual([]);
  });

  test('hears nothing where somebody is there after all', () => {
    for (const situation of [null, 'all-busy'] as const) {
      expect(samples.queued({ policy }).with({ policy, situation }).when(gone).because).toBe('somebody-is-there');
    }
  });

  test('and only who waits for a group', () => {
    expect(samples.openedAtDesk({ policy }).with(offline).when(gone).because).toBe('somebody-is-there');
    expect(samples.assigned({ policy }).with(offline).when(gone).because).toBe('nobody-waits');
    expect(samples.bot({ policy }).with(offline).when(gone).because).toBe('nobody-waits');
  });
});
