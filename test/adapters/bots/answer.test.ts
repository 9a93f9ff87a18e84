import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../adapters/bots/http/answer.ts';

const words = (body: unknown) => {
  const read = readAnswer(body);
  if (!read.ok) throw new Error(read.issues.join());
  return read.words;
};
const silence = { messages: [], handover: null, intake: null };

describe('a native answer', () => {
  test('says texts and contents, in order', () => {
    const rich = { text: '**Which?**', markup: 'markdown', buttons: [{ title: 'A', payload: 'a' }] };
    expect(
      words({ messages: ['One', rich, { attachments: [{ kind: 'image', url: 'https://shop.example/a.png' }] }] }),
    ).toEqual({
      ...silence,
      messages: [{ text: 'One' }, rich, { attachments: [{ kind: 'image', url: 'https://shop.example/a.png' }] }],
    });
    expect(words({ messages: 'One' }).messages).toEqual([{ text: 'One' }]);
  });

  test.each([
    [{}],
    [undefined],
    [null],
    [{ messages: [] }],
    [{ messages: null }],
    [{ messages: ['', ' '] }],
    [{ handover: false }],
  ])('may be silence: %j', (body) => expect(words(body)).toEqual(silence));

  test('S0-4: asks for a person, with all that a hand-over can carry', () => {
    const handover = {
      reason: 'A bill',
      groupId: 'g1',
      deskId: 'd1',
      skill: 'billing',
      webstore: 'nl',
      channelTag: 'web',
      priority: 5,
      history: { kind: 'last', count: 10 },
      data: { order: { no: 17 } },
    };
    expect(words({ messages: ['One moment'], handover })).toEqual({
      ...silence,
      messages: [{ text: 'One moment' }],
      handover,
    });
    expect(words({ handover: true }).handover).toEqual({});
    expect(words({ handover: {} }).handover).toEqual({});
  });

  test.each([
    ['none', { kind: 'none' }],
    ['all', { kind: 'all' }],
    [10, { kind: 'last', count: 10 }],
    [{ kind: 'all' }, { kind: 'all' }],
  ])('S0-4: history %j', (history, means) => {
    expect(words({ handover: { history } }).handover).toEqual({ history: means });
  });

  test('S3-4: a fact that is empty counts as not said', () => {
    expect(words({ handover: { skill: '', webstore: ' ', reason: null } }).handover).toEqual({});
  });

  test.each([
    [{ status: 'open' }, []],
    [
      { status: 'done', answers: [{ name: 'order', label: 'Order', value: 17 }] },
      [{ name: 'order', label: 'Order', value: '17' }],
    ],
    [
      { status: 'done', answers: { name: 'Ann', urgent: true } },
      [
        { name: 'name', value: 'Ann' },
        { name: 'urgent', value: 'true' },
      ],
    ],
    [{ status: 'cancelled', answers: [] }, []],
  ])('S3-3: intake %j', (intake, answers) => {
    expect(words({ intake }).intake).toEqual({ status: intake.status, answers });
  });
});

describe('the livechat dialect', () => {
  test('S3-1: livechat: true, with the facts beside it', () => {
    const outputs = {
      skill: 'sales',
      mscWebstore: 'shop-nl',
      mscChannel: 'web',
      group: 'g1',
      reason: 'Asked',
      priority: 2,
    };
    expect(words({ answer: 'One moment', livechat: true, ...outputs, data: { a: 1 }, history: 'all' })).toEqual({
      messages: [{ text: 'One moment' }],
      handover: {
        skill: 'sales',
        webstore: 'shop-nl',
        channelTag: 'web',
        groupId: 'g1',
        reason: 'Asked',
        priority: 2,
        data: { a: 1 },
        history: { kind: 'all' },
      },
      intake: null,
    });
  });

  test('S3-1: outputs may all be text, and empty', () => {
    const outputs = { livechat: 'true', skill: '', mscWebstore: '', priority: '3', history: '5', group: 12, data: '' };
    expect(words(outputs).handover).toEqual({ priority: 3, history: { kind: 'last', count: 5 }, groupId: '12' });
  });

  test.each([[false], ['false'], [''], [null], [1], [{}], [undefined]])(
    'S3-1: livechat: %j asks for nobody',
    (livechat) => {
      expect(words({ livechat, skill: 'sales' }).handover).toBeNull();
    },
  );

  test('without it, fields of the same names are none of ours', () => {
    expect(words({ messages: ['a'], priority: 'urgent', history: [1], data: 5, skill: {} })).toMatchObject({
      handover: null,
    });
  });

  test('a native hand-over beside it wins, and both lists of words are said', () => {
    const both = { messages: ['a'], answer: ['b'], handover: { skill: 'native' }, livechat: true, skill: 'dialect' };
    expect(words(both)).toEqual({
      messages: [{ text: 'a' }, { text: 'b' }],
      handover: { skill: 'native' },
      intake: null,
    });
  });
});

describe('an answer that can not be read is refused whole', () => {
  test.each([
    ['one bad message among good ones', { messages: ['Good', { buttons: [{ title: '' }] }] }, 'messages'],
    ['a message that says nothing', { messages: [{ text: '' }] }, 'messages'],
    ['a bad hand-over beside good words', { messages: ['Good'], handover: { priority: 'high' } }, 'handover'],
    ['a priority out of range', { handover: { priority: 1000 } }, 'handover'],
    ['history that is none', { livechat: true, history: 'some' }, 'history'],
    ['an intake without a state', { intake: { answers: [] } }, 'intake.status'],
    ['too much data', { handover: { data: { x: 'x'.repeat(40_000) } } }, 'handover'],
    [
      'data nested too deeply',
      { handover: { data: JSON.parse('{"a":'.repeat(20) + '1' + '}'.repeat(20)) as object } },
      'handover',
    ],
    ['more messages than anybody reads', { messages: Array.from({ length: 51 }, () => 'x') }, 'messages'],
    ['a list', [], '(all)'],
    ['a text', 'Hello', '(all)'],
  ])('%s', (_, body, where) => {
    const read = readAnswer(body);
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).toContain(where);
  });

  test('and never quoted', () => {
    expect(
      JSON.stringify(readAnswer({ messages: [{ text: 5, attachments: ['canary'] }], handover: 'canary' })),
    ).not.toContain('canary');
  });
});

test('R21: reading an answer never throws', () => {
  const field = fc.constantFrom(
    'messages',
    'answer',
    'handover',
    'intake',
    'livechat',
    'skill',
    'priority',
    'history',
    'data',
  );
  const anything = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.oneof(fc.constant(true), fc.jsonValue())));
  fc.assert(
    fc.property(anything, (body) => {
      expect([true, false]).toContain(readAnswer(body).ok);
    }),
  );
});
