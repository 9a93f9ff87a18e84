import { describe, expect, test } from 'vitest';
import { answered, failed, replies, row, wrote } from '../../../dev/scenes/inputs.ts';
import { samples } from '../../../dev/scenes/samples.ts';
import { HOUR, MINUTE, SECOND, type Scene } from '../../../dev/scenes/given.ts';

const saying = (facts = {}) => samples.botBusy(facts).done('AskBot', answered(['one', 'two']));
const seqs = (scene: Scene) => scene.pending('SendMessage').map(({ outbound }) => outbound.seq);

describe('an attempt that surely was not sent', () => {
  test.each([
    [1, SECOND],
    [2, 2 * SECOND],
    [6, 32 * SECOND],
    [7, MINUTE],
    [12, MINUTE],
  ])('number %i is followed by another after %i ms', (attempt, waitMs) => {
    const before = Array.from({ length: attempt - 1 }).reduce<Scene>((s) => s.done('SendMessage', failed()), saying());
    const after = before.done('SendMessage', failed('retryable'));
    expect(after.events).toMatchObject([{ type: 'SendDelayed', seq: 1, attempt: attempt + 1 }]);
    expect(after.pending('SendMessage')[0]).toMatchObject({
      id: `SendMessage:1:${attempt + 1}`,
      notBeforeAt: after.now + waitMs,
    });
  });

  test('waits as long as it is told to, and no later message overtakes it', () => {
    const told = saying().done('SendMessage', failed('throttled', 5 * MINUTE));
    expect(told.pending('SendMessage')[0]).toMatchObject({ notBeforeAt: told.now + 5 * MINUTE });
    expect(seqs(told)).toEqual([1, 2]);
  });

  test('is given up after a day', () => {
    const old = saying().done('SendMessage', failed('retryable'), 24 * HOUR);
    expect(old.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'failed', class: 'retryable' }]);
  });
});

describe('an attempt that the connection put off', () => {
  const putOff = (scene: Scene, forMs: number) => scene.done('SendMessage', { kind: 'put-off', forMs });

  test('was none: the next comes at the very time that was given, under an id of its own', () => {
    const waits = putOff(saying(), 700);
    expect(waits.events).toMatchObject([{ type: 'SendPutOff', seq: 1, attempt: 2 }]);
    expect(waits.pending('SendMessage')[0]).toMatchObject({ id: 'SendMessage:1:2', notBeforeAt: waits.now + 700 });
    expect(seqs(waits)).toEqual([1, 2]);
  });

  test('makes no later one wait longer after it fails', () => {
    const failing = putOff(putOff(saying(), 700), 700).done('SendMessage', failed('retryable'));
    expect(failing.pending('SendMessage')[0]).toMatchObject({ notBeforeAt: failing.now + SECOND });
  });

  test('is the last one at the greatest age of a message', () => {
    const old = saying().done('SendMessage', { kind: 'put-off', forMs: 700 }, 24 * HOUR);
    expect(old.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'failed', class: 'throttled' }]);
  });

  test('says nothing about a desk', () => {
    const line = samples.heldByDesk().when(wrote('m1')).done('SendToDesk', { kind: 'put-off', forMs: 700 });
    expect(line.types).toEqual(['SendPutOff']);
  });
});

describe('a final failure', () => {
  test.each(['recipient-unreachable', 'content-rejected', 'auth', 'permanent'] as const)(
    '%s is settled, and later messages pass',
    (failure) => {
      const given = saying().done('SendMessage', failed(failure));
      expect(given.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'failed', class: failure }]);
      expect(seqs(given)).toEqual([2]);
    },
  );
});

describe('R8: an attempt of unknown outcome', () => {
  const atLeastOnce = { policy: { delivery: { onAmbiguous: 'at-least-once' } } } as const;

  test('at most once: asked about once more, then unknown and named; never sent again blindly', () => {
    const unclear = saying().done('SendMessage', failed('ambiguous'));
    expect(unclear.events).toMatchObject([{ type: 'SendUnclear', seq: 1, attempt: 2 }]);
    expect(unclear.pending('SendMessage')[0]).toMatchObject({ outbound: { ambiguous: true }, attempt: 2 });
    const unknown = unclear.done('SendMessage', failed('ambiguous'));
    expect(unknown.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'unknown', class: 'ambiguous' }]);
    expect(seqs(unknown)).toEqual([2]);
  });

  test('at least once: tried three times under the same key, then unknown', () => {
    const twice = saying(atLeastOnce).done('SendMessage', failed('ambiguous')).done('SendMessage', failed('ambiguous'));
    expect(twice.events).toMatchObject([{ type: 'SendUnclear', attempt: 3 }]);
    expect(twice.done('SendMessage', failed('ambiguous')).of('MessageSettled')).toMatchObject([{ as: 'unknown' }]);
  });

  test('where the next attempt does no harm, it is repeated as any other failure is, and only age ends it as unknown', () => {
    const harmless = { ...failed('ambiguous'), repeatable: true } as const;
    let again = saying();
    for (const attempt of [2, 3, 4, 5]) {
      again = again.done('SendMessage', harmless);
      expect(again.events).toMatchObject([{ type: 'SendUnclear', seq: 1, attempt, repeatable: true }]);
      expect(again.pending('SendMessage')[0]).toMatchObject({ outbound: { ambiguous: true, unclear: 0 } });
    }
    expect(again.done('SendMessage', { kind: 'sent' }).events).toMatchObject([{ type: 'MessageSettled', as: 'sent' }]);
    const old = again.done('SendMessage', harmless, 24 * HOUR);
    expect(old.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'unknown', class: 'ambiguous' }]);
  });

  test('asked about twice with no answer, it is unknown, however often it could be repeated before', () => {
    const repeated = saying().done('SendMessage', { ...failed('ambiguous'), repeatable: true });
    const asked = repeated.done('SendMessage', failed('ambiguous'));
    expect(asked.types).toEqual(['SendUnclear']);
    expect(asked.done('SendMessage', failed('ambiguous')).of('MessageSettled')).toMatchObject([{ as: 'unknown' }]);
  });

  test('reconciled as sent, it is sent; given up while unclear, it is unknown and not failed', () => {
    const unclear = saying().done('SendMessage', failed('ambiguous'));
    expect(unclear.done('SendMessage', { kind: 'sent' }).of('MessageSettled')).toMatchObject([{ as: 'sent' }]);
    expect(unclear.done('SendMessage', failed('auth')).of('MessageSettled')).toMatchObject([{ as: 'unknown' }]);
  });

  test('R7: a receipt knows better: sent or failed, whatever the attempt would say', () => {
    const unclear = saying().done('SendMessage', failed('ambiguous'));
    const sent = unclear.when(row('ReceiptCame', { outbound: 1, status: 'sent' }));
    expect(sent.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'sent', class: null }]);
    expect(sent.when(row('ReceiptCame', { outbound: 1, status: 'failed' })).because).toBe('settled-before');
    const refused = unclear.when(row('ReceiptCame', { outbound: 1, status: 'failed' }));
    expect(refused.of('MessageSettled')).toMatchObject([{ as: 'failed' }]);
  });

  test('a receipt after it counted as unknown still says that it was sent', () => {
    const unknown = saying().done('SendMessage', failed('ambiguous')).done('SendMessage', failed('ambiguous'));
    const late = unknown.when(row('ReceiptCame', { outbound: 1, status: 'sent' }));
    expect(late.events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'sent' }]);
  });
});

test('an attempt of another run that sent what counts as failed is believed: nothing else knows better', () => {
  const failing = saying().done('SendMessage', failed('content-rejected'));
  const late = { type: 'WorkDone', workId: 'SendMessage:1:1', work: 'SendMessage', outcome: { kind: 'sent' } } as const;
  expect(failing.when(late).events).toMatchObject([{ type: 'MessageSettled', seq: 1, as: 'sent' }]);
});

test('words that another attempt is sending have not failed: what came of them is unclear, and the next attempt asks', () => {
  const workId = 'SendMessage:1:1';
  const outcome = { kind: 'failed', class: 'content-rejected', retryAfterMs: null } as const;
  const refused = { type: 'WorkDone', workId, work: 'SendMessage', outcome, refused: 'another-attempt' } as const;
  const given = saying().when(refused);
  expect(given.events).toMatchObject([{ type: 'SendUnclear', seq: 1, attempt: 2 }]);
  expect(given.done('SendMessage', { kind: 'sent' }).events).toMatchObject([{ type: 'MessageSettled', as: 'sent' }]);
});

test('what the sender finds cancelled leaves the outbox as superseded', () => {
  const given = saying().done('SendMessage', { kind: 'superseded' });
  expect(given.events).toMatchObject([{ type: 'MessageCancelled', seq: 1, because: 'superseded' }]);
});

test('the result of an earlier attempt is stale', () => {
  const retried = saying().done('SendMessage', failed());
  const early = { type: 'WorkDone', workId: 'SendMessage:1:1', work: 'SendMessage', outcome: failed() } as const;
  expect(retried.when(early).because).toBe('stale-result');
});

test('the order of what was accepted is the order of the outbox, whoever spoke', () => {
  const both = samples.assigned().when(replies('anna', 'r1')).when(replies('anna', 'r2'));
  expect(both.state.outbox.map(({ author, seq }) => [author, seq])).toEqual([
    ['engine', 4],
    ['agent', 5],
    ['agent', 6],
  ]);
});
