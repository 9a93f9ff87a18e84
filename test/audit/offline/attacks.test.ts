/** R18 as properties: whatever somebody does to the file of a conversation is found, and the first bad entry is named. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../../store/event-log.ts';
import type { Problem } from '../../../worker/audit/chain.ts';
import { readConversationFile } from '../../../worker/audit/export/read.ts';
import type { ConversationFile } from '../../../worker/audit/export/schema.ts';
import { problemsIn, verify, type Verification } from '../../../worker/audit/verify.ts';
import { flipped } from '../attacks.ts';
import { actorOf, chained, keyPair, madeUpFile, signedOff } from './made-up.ts';

const keys = keyPair();
const file = madeUpFile(keys.signer);
const text = JSON.stringify(file, null, 1);
const last = file.events.length;

/** Each attack so often; a failure prints its seed. */
const numRuns = 100;
const anyEvent = fc.integer({ min: 1, max: last });

function verifyText(attacked: string, { publicKeys } = keys): Verification {
  return verify(readConversationFile(attacked), { kept: [], keys: publicKeys });
}

/** Whoever changes the events makes all that they can compute fit, too: only the signature is beyond them. */
function verifyEvents(events: StoredEvent[], changed: Partial<ConversationFile> = {}): Verification {
  return verifyText(JSON.stringify(signedOff({ ...file, events, ...changed })));
}

const first = (verification: Verification): Problem | undefined => problemsIn(verification)[0];
const withEvent = (no: number, change: (event: StoredEvent) => StoredEvent): StoredEvent[] =>
  file.events.map((event) => (event.no === no ? change(event) : event));

test('nothing is wrong with the file as it is, and the checkpoint vouches for all of it', () => {
  const verification = verifyText(text);
  expect(problemsIn(verification)).toEqual([]);
  expect(verification.chain.vouched).toEqual([{ by: 'checkpoint', heads: 1, upTo: last }]);
  expect(verification.words).toMatchObject({ intact: file.messages.length, erased: 0 });
});

describe('R18: whoever can write the file', () => {
  test('and flips one bit of it anywhere', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(6), (at, bit) => {
        const changed = Buffer.from(text, 'utf8');
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        let verification: Verification | null = null;
        try {
          verification = verifyText(changed.toString('utf8'));
        } catch {
          return; // It can't even be read.
        }
        expect(problemsIn(verification)).not.toEqual([]);
      }),
      { numRuns },
    );
  });

  test('and flips one character of an event', () => {
    const column = fc.constantFrom('data' as const, 'link' as const, 'digest' as const);
    fc.assert(
      fc.property(anyEvent, column, fc.nat(), (no, name, at) => {
        const before = file.events[no - 1]?.[name] ?? '';
        const place = at % Math.max(before.length, 1);
        const other = before[place] === '0' ? '1' : '0';
        const events = withEvent(no, (event) => ({
          ...event,
          [name]: `${before.slice(0, place)}${other}${before.slice(place + 1)}`,
        }));
        expect(first(verifyEvents(events))).toMatchObject({ no, upTo: no });
      }),
      { numRuns },
    );
  });

  test('and takes an event out', () => {
    fc.assert(
      fc.property(anyEvent, (no) => {
        const found = first(verifyEvents(file.events.filter((event) => event.no !== no)));
        expect(found).toMatchObject({ no, says: expect.stringMatching(/^missing/) as string });
      }),
      { numRuns },
    );
  });

  test('and lets two events change places', () => {
    fc.assert(
      fc.property(anyEvent, anyEvent, (one, other) => {
        fc.pre(one !== other);
        const taken = (no: number): StoredEvent => ({ ...(file.events[no - 1] as StoredEvent) });
        const events = file.events.map((event) => {
          if (event.no === one) return { ...taken(other), no: one };
          return event.no === other ? { ...taken(one), no: other } : event;
        });
        expect(first(verifyEvents(events))).toMatchObject({ no: Math.min(one, other) });
      }),
      { numRuns },
    );
  });

  test('and cuts the end off, with all else made to fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: last - 1 }), (no) => {
        const events = file.events.slice(0, no);
        const told = new Set(events.map(({ messageId }) => messageId));
        const messages = file.messages.filter(({ id }) => told.has(id));
        const found = problemsIn(verifyEvents(events, { actor: actorOf(events), messages }));
        expect(found).toEqual([
          { no: no + 1, upTo: last, says: expect.stringContaining('the checkpoint of') as string },
        ]);
      }),
      { numRuns },
    );
  });

  test('and rewrites all from some event on, with all else made to fit', () => {
    fc.assert(
      fc.property(anyEvent, (from) => {
        const events = chained(withEvent(from, (event) => ({ ...event, data: flipped(event.data) })));
        const [found, ...others] = problemsIn(verifyEvents(events, { actor: actorOf(events) }));
        // One checkpoint, after the last event: it is somewhere before it.
        expect(found).toMatchObject({ no: 1, upTo: last });
        expect(others).toEqual([]);
      }),
      { numRuns },
    );
  });
});

describe('R18: what is rewritten is found as exactly as there are anchors', () => {
  const hourly = madeUpFile(keys.signer, [3, 7, last]);

  test('between the checkpoint that fits and the next', () => {
    fc.assert(
      fc.property(anyEvent, (from) => {
        const events = chained(withEvent(from, (event) => ({ ...event, data: flipped(event.data) })));
        const attacked = signedOff({ ...hourly, events, actor: actorOf(events) });
        const found = first(verifyText(JSON.stringify(attacked)));
        const [fits, next] = from <= 3 ? [0, 3] : from <= 7 ? [3, 7] : [7, last];
        expect(found).toMatchObject({ no: fits + 1, upTo: next });
      }),
      { numRuns },
    );
  });

  test('and to the event by a file that the reader has kept', () => {
    fc.assert(
      fc.property(anyEvent, (from) => {
        const events = chained(withEvent(from, (event) => ({ ...event, data: flipped(event.data) })));
        const kept = file.events.map(({ no, link }) => ({
          eventNo: no,
          head: link,
          where: 'mine',
          by: 'file' as const,
        }));
        const attacked = readConversationFile(
          JSON.stringify(signedOff({ ...file, events, actor: actorOf(events), checkpoints: [] })),
        );
        expect(first(verify(attacked, { kept, keys: new Map() }))).toMatchObject({ no: from, upTo: from });
      }),
      { numRuns },
    );
  });

  test('but not without a key to judge by, and then it is said that nothing anchors it', () => {
    const events = chained(withEvent(4, (event) => ({ ...event, data: flipped(event.data) })));
    const attacked = JSON.stringify(signedOff({ ...file, events, actor: actorOf(events) }));
    const verification = verifyText(attacked, { ...keys, publicKeys: new Map() });
    expect(problemsIn(verification)).toEqual([]);
    expect(verification.unanchored).toEqual({ from: 1, to: last });
    expect(verification.checkpoints.unknownKeys).toEqual([keys.signer.keyId]);
  });
});

describe('R18: words', () => {
  test('that were changed, with their digest made to fit, are found by the chain', () => {
    const [message] = file.messages;
    const changed = { ...message, content: '{"text": "never said"}', digest: '0'.repeat(64) };
    const messages = [changed, ...file.messages.slice(1)] as ConversationFile['messages'];
    const found = problemsIn(verifyText(JSON.stringify(signedOff({ ...file, messages }))));
    expect(found.map(({ says }) => says)).toEqual([`the words of message ${message?.id} were changed`]);
  });

  test('that are erased leave the chain whole', () => {
    const messages = file.messages.map((message) => ({ ...message, content: null }));
    const erased = signedOff({
      ...file,
      messages,
      digestKey: null,
      card: { ...file.card, contactName: null, erased: true },
    });
    const verification = verifyText(JSON.stringify(erased));
    expect(problemsIn(verification)).toEqual([]);
    expect(verification.words).toMatchObject({ intact: 0, erased: file.messages.length });
  });
});
