/**
 * What may come while a person is asked for, in every order: the model's random walks seldom meet just these few in a row.
 * After each step its invariants hold, and no message of the customer's is lost.
 */
import { expect, test } from 'vitest';
import { answered, failed, requested, routed, row, wrote } from '../../../../dev/scenes/inputs.ts';
import { given, type Facts, type Scene } from '../../../../dev/scenes/given.ts';
import { ofState, wordsAreTheHolders } from './invariants.ts';
import { conversationDecider as core } from '../../../../workflows/conversation/decider.ts';
import { createWordBooks } from './word-books.ts';

/** What comes next to a scene; null: it can't, just now. */
type Step = (scene: Scene) => Scene | null;

const ifPending = (kind: Parameters<Scene['pending']>[0], step: (scene: Scene) => Scene): Step => {
  return (scene) => (scene.pending(kind).length > 0 ? step(scene) : null);
};

const steps: Record<string, Step> = {
  message: (scene) => scene.when(wrote(`m${scene.seq + 1}`)),
  request: (scene) => scene.when(requested),
  presence: ifPending('CheckPresence', (scene) => scene.done('CheckPresence', { kind: 'checked', online: true })),
  'bot answers': ifPending('AskBot', (scene) => scene.done('AskBot', answered(['words'], { intake: 'open' }))),
  'bot is done': ifPending('AskBot', (scene) => scene.done('AskBot', answered(['words'], { intake: 'done' }))),
  'bot fails': ifPending('AskBot', (scene) => scene.done('AskBot', failed('permanent'))),
  'form reads': ifPending('CheckAnswer', (scene) => scene.done('CheckAnswer', { kind: 'valid', upTo: read(scene) })),
  route: ifPending('RouteHandover', (scene) => scene.done('RouteHandover', routed())),
  cancel: (scene) => scene.when(row('CustomerCancelled', {})),
  abandoned: (scene) => (scene.dueAt('prechat-abandoned') === null ? null : scene.fires('prechat-abandoned')),
  'desk takes': (scene) => scene.when(row('DeskTook', { deskId: 'desk-1', personId: null })),
  block: (scene) => scene.when(row('ContactBlocked', { blockId: 'block-1', expiresAt: null })),
  'policy changes': (scene) =>
    scene
      .with({ botId: scene.context.botId, policy: { version: scene.state.policy.version + 1, intake: { by: 'none' } } })
      .when(row('PolicyChanged', {})),
};

const read = (scene: Scene): number => scene.pending('CheckAnswer')[0]?.messages.from ?? 0;

const settings: [string, Facts][] = [
  ['the bot’s dialogue', { policy: { intake: { by: 'bot' } } }],
  ['the form', { policy: { intake: { by: 'form', fields: 1 } } }],
  ['the form, without a bot', { botId: null, policy: { intake: { by: 'form', fields: 1 } } }],
  ['no intake', { policy: { intake: { by: 'none' } } }],
];

test.each(settings)('S3-6, B-2: with %s, whatever comes in whichever order', { timeout: 60_000 }, (_name, facts) => {
  const begun = given(facts).when(wrote('m1'));
  const asked = begun.when(requested);
  let paths = 0;
  const explore = (path: Scene[], left: number): void => {
    const scene = path.at(-1) as Scene;
    for (const step of left === 0 ? [] : Object.values(steps)) {
      const after = step(scene);
      if (after === null) continue;
      holdsAfter(scene, after);
      explore([...path, after], left - 1);
    }
    if (left > 0) return;
    paths += 1;
    noMessageIsLost(path);
  };
  explore([begun, asked, asked.when(wrote('m2'))], 3);
  expect(paths).toBeGreaterThan(200);
});

function holdsAfter(before: Scene, after: Scene): void {
  expect(after.decision.kind).not.toBe('rejected');
  let { state } = before;
  for (const event of after.events) {
    wordsAreTheHolders(state, event);
    state = core.evolve(state, event);
  }
  for (const holds of ofState) holds(after.state);
}

function noMessageIsLost(path: Scene[]): void {
  const books = createWordBooks();
  let state = core.initial;
  for (const { events } of path) {
    for (const event of events) {
      books.write(state, event);
      state = core.evolve(state, event);
    }
    books.check(state);
  }
}
