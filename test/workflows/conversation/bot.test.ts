import { describe, expect, test } from 'vitest';
import {
  answer,
  answered,
  asks,
  failed,
  join,
  requested,
  resolves,
  routed,
  row,
  wantsPerson,
  wrote,
} from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { given, HOUR, MINUTE, SECOND, type Scene } from '../../../dev/scenes/given.ts';

describe('turns', () => {
  test('B-6: 20 messages one after another are two turns: the first message, then the other nineteen, in order', () => {
    const all = Array.from({ length: 20 }, (_, at) => wrote(`m${at + 1}`));
    const written = all.reduce((scene, message) => scene.when(message), given());
    expect(written.pending('AskBot')).toMatchObject([{ turn: 1, messages: { from: 1, to: 1 } }]);
    const next = written.done('AskBot', answered(['hi']));
    expect(next.types).toEqual(['BotTurnAnswered', 'MessageQueued', 'BotTurnOpened']);
    expect(next.pending('AskBot')).toMatchObject([{ turn: 2, messages: { from: 2, to: 20 } }]);
    expect(next.done('AskBot', answered([])).pending('AskBot')).toEqual([]);
  });

  describe('of messages that are recorded together', () => {
    const together = (scene: Scene, ...messages: string[]): Scene => {
      const runFrom = scene.seq + 1;
      return messages.reduce((sofar, m, at) => sofar.when(wrote(m, at === 0 ? {} : { runFrom })), scene);
    };

    test('B-6: are one: no try of it has begun, so the later ones join it', () => {
      const asked = together(given(), 'm1', 'm2', 'm3');
      expect(asked.types).toEqual(['CustomerMessageAccepted', 'MessageHeldForBot', 'BotTurnWidened']);
      expect(asked.pending('AskBot')).toMatchObject([{ id: 'AskBot:1:1', messages: { from: 1, to: 3 } }]);
      expect(asked.state.waiting).toBeNull();
      expect(asked.done('AskBot', answered(['hi'])).types).toEqual(['BotTurnAnswered', 'MessageQueued']);
    });

    test('join none that was recorded before: all tries of a turn share its messages', () => {
      const busy = samples.botBusy();
      const waits = together(busy, 'm2', 'm3');
      expect(waits.pending('AskBot')).toEqual(busy.pending('AskBot'));
      const again = waits.done('AskBot', failed());
      expect(again.pending('AskBot')).toMatchObject([{ messages: { from: 1, to: 1 } }]);
      const next = again.done('AskBot', answered([]));
      expect(next.pending('AskBot')).toMatchObject([{ messages: { from: 2, to: 3 } }]);
    });

    test('nor one that is over by then, nor one of another holder', () => {
      const blocked = given()
        .when(wrote('m1'))
        .when(row('ContactBlocked', { blockId: 'block-1', expiresAt: null }));
      const taken = given()
        .when(wrote('m1'))
        .when(row('DeskTook', { deskId: 'desk-1', personId: null }));
      expect(blocked.when(wrote('m2', { runFrom: 1 })).of('BotTurnWidened')).toMatchObject([{ no: 1, to: 3 }]);
      expect(taken.when(wrote('m2', { runFrom: 1 })).of('BotTurnWidened')).toEqual([]);
    });

    test('leave what a form has set aside to a turn of its own', () => {
      const policy = { intake: { by: 'form', fields: 1 } } as const;
      const early = samples.checking({ policy }).when(wrote('m2'));
      const asked = early.done('CheckPresence', { kind: 'checked', online: true });
      const back = asked.when(wrote('stop')).done('CheckAnswer', { kind: 'cancel', upTo: 3 });
      const both = together(back.done('AskBot', answered([])), 'm4', 'm5');
      expect(both.pending('AskBot')).toMatchObject([{ messages: { from: 2, to: 2 } }]);
      expect(both.state.waiting).toEqual({ from: 4, to: 5 });
    });
  });

  test('the drafts of an answer go out in their order, under the epoch of then', () => {
    const said = samples.botBusy().done('AskBot', answered(['a', 'b', 'c']));
    expect(said.of('MessageQueued')).toMatchObject(
      ['a', 'b', 'c'].map((messageId, at) => ({
        seq: at + 1,
        what: { messageId },
        author: 'bot',
        epoch: 1,
        to: { kind: 'channel' },
      })),
    );
  });

  test('all tries are one turn: each waits longer, and a time that the bot names binds', () => {
    const second = samples.botBusy().done('AskBot', failed('retryable'));
    expect(second.events).toMatchObject([{ type: 'BotTurnRetried', no: 1, attempt: 2, class: 'retryable' }]);
    expect(second.pending('AskBot')).toMatchObject([{ id: 'AskBot:1:2', turn: 1, notBeforeAt: second.now + 250 }]);
    expect(second.done('AskBot', failed('ambiguous')).pending('AskBot')).toMatchObject([
      { id: 'AskBot:1:3', notBeforeAt: second.now + 500 },
    ]);
    const named = samples.botBusy().done('AskBot', failed('throttled', 7 * SECOND));
    expect(named.pending('AskBot')).toMatchObject([{ notBeforeAt: named.now + 7 * SECOND }]);
  });

  test('a bot that wants to be left alone for longer than a turn may take is away, for the customer', () => {
    const minute = samples.botBusy().done('AskBot', failed('throttled', MINUTE));
    expect(minute.pending('AskBot')).toMatchObject([{ attempt: 2, notBeforeAt: minute.now + MINUTE }]);
    expect(samples.botBusy().done('AskBot', failed('throttled', MINUTE + 1)).types).toEqual([
      'BotTurnFailed',
      'MessageQueued',
    ]);
    const policy = { bot: { onFailure: 'hand-over' } } as const;
    const away = samples.botBusy({ policy }).done('AskBot', failed('throttled', HOUR));
    expect(away.types).toEqual(['BotTurnFailed', 'HandoverRequested']);
  });

  test('after the last try the customer is told once and stays with the bot; what waits is the next turn', () => {
    const tried = samples.botBusy().when(wrote('m2')).done('AskBot', failed()).done('AskBot', failed());
    const given = tried.done('AskBot', failed());
    expect(given.types).toEqual(['BotTurnFailed', 'MessageQueued', 'BotTurnOpened']);
    expect(given.of('MessageQueued')).toMatchObject([{ what: { notice: 'bot-failed', situation: 'turn:1' } }]);
  });

  test('or, where the policy says so, is handed over by the engine', () => {
    const policy = { bot: { tries: 1, onFailure: 'hand-over' } } as const;
    const given = samples.botBusy({ policy }).done('AskBot', failed());
    expect(given.types).toEqual(['BotTurnFailed', 'HandoverRequested']);
    expect(given.of('HandoverRequested')).toMatchObject([{ by: 'engine', request: { requestId: 'engine:1' } }]);
    // A bot that has just failed is not asked for the intake, which would fail as well and lead back to it.
    const checked = given.done('CheckPresence', { kind: 'checked', online: true });
    expect(checked.types).toContain('IntakeFinished');
    expect(checked.pending('AskBot')).toEqual([]);
    expect(checked.pending('RouteHandover')).toHaveLength(1);
  });

  test.each(['auth', 'permanent', 'content-rejected'] as const)('%s is not tried again', (failure) => {
    expect(samples.botBusy().done('AskBot', failed(failure)).types).toEqual(['BotTurnFailed', 'MessageQueued']);
  });

  test('a bot that answers 202 has the time of its own, and its later answer is the turn’s', () => {
    const deferred = samples.botBusy().done('AskBot', { kind: 'deferred' });
    expect(deferred.dueAt('bot-turn')).toBe(deferred.now + MINUTE);
    expect(deferred.pending('AskBot')).toEqual([]);
    const later = deferred.when(row('BotAnswered', { turn: 1, answer: answer(['at last']) }), 59 * SECOND);
    expect(later.types).toEqual(['BotTurnAnswered', 'MessageQueued']);
    expect(later.dueAt('bot-turn')).toBeNull();
    expect(deferred.fires('bot-turn').types).toEqual(['BotTurnFailed', 'MessageQueued']);
  });

  test('the first answer wins, by whichever way; a second report of it is a repeat without effect', () => {
    const first = answer(['hi']);
    const byRow = samples.botBusy().when(row('BotAnswered', { turn: 1, answer: first }));
    expect(byRow.types).toEqual(['BotTurnAnswered', 'MessageQueued']);
    expect(byRow.when(row('BotAnswered', { turn: 1, answer: first })).because).toBe('answer-repeated');
    const late = { type: 'WorkDone', workId: 'AskBot:1:1', work: 'AskBot' } as const;
    expect(byRow.when({ ...late, outcome: { kind: 'answered', answer: first } }).because).toBe('answer-repeated');
  });

  test('the late answer of an earlier try counts while the turn is out', () => {
    const second = samples.botBusy().done('AskBot', failed());
    const late = { type: 'WorkDone', workId: 'AskBot:1:1', work: 'AskBot', outcome: answered(['hi']) } as const;
    expect(second.when(late).types).toEqual(['BotTurnAnswered', 'MessageQueued']);
  });

  test('an answer of another turn is discarded, visibly, with its drafts', () => {
    const other = samples.bot().when(row('BotAnswered', { turn: 1, answer: answer(['x', 'y']) }));
    expect(other.events).toMatchObject([
      { type: 'InputDiscarded', input: 'BotAnswered', because: 'turn-over' },
      { type: 'DraftDiscarded', messageId: 'x', because: 'turn-superseded' },
      { type: 'DraftDiscarded', messageId: 'y', because: 'turn-superseded' },
    ]);
  });

  test('an answer whose drafts the record does not know counts as a failure of the bot', () => {
    const said = row('BotAnswered', { turn: 1, answer: answer(['lost']) });
    const refused = samples.botBusy().when({ ...said, refused: 'draft-unknown' });
    expect(refused.types).toEqual(['BotTurnFailed', 'MessageQueued']);
  });
});

describe('B-2: the bot and a take-over', () => {
  test('its unsent words are cancelled and its turn is void, whatever the bot answers after that', () => {
    const policy = { intake: { by: 'none' } } as const;
    const queued = samples.queued({ policy });
    expect(queued.state.outbox).toMatchObject([{ author: 'bot' }]);
    const taken = queued.when(join('anna'));
    expect(taken.of('MessageCancelled')).toMatchObject([{ seq: 1, because: 'takeover' }]);
    expect(taken.state.outbox.map(({ author }) => author)).toEqual(['engine']);
  });

  test('a turn in flight when a desk takes the chat is superseded; its answer is never sent', () => {
    const busy = samples.botBusy();
    const taken = busy.when(row('DeskTook', { deskId: 'desk-1', personId: null }));
    expect(taken.of('BotTurnSuperseded')).toMatchObject([{ no: 1 }]);
    const late = taken.when({ type: 'WorkDone', workId: 'AskBot:1:1', work: 'AskBot', outcome: answered(['hi']) });
    expect(late.types).toEqual(['InputDiscarded', 'DraftDiscarded']);
    expect(late.state.outbox.every(({ author }) => author === 'engine')).toBe(true);
  });

  test('words of unknown outcome can’t be taken back: they stay unknown, and are not sent again', () => {
    const policy = { intake: { by: 'none' } } as const;
    const unclear = samples.queued({ policy }).done('SendMessage', failed('ambiguous'));
    const taken = unclear.when(join('anna'));
    expect(taken.of('MessageSettled')).toMatchObject([{ seq: 1, as: 'unknown', class: 'ambiguous' }]);
  });

  test('words that went out in the very instant of a take-over are owned up to', () => {
    const queued = samples.queued({ policy: { intake: { by: 'none' } } });
    const [sending] = queued.pending('SendMessage');
    const taken = queued.when(join('anna'));
    const done = {
      type: 'WorkDone',
      workId: sending?.id ?? '',
      work: 'SendMessage',
      outcome: { kind: 'sent' },
    } as const;
    const sent = taken.when(done);
    expect(sent.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'sent' }]);
    expect(sent.when(done).because).toBe('settled-before');
  });
});

describe('a hand-over begins', () => {
  test('S0-4: by an answer that asks for it; its words go out first', () => {
    const asked = samples.checking();
    expect(asked.types).toEqual(['BotTurnAnswered', 'MessageQueued', 'HandoverRequested']);
    expect(asked.state.handover).toMatchObject({ no: 1, by: 'bot', step: 'presence', requestId: 'request-1' });
    expect(asked.pending('CheckPresence')).toMatchObject([{ id: 'CheckPresence:1:1', requestId: 'request-1' }]);
  });

  test('S0-4: asked for again while one is open, nothing happens, whoever asks', () => {
    const asked = samples.checking();
    expect(asked.when(requested).because).toBe('handover-open');
    const busy = samples.botBusy().when(requested);
    const again = busy.done('AskBot', answered([], wantsPerson));
    expect(again.of('HandoverRequested')).toEqual([]);
  });

  test('S3-3: while presence is checked the bot gets no turn, and what the customer writes waits', () => {
    const waiting = samples.checking().when(wrote('hello?'));
    expect(waiting.types).toEqual(['CustomerMessageAccepted', 'MessageHeldForBot']);
    expect(waiting.state.phase.name).toBe('bot');
    expect(waiting.pending('AskBot')).toEqual([]);
  });

  test('through the API while the bot is at work: its turn is finished first, then the intake begins', () => {
    const owed = samples.botBusy().when(requested).done('CheckPresence', { kind: 'checked', online: true });
    expect(owed.types).toEqual(['PresenceChecked']);
    const free = owed.done('AskBot', answered(['hi']));
    expect(free.types).toEqual(['BotTurnAnswered', 'MessageQueued', 'PrechatStarted', 'BotTurnOpened']);
  });

  test('a bot that fails while a hand-over is open is no second reason for one, nor for an apology', () => {
    const policy = { bot: { tries: 1, onFailure: 'hand-over' } } as const;
    const owed = samples.botBusy({ policy }).when(requested);
    expect(owed.done('AskBot', failed()).types).toEqual(['BotTurnFailed']);
  });

  test('the customer who changes their mind meanwhile is back with the bot, which is told', () => {
    const back = samples.checking().when(row('CustomerCancelled', {}));
    expect(back.types).toEqual(['HandoverEnded', 'ReturnedToBot', 'BotTurnOpened']);
    expect(back.of('BotTurnOpened')).toMatchObject([{ about: { kind: 'returned', because: 'customer-cancelled' } }]);
    expect(samples.bot().when(row('CustomerCancelled', {})).of('InputDiscarded')).toHaveLength(1);
  });

  describe('a bot that asks again whenever the customer comes back to it', () => {
    const policy = { intake: { by: 'none' }, queue: { onAllOffline: 'bot' }, maxTransfers: 2 } as const;
    const comesBack = (scene: Scene) =>
      scene
        .done('AskBot', answered([], wantsPerson))
        .done('CheckPresence', { kind: 'checked', online: false })
        .done('RouteHandover', routed({ situation: 'all-offline' }, policy));
    const twice = () => comesBack(comesBack(samples.botBusy({ policy })));

    test('B-5: does so a number of times in a row, and not for ever', () => {
      const again = twice().done('AskBot', answered(['sorry'], wantsPerson));
      expect(again.types).toEqual(['BotTurnAnswered', 'MessageQueued', 'InputDiscarded']);
      expect(again.of('InputDiscarded')).toMatchObject([{ because: 'too-many-transfers', ref: 'request-1' }]);
      expect(again.pending('AskBot')).toEqual([]);
      const byApi = { ...requested, by: { kind: 'bot', botId: 'bot-1' } } as const;
      expect(again.when(byApi).because).toBe('too-many-transfers');
      expect(again.when(requested).of('HandoverRequested')).toHaveLength(1);
      expect(again.fires('session').when(byApi).of('HandoverRequested')).toHaveLength(1);
    });

    test('begins anew with a word of the customer’s', () => {
      const wroteAgain = twice().when(wrote('please')).done('AskBot', answered([]));
      expect(wroteAgain.done('AskBot', answered([], wantsPerson)).of('HandoverRequested')).toHaveLength(1);
    });
  });

  test('another bot may not ask', () => {
    const other = samples.bot().when({ ...requested, by: { kind: 'bot', botId: 'bot-9' } });
    expect(other.because).toBe('not-the-owner');
    expect(samples.bot().when({ ...requested, by: { kind: 'bot', botId: 'bot-1' } }).decision.kind).toBe('accepted');
  });

  test('with the priority that was asked for', () => {
    const urgent = asks('RequestHandover', { request: { requestId: 'r', priority: 5 } });
    expect(samples.bot().when(urgent).state.handover?.priority).toBe(5);
  });
});

describe('without an intake', () => {
  const policy = { intake: { by: 'none' } } as const;

  test('S3-3: what was known of presence is kept, and the routing follows at once', () => {
    const routing = samples.checking({ policy }).done('CheckPresence', { kind: 'checked', online: true });
    expect(routing.types).toEqual(['PresenceChecked', 'IntakeFinished']);
    expect(routing.pending('RouteHandover')).toMatchObject([{ requestId: 'request-1', agentStatus: 'online' }]);
    expect(routing.done('RouteHandover', routed()).state.phase.name).toBe('queued');
  });

  test('S3-6: a routing that fails leaves the customer with the bot', () => {
    const back = samples.routing({ policy }).done('RouteHandover', failed('permanent'));
    expect(back.types).toEqual(['HandoverFailed', 'HandoverEnded', 'ReturnedToBot', 'MessageQueued', 'BotTurnOpened']);
    expect(back.of('HandoverFailed')).toMatchObject([{ step: 'routing', class: 'permanent' }]);
    expect(back.state.baton.epoch).toBe(1);
  });
});

describe('where no bot is configured', () => {
  const nobody = { botId: null } as const;

  const turns = (scene: Scene) => scene.pending('AskBot').map(({ messages }) => messages);

  test('the customer is told once in a session, not for every message, and again in the next', () => {
    const told = given(nobody).when(wrote('m1'));
    expect(told.of('MessageQueued')).toMatchObject([{ what: { notice: 'bot-failed', situation: 'session:1' } }]);
    expect(told.when(wrote('m2')).types).toEqual(['CustomerMessageAccepted']);
    const next = told.fires('session').when(wrote('m3'));
    expect(next.of('MessageQueued')).toMatchObject([{ what: { notice: 'bot-failed', situation: 'session:2' } }]);
  });

  test('nor again after a hand-over that came to nothing', () => {
    const asked = given(nobody).when(wrote('m1')).when(requested);
    const back = asked.when(wrote('m2')).when(row('CustomerCancelled', {}));
    expect(back.when(wrote('m3')).types).toEqual(['CustomerMessageAccepted']);
  });

  test('what is written then is for no bot that comes later', () => {
    const later = given(nobody).when(wrote('m1')).fires('session').with({});
    expect(turns(later.when(wrote('m2')))).toEqual([{ from: 2, to: 2 }]);
  });

  test('what the bot of an earlier session still had waiting, nobody will be given', () => {
    const left = samples.botBusy().when(wrote('m2')).fires('session').with(nobody);
    const told = left.when(wrote('m3'));
    expect(told.of('MessageQueued')).toMatchObject([{ what: { notice: 'bot-failed' } }]);
    expect(told.state).toMatchObject({ waiting: null, setAside: [] });
    expect(turns(told.fires('session').with({}).when(wrote('m4')))).toEqual([{ from: 4, to: 4 }]);
  });

  describe('the form', () => {
    const policy = { intake: { by: 'form', fields: 2 } } as const;
    const asking = () =>
      given({ ...nobody, policy })
        .when(wrote('m1'))
        .when(requested)
        .when(wrote('m2'))
        .done('CheckPresence', { kind: 'checked', online: true });

    test('reads what is written to it, and nothing else waits', () => {
      expect(asking().state).toMatchObject({ waiting: null, setAside: [] });
      expect(asking().when(wrote('Ann')).pending('CheckAnswer')).toMatchObject([{ messages: { from: 3, to: 3 } }]);
    });

    test('that is over leaves nothing for a bot, however it ends', () => {
      const answering = asking().when(wrote('Ann'));
      const over = [
        answering.when(row('CustomerCancelled', {})),
        answering.done('CheckAnswer', failed('permanent')),
        answering.when(row('ContactBlocked', { blockId: 'block-1', expiresAt: null })).when(wrote('m4')),
        answering.fires('session'),
      ];
      for (const scene of over) expect(scene.state).toMatchObject({ waiting: null, setAside: [] });
    });
  });

  test('or is handed over, by the policy for a bot that fails', () => {
    const policy = { bot: { onFailure: 'hand-over' } } as const;
    const asked = given({ ...nobody, policy }).when(wrote('m1'));
    expect(asked.of('HandoverRequested')).toMatchObject([{ by: 'engine' }]);
    const routing = asked.done('CheckPresence', { kind: 'checked', online: false });
    expect(routing.pending('RouteHandover')).toHaveLength(1);
  });

  test('a hand-back is refused', () => {
    const policy = { bot: { onFailure: 'hand-over' } } as const;
    const asked = given({ ...nobody, policy })
      .when(wrote('m1'))
      .done('CheckPresence', { kind: 'checked', online: true });
    const assigned = asked.done('RouteHandover', routed()).when(join('anna'));
    expect(assigned.when(asks('HandBack', {})).because).toBe('no-bot');
    expect(assigned.when(asks('HandBack', {})).rejection?.allowed).not.toContain('HandBack');
  });
});

test.each([
  ['Join', join('anna')],
  ['Resolve', resolves()],
])('%s is not for a conversation that the bot serves', (_name, command) => {
  const turned = samples.bot().when(command);
  expect(turned.rejection).toMatchObject({ code: 'wrong-state', allowed: ['RequestHandover', 'Block', 'Tag'] });
});
