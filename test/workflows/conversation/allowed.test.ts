/** What clients draw buttons from, and every rejection carries: true for whoever asks. */
import { describe, expect, test } from 'vitest';
import { allowed, allowedTo } from '../../../workflows/conversation/allowed.ts';
import { type By, commandNames, type Command, type CommandName } from '../../../workflows/conversation/inputs.ts';
import { byId } from '../../../workflows/conversation/by.ts';
import { agent, api, asks, supervisor, toGroup } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import type { Scene } from '../../../dev/scenes/given.ts';

const parties: Record<string, By> = {
  anna: agent('anna'),
  bert: agent('bert'),
  supervisor,
  key: api,
  'another bot': { kind: 'bot', botId: 'bot-9' },
};
const automatic = { policy: { assignment: 'automatic' } } as const;
const scenes: Record<string, Scene> = {
  ...Object.fromEntries(Object.entries(samples).map(([name, sample]) => [name, sample()])),
  'queued, automatic': samples.queued(automatic),
};

describe('Anna has the chat, or was offered it', () => {
  test.each([
    ['assigned', 'anna', 'RequestHandover Unassign Forward HandBack Reply Resolve Block Tag'],
    ['assigned', 'bert', 'RequestHandover Block Tag'],
    ['assigned', 'supervisor', 'RequestHandover Assign Unassign Forward HandBack Resolve Block Tag'],
    ['assigned', 'key', 'RequestHandover Assign Unassign Forward HandBack Reply Resolve Block Tag'],
    ['heldByDesk', 'anna', 'RequestHandover Block Tag'],
    ['heldByDesk', 'key', 'RequestHandover Assign Unassign Forward HandBack Resolve Block Tag'],
    ['queued', 'bert', 'RequestHandover Join Assign Resolve Block Tag'],
    ['queued, automatic', 'bert', 'RequestHandover Resolve Block Tag'],
    ['queued, automatic', 'supervisor', 'RequestHandover Assign Resolve Block Tag'],
    ['offered', 'anna', 'RequestHandover Join Assign AcceptOffer DeclineOffer Resolve Block Tag'],
    ['offered', 'bert', 'RequestHandover Join Assign Resolve Block Tag'],
    ['bot', 'another bot', 'Block Tag'],
    ['bot', 'bert', 'RequestHandover Block Tag'],
    ['resolved', 'bert', 'Resolve Reopen Block Tag'],
    ['blocked', 'bert', 'RequestHandover Unblock Tag'],
  ])('%s: %s may %s', (scene, party, list) => {
    expect(allowedTo(sceneOf(scene).state, partyOf(party)).join(' ')).toBe(list);
  });
});

/** What says that it is the wrong moment, or the wrong person. Others, as a full agent, can be known by the record only. */
const forOthers = new Set<unknown>(['wrong-state', 'not-the-owner', 'taken', 'offer-gone', 'auto-assignment-enabled']);

const everyone = Object.keys(scenes).flatMap((scene) => Object.keys(parties).map((party) => [scene, party] as const));

test.each(everyone)('%s: what %s is told is possible is so, and nothing else has an effect', (name, party) => {
  const scene = sceneOf(name);
  const by = partyOf(party);
  const listed = allowedTo(scene.state, by);
  expect(allowed(scene.state)).toEqual(expect.arrayContaining(listed));
  const tried = commandNames.map((command) => ({ command, turned: scene.when(commandOf(command, scene, by)) }));
  const wrong = tried.filter(({ command, turned: { because, events } }) =>
    listed.includes(command) ? forOthers.has(because) : events.length > 0,
  );
  expect(wrong.map(({ command }) => command)).toEqual([]);
  const rejections = tried.flatMap(({ turned: { rejection } }) => rejection ?? []);
  expect(rejections.map((rejection) => rejection.allowed)).toEqual(rejections.map(() => listed));
});

/** As this party gives it: an agent for themselves, a key for the agent whom it is about. */
function commandOf(name: CommandName, { state }: Scene, by: By): Command {
  const own = by.kind === 'api' ? 'anna' : (byId(by) ?? '');
  const fields = {
    agentId: name === 'Assign' && state.phase.name === 'assigned' ? 'carl' : own,
    to: toGroup,
    override: false,
    messageId: 'words',
    blockId: 'block-3',
    expiresAt: null,
    add: ['tag-1'],
    remove: [],
    claimId: 'claim-1',
    request: { requestId: 'request-9', priority: 0 },
  };
  return asks(name, { by, ...fields });
}

function sceneOf(name: string): Scene {
  const scene = scenes[name];
  if (scene === undefined) throw new Error(`no scene ${name}`);
  return scene;
}

function partyOf(name: string): By {
  const by = parties[name];
  if (by === undefined) throw new Error(`no party ${name}`);
  return by;
}
