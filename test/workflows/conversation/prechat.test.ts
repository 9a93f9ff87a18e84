import { describe, expect, test } from 'vitest';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import { answer, answered, failed, requested, routed, row, wantsPerson, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, MINUTE, SECOND, type Scene } from '../../../dev/scenes/given.ts';
import { required } from '../../support/required.ts';

const returned = (scene: Scene) => scene.of('BotTurnOpened').map(({ about }) => about);
const back = (because: string) => [{ kind: 'returned', because }];

describe('presence', () => {
  test.each([
    ['online', { kind: 'checked', online: true } as const, false],
    ['offline', { kind: 'checked', online: false } as const, false],
    ['offline', failed('retryable'), true],
    ['offline', failed('permanent'), true],
  ])('S3-2: %s by %j; a failure means offline and stops nothing', (agentStatus, outcome, isFailed) => {
    const checked = samples.checking().done('CheckPresence', outcome);
    expect(checked.of('PresenceChecked')).toMatchObject([{ agentStatus, failed: isFailed }]);
    expect(checked.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'prechat', agentStatus }, messages: null }]);
    expect(checked.state.phase).toMatchObject({ name: 'prechat', by: 'bot' });
  });
});

describe('the dialogue of the bot', () => {
  test('S3-3: any number of questions; what was written before comes as a turn of its own', () => {
    const begun = samples.checking().when(wrote('m2')).done('CheckPresence', { kind: 'checked', online: true });
    const asked = begun.done('AskBot', answered(['your name?'], { intake: 'open' }));
    expect(asked.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'messages' }, messages: { from: 2, to: 2 } }]);
    const more = asked.done('AskBot', answered(['your order?'], { intake: 'open' })).when(wrote('m3'));
    expect(more.pending('AskBot')).toMatchObject([{ turn: 4, messages: { from: 3, to: 3 } }]);
    expect(more.state.phase.name).toBe('prechat');
  });

  test('S3-4: its end hands over: the routing is asked for, and meanwhile messages wait', () => {
    const done = samples.routing();
    expect(done.types).toEqual(['BotTurnAnswered', 'MessageQueued', 'IntakeFinished']);
    expect(done.pending('RouteHandover')).toMatchObject([{ id: 'RouteHandover:1:1', agentStatus: 'online' }]);
    expect(done.when(wrote('hello?')).types).toEqual(['CustomerMessageAccepted', 'MessageHeldForBot']);
    expect(done.dueAt('prechat-abandoned')).toBeNull();
  });

  test.each(['done', 'open', null] as const)(
    'S3-3: a prechat event answered without a word (%s) is a failed step',
    (intake) => {
      const silent = samples.prechat().done('AskBot', answered([], { intake }));
      expect(silent.of('HandoverFailed')).toMatchObject([{ step: 'intake', class: 'no-dialogue' }]);
      expect(returned(silent)).toEqual(back('handover-failed'));
    },
  );

  test('S3-3: what the bot was told stands with the hand-over whose intake it is; of any other turn, with none', () => {
    const asked = samples.prechat().done('AskBot', answered(['your name?'], { intake: 'open' }));
    expect(asked.of('BotTurnAnswered')).toMatchObject([{ handover: 1 }]);
    expect(samples.routing().of('BotTurnAnswered')).toMatchObject([{ handover: 1 }]);
    expect(samples.checking().of('BotTurnAnswered')).toMatchObject([{ handover: 1 }]);
    expect(
      samples
        .botBusy()
        .done('AskBot', answered(['hi']))
        .of('BotTurnAnswered'),
    ).toMatchObject([{ handover: null }]);
    const open = samples.botBusy().when(requested);
    expect(open.done('AskBot', answered([], wantsPerson)).of('BotTurnAnswered')).toMatchObject([{ handover: null }]);
  });

  test('a dialogue in one answer is one: it says something and is done', () => {
    const done = samples.prechat().done('AskBot', answered(['I pass you on'], { intake: 'done' }));
    expect(done.types).toEqual(['BotTurnAnswered', 'MessageQueued', 'IntakeFinished']);
  });

  test('S3-6: a bot that fails here never hands over, whatever the policy says', () => {
    const policy = { bot: { tries: 1, onFailure: 'hand-over' } } as const;
    const given = samples.prechat({ policy }).done('AskBot', failed('retryable'));
    expect(given.types).toEqual([
      'BotTurnFailed',
      'HandoverFailed',
      'HandoverEnded',
      'ReturnedToBot',
      'MessageQueued',
      'BotTurnOpened',
    ]);
    expect(given.of('HandoverFailed')).toMatchObject([{ step: 'intake', class: 'retryable' }]);
    expect(given.of('MessageQueued')).toMatchObject([{ what: { notice: 'handover-failed', situation: 'handover:1' } }]);
    expect(given.done('AskBot', failed()).of('HandoverRequested')).toEqual([]);
  });

  test('S0-4: another request has no effect, by the bot or through the API', () => {
    expect(samples.prechat().when(requested).because).toBe('handover-open');
    const again = samples.prechat().done('AskBot', answered(['name?'], { ...wantsPerson, intake: 'open' }));
    expect(again.types).toEqual(['BotTurnAnswered', 'MessageQueued']);
  });

  test('S3-6: the customer who gives up goes on with the bot, by a button or by what the bot understood', () => {
    const byButton = samples.prechat().when(row('CustomerCancelled', {}));
    expect(byButton.types).toEqual(['HandoverEnded', 'ReturnedToBot', 'BotTurnSuperseded', 'BotTurnOpened']);
    expect(returned(byButton)).toEqual(back('customer-cancelled'));
    const byBot = samples.prechat().done('AskBot', answered(['as you like'], { intake: 'cancelled' }));
    expect(returned(byBot)).toEqual(back('customer-cancelled'));
    expect(byBot.state.phase.name).toBe('bot');
  });

  test("a turn of the intake ends with it: the bot's late question is discarded", () => {
    const cancelled = samples.prechat().when(row('CustomerCancelled', {}));
    const late = { type: 'WorkDone', workId: 'AskBot:2:1', work: 'AskBot', outcome: answered(['your name?']) } as const;
    expect(cancelled.when(late).types).toEqual(['InputDiscarded', 'DraftDiscarded']);
  });

  test('the baton did not move, so the epoch did not either', () => {
    const epochs = [samples.checking(), samples.prechat(), samples.prechat().when(row('CustomerCancelled', {}))];
    expect(epochs.map(({ state }) => state.baton.epoch)).toEqual([1, 1, 1]);
  });
});

describe('abandoned', () => {
  test('S3-6: after 10 min of silence the customer is the bot’s again; each message gives the time anew', () => {
    const asked = samples.prechat().done('AskBot', answered(['your name?'], { intake: 'open' }));
    expect(asked.dueAt('prechat-abandoned')).toBe(asked.now + 10 * MINUTE);
    const answers = asked.when(wrote('m2'), 9 * MINUTE);
    const again = answers.done('AskBot', answered(['your order?'], { intake: 'open' }), MINUTE);
    expect(again.dueAt('prechat-abandoned')).toBe(again.now + 10 * MINUTE);
    const left = asked.fires('prechat-abandoned');
    expect(left.of('ReturnedToBot')).toMatchObject([{ because: 'intake-abandoned' }]);
    expect(returned(left)).toEqual(back('intake-abandoned'));
  });

  test('but not while the bot owes the next question, were it put off (202) for longer than that', () => {
    const policy = { intake: { abandonedMs: MINUTE }, bot: { turnMs: 5 * MINUTE } } as const;
    const owed = samples.prechat({ policy });
    expect(owed.dueAt('prechat-abandoned')).toBeNull();
    const later = owed.done('AskBot', { kind: 'deferred' }).passes(4 * MINUTE);
    expect(later.state.phase.name).toBe('prechat');
    const asked = later.when(row('BotAnswered', { turn: 2, answer: answer(['your name?'], { intake: 'open' }) }));
    expect(asked.dueAt('prechat-abandoned')).toBe(asked.now + MINUTE);
    expect(later.passes(MINUTE).of('HandoverFailed')).toMatchObject([{ step: 'intake' }]);
  });

  test('nor while an answer to the form is being read', () => {
    const asked = samples.form();
    expect(asked.dueAt('prechat-abandoned')).toBe(asked.now + 10 * MINUTE);
    const reads = asked.when(wrote('Ann'));
    expect(reads.dueAt('prechat-abandoned')).toBeNull();
    for (const kind of ['valid', 'invalid'] as const) {
      const again = reads.done('CheckAnswer', { kind, upTo: reads.seq }, MINUTE);
      expect(again.dueAt('prechat-abandoned')).toBe(again.now + 10 * MINUTE);
    }
  });
});

describe('the form', () => {
  const answersWith = (scene: Scene, kind: 'valid' | 'invalid' | 'cancel') =>
    scene.done('CheckAnswer', { kind, upTo: scene.seq });

  test('S3-3: the engine asks one field after another, and its end is the routing', () => {
    const asked = samples.form();
    expect(asked.of('MessageQueued')).toMatchObject([{ what: { notice: 'form-question', situation: 'field:0' } }]);
    expect(asked.state.baton).toEqual({ holder: { kind: 'engine' }, epoch: 2 });
    const first = answersWith(asked.when(wrote('Ann')), 'valid');
    expect(first.of('MessageQueued')).toMatchObject([{ what: { notice: 'form-question', situation: 'field:1' } }]);
    const second = answersWith(first.when(wrote('4711')), 'valid');
    expect(second.types).toEqual(['FormAnswered', 'IntakeFinished', 'MessageCancelled']);
    expect(second.pending('RouteHandover')).toHaveLength(1);
  });

  test('waiting messages are read one after another; what was written before the question answers nothing', () => {
    const policy = { intake: { by: 'form', fields: 2 } } as const;
    const early = samples.checking({ policy }).when(wrote('hello?'));
    const asked = early.done('CheckPresence', { kind: 'checked', online: true });
    expect(asked.pending('CheckAnswer')).toEqual([]);
    const both = asked.when(wrote('Ann')).when(wrote('4711'));
    expect(both.pending('CheckAnswer')).toMatchObject([
      { id: 'CheckAnswer:3:1', field: 0, messages: { from: 3, to: 4 } },
    ]);
    const first = both.done('CheckAnswer', { kind: 'valid', upTo: 3 });
    expect(first.pending('CheckAnswer')).toMatchObject([
      { id: 'CheckAnswer:4:1', field: 1, messages: { from: 4, to: 4 } },
    ]);
    expect(first.done('CheckAnswer', { kind: 'valid', upTo: 4 }).of('IntakeFinished')).toHaveLength(1);
  });

  describe('what was written before its question', () => {
    const policy = { intake: { by: 'form', fields: 2 } } as const;
    const early = () =>
      samples.checking({ policy }).when(wrote('hello?')).done('CheckPresence', { kind: 'checked', online: true });
    const turns = (scene: Scene) => scene.pending('AskBot').map(({ messages }) => messages);

    test('S3-6: is the bot’s when the customer is again, without the answers; what came later is a turn after it', () => {
      const first = answersWith(early().when(wrote('Ann')), 'valid');
      const left = first.when(wrote('stop')).when(wrote('what is this?'));
      const back = left.done('CheckAnswer', { kind: 'cancel', upTo: 4 }).done('AskBot', answered(['I am here']));
      expect(turns(back)).toEqual([{ from: 2, to: 2 }]);
      const later = back.done('AskBot', answered(['hello'])).when(wrote('bye'));
      expect(turns(later)).toEqual([{ from: 5, to: 5 }]);
      expect(turns(later.done('AskBot', answered([])))).toEqual([{ from: 6, to: 6 }]);
    });

    test('S3-6: also by its abandoning, a block, a failure, or the end of the session', () => {
      const asked = answersWith(early().when(wrote('Ann')), 'valid');
      const returns = [
        asked.fires('prechat-abandoned'),
        asked.when(wrote('4711')).done('CheckAnswer', failed('permanent')),
      ].map((scene) => scene.done('AskBot', answered([])));
      const blocked = asked.when(row('ContactBlocked', { blockId: 'block-1', expiresAt: null }));
      for (const scene of [...returns, blocked]) expect(turns(scene)[0]).toEqual({ from: 2, to: 2 });
      const next = asked.fires('session').when(wrote('hello again'));
      expect(turns(next)).toEqual([{ from: 2, to: 2 }]);
      expect(turns(next.done('AskBot', answered([])))).toEqual([{ from: 4, to: 4 }]);
    });

    test('S3-6: also where it was stored by then and is decided on only after the question', () => {
      const asked = early();
      const late = asked.when(wrote('and I am in a hurry', { at: asked.now - 1 }), MINUTE);
      expect(late.types).toEqual(['CustomerMessageAccepted', 'MessageSetAside']);
      expect(late.pending('CheckAnswer')).toEqual([]);
      const read = late.when(wrote('Ann', { at: asked.now }));
      expect(read.pending('CheckAnswer')).toMatchObject([{ messages: { from: 4, to: 4 } }]);
      const left = answersWith(read, 'cancel').done('AskBot', answered([]));
      expect(turns(left)).toEqual([{ from: 2, to: 3 }]);
    });

    test('apart from what an earlier form has read', () => {
      const back = answersWith(answersWith(early().when(wrote('Ann')), 'valid').when(wrote('stop')), 'cancel');
      const again = back.when(requested).done('CheckPresence', { kind: 'checked', online: true });
      const late = again.when(wrote('hello??', { at: again.now - 1 }));
      expect(late.state.setAside).toEqual([
        { from: 2, to: 2 },
        { from: 5, to: 5 },
      ]);
    });

    test('where there is no bot it stands in the conversation, and nowhere else', () => {
      const alone = given({ botId: null, policy }).when(requested);
      const asked = alone.done('CheckPresence', { kind: 'checked', online: true });
      const late = asked.when(wrote('hello?', { at: asked.now - 1 }));
      expect(late.types).toEqual(['CustomerMessageAccepted']);
      expect(late.pending('CheckAnswer')).toEqual([]);
    });

    test('waits through a second form, and each in its order', () => {
      const back = answersWith(answersWith(early().when(wrote('Ann')), 'valid').when(wrote('stop')), 'cancel');
      const again = back
        .when(requested)
        .when(wrote('hello??'))
        .done('CheckPresence', { kind: 'checked', online: true });
      const left = answersWith(again.when(wrote('stop')), 'cancel').done('AskBot', answered([]));
      expect(turns(left)).toEqual([{ from: 2, to: 2 }]);
      expect(turns(left.done('AskBot', answered([])))).toEqual([{ from: 5, to: 5 }]);
    });

    test('S3-5: is the person’s to read, where it comes to one', () => {
      const queued = [1, 2].reduce((scene) => answersWith(scene.when(wrote('Ann')), 'valid'), early());
      expect(queued.done('RouteHandover', routed()).state).toMatchObject({ waiting: null, setAside: [] });
    });
  });

  describe('a new policy while it asks', () => {
    const newer = (intake: object) => ({ policy: { version: 2, intake: { by: 'form', ...intake } as const } });
    const changed = (scene: Scene, intake: object) => scene.with(newer(intake)).when(row('PolicyChanged', {}));

    test('S3-3: the form goes on as it began: an answer is judged under the version that asked', () => {
      const asked = changed(samples.answering(), { fields: 1 });
      expect(asked.state.policy.version).toBe(2);
      expect(asked.pending('CheckAnswer')).toMatchObject([{ policyVersion: 1, field: 0 }]);
    });

    test.each([1, 3])('with as many fields as it had, though the new one has %i', (fields) => {
      const first = answersWith(changed(samples.answering(), { fields }), 'valid');
      expect(first.of('MessageQueued')).toMatchObject([{ what: { notice: 'form-question', situation: 'field:1' } }]);
      expect(answersWith(first.when(wrote('4711')), 'valid').of('IntakeFinished')).toHaveLength(1);
    });

    test('and as many tries', () => {
      const wrong = answersWith(changed(samples.answering(), { fields: 2, maxTries: 1 }), 'invalid');
      expect(wrong.of('MessageQueued')).toMatchObject([{ what: { notice: 'form-retry' } }]);
    });

    test('the next form is that of the policy in force then', () => {
      const left = answersWith(changed(samples.answering(), { fields: 1 }), 'cancel');
      const again = left.when(requested).done('CheckPresence', { kind: 'checked', online: true }).when(wrote('Ann'));
      expect(again.pending('CheckAnswer')).toMatchObject([{ policyVersion: 2, field: 0 }]);
      expect(answersWith(again, 'valid').of('IntakeFinished')).toHaveLength(1);
    });
  });

  test('a wrong answer is asked for again, three times; then the step has failed', () => {
    const wrong = answersWith(samples.answering(), 'invalid');
    expect(wrong.of('MessageQueued')).toMatchObject([{ what: { notice: 'form-retry', situation: 'field:0' } }]);
    const again = answersWith(wrong.when(wrote('?')), 'invalid');
    const given = answersWith(again.when(wrote('??')), 'invalid');
    expect(given.of('HandoverFailed')).toMatchObject([{ step: 'intake', class: 'content-rejected' }]);
    expect(returned(given)).toEqual(back('handover-failed'));
    expect(given.state.outbox.filter(({ what }) => what.kind === 'notice' && what.notice === 'form-retry')).toEqual([]);
  });

  test('tries count for each field', () => {
    const wrong = answersWith(samples.answering(), 'invalid');
    const right = answersWith(wrong.when(wrote('Ann')), 'valid');
    expect(right.state.phase).toMatchObject({ field: 1, tries: 0 });
  });

  test('the customer may cancel; that word is no message for the bot', () => {
    const cancelled = answersWith(samples.answering(), 'cancel');
    expect(cancelled.types).toContain('FormCancelled');
    expect(returned(cancelled)).toEqual(back('customer-cancelled'));
    expect(cancelled.state.waiting).toBeNull();
    expect(cancelled.state.baton).toEqual({ holder: { kind: 'bot', botId: 'bot-1' }, epoch: 3 });
  });

  test('a check that fails is tried three times, for each answer anew', () => {
    const once = samples.answering().done('CheckAnswer', failed());
    expect(once.events).toMatchObject([{ type: 'WorkDelayed', work: 'CheckAnswer', attempt: 2 }]);
    expect(once.pending('CheckAnswer')).toMatchObject([{ id: 'CheckAnswer:2:2', notBeforeAt: once.now + SECOND }]);
    const twice = once.done('CheckAnswer', failed());
    expect(twice.done('CheckAnswer', failed()).of('HandoverFailed')).toMatchObject([{ step: 'intake' }]);
    const read = twice.done('CheckAnswer', { kind: 'valid', upTo: 2 }).when(wrote('4711'));
    expect(read.pending('CheckAnswer')).toMatchObject([{ id: 'CheckAnswer:3:1', notBeforeAt: 0 }]);
  });

  test('a form without fields asks nothing', () => {
    const policy = { intake: { by: 'form', fields: 0 } } as const;
    expect(samples.checking({ policy }).done('CheckPresence', failed()).types).toEqual([
      'PresenceChecked',
      'IntakeFinished',
    ]);
  });

  test('a turn that the bot still had is void from then on', () => {
    const policy = { intake: { by: 'form', fields: 1 } } as const;
    const busy = samples.botBusy({ policy }).when(requested);
    const asked = busy.done('CheckPresence', { kind: 'checked', online: true });
    expect(asked.types).toEqual(['PresenceChecked', 'PrechatStarted', 'MessageQueued', 'BotTurnSuperseded']);
  });

  test('B-2: so is one that the bot has put off (202): the baton is the engine’s, and the late words are discarded', () => {
    const policy = { intake: { by: 'form', fields: 1 } } as const;
    const busy = samples.botBusy({ policy }).done('AskBot', { kind: 'deferred' }).when(requested);
    const asked = busy.done('CheckPresence', { kind: 'checked', online: true });
    expect(asked.of('BotTurnSuperseded')).toEqual([{ type: 'BotTurnSuperseded', no: 1, at: asked.now }]);
    expect(asked.dueAt('bot-turn')).toBeNull();
    const late = asked.when(row('BotAnswered', { turn: 1, answer: answer(['here it is']) }));
    expect(late.of('InputDiscarded')).toMatchObject([{ because: 'turn-over' }]);
    expect(late.of('DraftDiscarded')).toMatchObject([{ because: 'turn-superseded' }]);
    expect(late.pending('SendMessage')).toHaveLength(1);
  });
});

describe('routing', () => {
  test('S3-6: what may pass is tried three times, then the customer stays with the bot', () => {
    const once = samples.routing().done('RouteHandover', failed('retryable'));
    expect(once.events).toMatchObject([{ type: 'WorkDelayed', work: 'RouteHandover', attempt: 2 }]);
    expect(once.pending('RouteHandover')).toMatchObject([{ id: 'RouteHandover:1:2', notBeforeAt: once.now + SECOND }]);
    const twice = once.done('RouteHandover', failed('throttled', 9 * SECOND));
    expect(twice.pending('RouteHandover')).toMatchObject([{ notBeforeAt: twice.now + 9 * SECOND }]);
    const given = twice.done('RouteHandover', failed());
    expect(given.of('HandoverFailed')).toMatchObject([{ step: 'routing' }]);
    expect(returned(given)).toEqual(back('handover-failed'));
  });

  test('S3-6: so is a group that is gone when it is recorded', () => {
    const [work] = samples.routing().pending('RouteHandover');
    const done = { type: 'WorkDone', workId: work?.id ?? '', work: 'RouteHandover', outcome: routed() } as const;
    const refused = samples.routing().when({ ...done, refused: 'group-unknown' });
    expect(refused.of('HandoverFailed')).toMatchObject([{ step: 'routing', class: 'permanent' }]);
  });

  test('S3-6: to route again because the facts have moved is no failure, however often; only what fails counts', () => {
    let scene = samples.routing();
    const outdated = (before: Scene): Scene => {
      const [work] = before.pending('RouteHandover');
      return before.when(core.withRefusal(core.onDone(required(work), routed()), 'context-changed'));
    };
    for (const wait of [0, SECOND, 2 * SECOND, 4 * SECOND]) {
      scene = outdated(scene);
      expect(scene.pending('RouteHandover')).toMatchObject([{ notBeforeAt: scene.now + wait }]);
    }
    const twice = scene.done('RouteHandover', failed()).done('RouteHandover', failed());
    expect(twice.of('WorkDelayed')).toMatchObject([{ attempt: 7, notBeforeAt: twice.now + 2 * SECOND }]);
    const queued = outdated(twice).done('RouteHandover', routed());
    expect(queued.state.phase.name).toBe('queued');
    expect(twice.done('RouteHandover', failed()).of('HandoverFailed')).toMatchObject([{ step: 'routing' }]);
  });

  test.each(['all-offline', 'all-busy', 'out-of-hours'] as const)('S2-3, S2-4: %s is told once', (situation) => {
    const queued = samples.routing().done('RouteHandover', routed({ situation }));
    expect(queued.types).toEqual(['ConversationQueued', 'CustomerTold', 'MessageQueued']);
    expect(queued.of('MessageQueued')).toMatchObject([{ what: { notice: situation, situation: 'queued:1' } }]);
    expect(queued.state.handover?.told).toEqual([situation]);
  });

  test('everybody offline: by setting back to the bot, told why', () => {
    const route = routed({ situation: 'all-offline' }, { queue: { onAllOffline: 'bot' } });
    const given = samples.routing().done('RouteHandover', route);
    expect(given.state.phase.name).toBe('bot');
    expect(returned(given)).toEqual(back('all-offline'));
    expect(given.state.outbox).toMatchObject([
      {},
      {},
      {},
      { what: { notice: 'all-offline', situation: 'handover:1' } },
    ]);
  });

  test("what waits when the conversation is queued is the agent's to read, not the bot's", () => {
    const queued = samples.routing().when(wrote('hello?')).done('RouteHandover', routed());
    expect(queued.state).toMatchObject({ waiting: null, session: { locked: true } });
  });
});
