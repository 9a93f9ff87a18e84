import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { signReplyToken, verifyReplyToken } from '../../adapters/reply-token.ts';
import { storableJson } from '../../store/call.ts';
import { handoverId, parseHandoverId } from '../../store/handovers.ts';
import { partKey, sendKey } from '../../store/send-key.ts';
import { turnId } from '../../store/turns.ts';

const conversationId = '01890000-0000-7000-8000-000000000001';
const sending = { conversationId, seq: 17, generation: 1 };

describe('Ids that outside systems give back', () => {
  test('hold no dot, and a hand-over’s says which it is', () => {
    const ids = [sendKey(sending), handoverId(conversationId, 2), turnId(conversationId, 3)];
    expect(ids.join()).not.toContain('.');
    expect(parseHandoverId(handoverId(conversationId, 2))).toEqual({ conversationId, handover: 2 });
  });

  test('the last part of a message has the message’s own key, the others name it', () => {
    const keys = [1, 2, 3].map((part) => partKey(sending, part, 3));
    expect(keys).toEqual([`${conversationId}:17:1`, `${conversationId}:17:2`, `${conversationId}:17`]);
    expect(partKey(sending, 1, 1)).toBe(sendKey(sending));
  });

  test('a message of a store that was put back has another key than the lost one of its number', () => {
    expect(sendKey({ ...sending, generation: 2 })).toBe(`${conversationId}:17g2`);
  });

  test.each(['', 'nonsense', `${conversationId}`, `${conversationId}:`, `${conversationId}:1:2:3`, `x:1`])(
    'what is none of ours (%j) is none',
    (id) => {
      expect(parseHandoverId(id)).toBe(null);
    },
  );

  test('R21: what only looks like an id of a hand-over is none, so that Postgres is not asked for it', () => {
    for (const id of ['-'.repeat(36), 'a'.repeat(36), '0189000000007000800000000000000000-1']) {
      expect(parseHandoverId(`${id}:h1`)).toBe(null);
    }
  });
});

describe('R20: the token with which a bot answers later', () => {
  const key = 'k'.repeat(32);
  const token = signReplyToken(key, 'account', 'turn');

  test('is good for this turn of this account, under this key', () => {
    expect(verifyReplyToken(key, 'account', 'turn', token)).toBe(true);
    expect(verifyReplyToken(key, 'account', 'turn2', token)).toBe(false);
    expect(verifyReplyToken(key, 'other', 'turn', token)).toBe(false);
    expect(verifyReplyToken('j'.repeat(32), 'account', 'turn', token)).toBe(false);
  });

  test.each(['', token.slice(1), token.slice(0, -1), `${token}A`, 'ü'.repeat(43), ' '])(
    'is whole, or none: %j',
    (given) => {
      expect(verifyReplyToken(key, 'account', 'turn', given)).toBe(false);
    },
  );
});

describe('R21: JSON that Postgres takes', () => {
  test('is the same JSON, but for NUL and half characters', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        fc.pre(!/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value)));
        expect(JSON.parse(storableJson(value))).toEqual(value);
      }),
    );
    expect(JSON.parse(storableJson({ 'k\0': ['\ud800', '\ude00x', '😀', '\\u0000', '\\\\ud800'] }))).toEqual({
      'k\ufffd': ['\ufffd', '\ufffdx', '😀', '\\u0000', '\\\\ud800'],
    });
  });
});
