import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFormAnswer } from '../../activities/form-answer.ts';
import type { Content } from '../../adapters/contract/content.ts';
import type { FormField } from '../../store/policies.ts';
import { Chat } from './chat.ts';
import { createSetting, type Setting } from './setting.ts';

const field = (type: FormField['type'], rest: Partial<FormField> = {}): FormField => ({
  name: 'it',
  question: 'What is it?',
  type,
  required: true,
  ...rest,
});
const check = (asked: FormField, text: string, rest: Partial<Content> = {}) =>
  checkFormAnswer(asked, { text, ...rest });
const valid = (value: string) => ({ kind: 'valid', value });
const invalid = { kind: 'invalid' };

describe('An answer to a field of the account’s form', () => {
  test.each([
    ['text', '  a word ', valid('a word')],
    ['text', '   ', invalid],
    ['text', 'x'.repeat(2_001), invalid],
    ['email', ' ada@example.org', valid('ada@example.org')],
    ['email', 'ada@example', invalid],
    ['email', 'ada@@example.org', invalid],
    ['email', 'mail me: ada@example.org', invalid],
    ['email', '@example.org', invalid],
    ['email', 'ada@example..org', invalid],
    ['phone', '+49 (30) 123-456', valid('+4930123456')],
    ['phone', '030 / 123456', valid('030123456')],
    ['phone', '12345', invalid],
    ['phone', '+1234567890123456', invalid],
    ['phone', 'call me', invalid],
    ['number', '17', valid('17')],
    ['number', '-3,5', valid('-3.5')],
    ['number', '1e9', invalid],
    ['number', 'seventeen', invalid],
  ] as const)('%s: %j', (type, text, outcome) => {
    expect(check(field(type), text)).toEqual(outcome);
  });

  test('a choice is answered by its words, its number, or its button', () => {
    const size = field('choice', { options: ['Small', 'Large', '10'] });
    expect(check(size, 'large')).toEqual(valid('Large'));
    expect(check(size, '1')).toEqual(valid('Small'));
    expect(check(size, '2.')).toEqual(valid('Large'));
    expect(check(size, '10')).toEqual(valid('10'));
    expect(check(size, 'a button', { payload: 'Small' })).toEqual(valid('Small'));
    expect(check(size, '0')).toEqual(invalid);
    expect(check(size, '4')).toEqual(invalid);
    expect(check(size, 'Medium')).toEqual(invalid);
  });

  test('by a word alone the customer gives up; within an answer it is a word', () => {
    expect(check(field('text'), 'Cancel')).toEqual({ kind: 'cancel' });
    expect(check(field('text'), 'ОТМЕНА')).toEqual({ kind: 'cancel' });
    expect(check(field('text'), 'I want to cancel my order')).toEqual(valid('I want to cancel my order'));
    expect(check(field('text', { cancelWords: ['basta'] }), 'cancel')).toEqual(valid('cancel'));
    expect(check(field('text', { cancelWords: ['basta'] }), 'Basta')).toEqual({ kind: 'cancel' });
  });

  test('an optional field can be passed over, a required one can’t', () => {
    expect(check(field('email', { required: false }), '-')).toEqual(valid(''));
    expect(check(field('email'), '-')).toEqual(invalid);
  });

  test('a file, or words that were erased, answer nothing', () => {
    const attachments = [{ kind: 'image' as const, url: 'https://example.org/a.png' }];
    expect(checkFormAnswer(field('text'), { attachments })).toEqual(invalid);
    expect(checkFormAnswer(field('text'), null)).toEqual(invalid);
  });

  test('an answer as long as the network allows is judged at once', () => {
    expect(check(field('email'), `${'a.'.repeat(50_000)}@`)).toEqual(invalid);
    expect(check(field('phone'), '('.repeat(100_000))).toEqual(invalid);
  });
});

describe('checkAnswer', () => {
  let setting: Setting;

  beforeAll(async () => {
    setting = await createSetting();
  });
  afterAll(() => setting.close());

  const form = [field('email', { name: 'email', label: 'E-mail' }), field('number', { name: 'order' })];

  const read = (chat: Chat, at: number, messages: { from: number; to: number }, policyVersion = 1) =>
    setting.work.checkAnswer(chat.actor, {
      kind: 'CheckAnswer',
      lane: 'ask',
      id: `CheckAnswer:${messages.from}:1`,
      notBeforeAt: 0,
      handover: 1,
      requestId: 'bot:1',
      policyVersion,
      field: at,
      messages,
    });

  async function chatWith(...texts: string[]): Promise<Chat> {
    const chat = await Chat.begin(setting.pool, await setting.account(), texts);
    await chat.query('UPDATE policies SET form = $1', [JSON.stringify(form)]);
    return chat;
  }
  const answers = (chat: Chat) => chat.query('SELECT handover, name, label, value FROM intake_answers ORDER BY name');

  test('S3-3: reads one message as the answer, stores it, and says how far it has read; repeated, the same', async () => {
    const chat = await chatWith('hello', 'ada@example.org', '17');
    const outcome = { kind: 'valid', upTo: 2 };
    expect(await read(chat, 0, { from: 2, to: 3 })).toEqual(outcome);
    expect(await read(chat, 0, { from: 2, to: 3 })).toEqual(outcome);
    expect(await read(chat, 1, { from: 3, to: 3 })).toEqual({ kind: 'valid', upTo: 3 });
    expect(await answers(chat)).toEqual([
      { handover: 1, name: 'email', label: 'E-mail', value: 'ada@example.org' },
      { handover: 1, name: 'order', label: 'What is it?', value: '17' },
    ]);
  });

  test('what is wrong, or the word by which the customer gives up, is not stored', async () => {
    const chat = await chatWith('nonsense', 'cancel');
    expect(await read(chat, 0, { from: 1, to: 2 })).toEqual({ kind: 'invalid', upTo: 1 });
    expect(await read(chat, 0, { from: 2, to: 2 })).toEqual({ kind: 'cancel', upTo: 2 });
    expect(await answers(chat)).toEqual([]);
  });

  test('the form is that of the version which asked; a field that it hasn’t got fails for good', async () => {
    const chat = await chatWith('17');
    await chat.query(
      `INSERT INTO policies SELECT account_id, 2, numbers, groups, notices, '[]', routing, created_at FROM policies`,
    );
    expect(await read(chat, 1, { from: 1, to: 1 })).toEqual({ kind: 'valid', upTo: 1 });
    expect(await read(chat, 1, { from: 1, to: 1 }, 2)).toMatchObject({ kind: 'failed', class: 'permanent' });
  });

  test('a message that was erased answers nothing; one that isn’t there is passed over', async () => {
    const chat = await chatWith('ada@example.org');
    await chat.query('UPDATE messages SET content = NULL');
    expect(await read(chat, 0, { from: 1, to: 1 })).toEqual({ kind: 'invalid', upTo: 1 });
    expect(await read(chat, 0, { from: 8, to: 9 })).toEqual({ kind: 'invalid', upTo: 9 });
  });
});
