import { describe, expect, test } from 'vitest';
import { capabilities } from '../../../adapters/channels/http/capabilities.ts';
import { parse } from '../../../adapters/channels/http/parse.ts';
import { signedRequest } from '../raw-request.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const of = { settings: { url: 'https://shop.example/baton' } };
const parsed = (body: unknown) => parse(signedRequest(JSON.stringify(body), secret, { id: 'msg_1' }), of);
const message = (data: object) => ({
  type: 'message.received',
  data: { id: 'm1', thread: 't1', contact: { id: 'c1' }, ...data },
});

describe('messages', () => {
  test('come with all that is known of the contact', () => {
    const contact = {
      id: 7,
      name: 'Ann',
      phones: ['+31612345678'],
      emails: ['ann@shop.example'],
      pageUrl: 'https://shop.example/',
    };
    expect(parsed(message({ contact, content: { text: 'Hi' }, endChannel: 'kiosk' }))).toEqual([
      {
        kind: 'message',
        externalId: 'm1',
        thread: 't1',
        contact: {
          externalId: '7',
          name: 'Ann',
          phones: ['+31612345678'],
          emails: ['ann@shop.example'],
          pageUrl: 'https://shop.example/',
        },
        content: { text: 'Hi' },
        endChannel: 'kiosk',
      },
    ]);
  });

  test('are not refused for a detail of the contact that can not be read', () => {
    const contact = {
      id: 'c1',
      name: '',
      phones: ['+31612345678', 5, ''],
      emails: 'ann',
      pageUrl: 'javascript:alert(1)',
      age: 9,
    };
    expect(parsed(message({ contact, content: { text: 'Hi' } }))).toMatchObject([
      { contact: { externalId: 'c1', phones: ['+31612345678'] } },
    ]);
  });

  test('are as long as the channel declares, and parked where they are longer', () => {
    const longest = 'x'.repeat(capabilities(of.settings).text.maxCharsReceived);
    expect(parsed(message({ content: { text: longest } }))).toMatchObject([{ kind: 'message' }]);
    expect(parsed(message({ content: { text: `${longest}x` } }))).toMatchObject([{ kind: 'unreadable' }]);
  });

  test('bring at most 20 addresses of a kind', () => {
    const phones = Array.from({ length: 1_000 }, (_, no) => `+31${no}`);
    expect(parsed(message({ contact: { id: 'c1', phones }, content: { text: 'Hi' } }))).toMatchObject([
      { contact: { phones: phones.slice(0, 20) } },
    ]);
  });

  test.each([
    ['text', { text: 'Hi' }],
    ['a pressed button', { text: 'Yes', payload: 'y' }],
    ['a file alone', { attachments: [{ kind: 'file', url: 'https://shop.example/a.pdf', name: 'a.pdf' }] }],
  ])('carry %s', (_, content) => {
    expect(parsed(message({ content }))).toMatchObject([{ kind: 'message', content }]);
  });

  test.each([
    ['nothing', { text: '  ', buttons: [], attachments: [] }, 'data.content: empty'],
    ['no content', undefined, 'content'],
    ['text that is none', { text: 5 }, 'content.text'],
    [
      'a file at no address',
      { attachments: [{ kind: 'file', url: 'file:///etc/passwd' }] },
      'content.attachments.0.url',
    ],
  ])('that say %s are unreadable, and say where', (_, content, where) => {
    const [item] = parsed(message({ content }));
    expect(item).toMatchObject({ kind: 'unreadable', externalId: 'message.received:m1' });
    expect(item).toHaveProperty('because');
    expect((item as { because: string }).because).toContain(where.replace('data.', ''));
  });

  test('R21: with an id that no index takes are unreadable under the id of their webhook', () => {
    const long = { ...message({ content: { text: 'Hi' } }).data, id: 'x'.repeat(256) };
    expect(parsed([{ type: 'message.received', data: long }])).toMatchObject([
      { kind: 'unreadable', externalId: 'msg_1:0' },
    ]);
  });
});

test('a customer who no longer wants a person is no duplicate of the message with the same id', () => {
  const item = { type: 'message.cancelled', data: { id: 'm1', thread: 't1' } };
  expect(parsed(item)).toEqual([{ kind: 'cancel', externalId: 'cancelled:m1', thread: 't1' }]);
});

describe('R7, R8: receipts', () => {
  const receipt = (status: string, data: object) => parsed({ type: `receipt.${status}`, data });
  test.each(['sent', 'delivered', 'read'])('%s', (status) => {
    expect(receipt(status, { id: 'p1' })).toEqual([{ kind: 'receipt', externalId: null, providerId: 'p1', status }]);
  });

  test('by the send key settle a send whose answer was lost', () => {
    const by = (data: object) => receipt('delivered', data)[0];
    expect(by({ key: 'k1' })).toMatchObject({ providerId: 'k1', key: 'k1' });
    expect(by({ id: 'p1', key: 'k1' })).toMatchObject({ providerId: 'p1', key: 'k1' });
    expect(by({})).toMatchObject({ kind: 'unreadable', because: '(all): id-or-key' });
  });

  test('of a failure have a class, permanent where it is unknown', () => {
    const failed = (data: object) => receipt('failed', { id: 'p1', ...data })[0];
    expect(failed({ class: 'recipient-unreachable' })).toMatchObject({
      status: 'failed',
      class: 'recipient-unreachable',
    });
    expect(failed({ class: 'because I say so' })).toMatchObject({ class: 'permanent' });
    expect(failed({})).toMatchObject({ class: 'permanent' });
  });
});

describe('a body', () => {
  test('that is no JSON is kept, under the id of its webhook', () => {
    expect(parse(signedRequest('Hello\0', secret, { id: 'msg_9' }), of)).toEqual([
      { kind: 'unreadable', externalId: 'msg_9', because: 'not-json', item: 'Hello\uFFFD' },
    ]);
  });

  test.each([
    ['null', null, 'unreadable'],
    ['a number', 5, 'unreadable'],
    ['no type', { data: {} }, 'unreadable'],
    ['a type of a prototype', { type: 'constructor', data: {} }, 'ignored'],
  ])('%s', (_, body, kind) => {
    expect(parsed(body)).toMatchObject([{ kind }]);
  });

  test('may be an empty list', () => expect(parsed([])).toEqual([]));

  test('never shows what was written in the reason', () => {
    const items = parsed([
      message({ content: { text: { secret: 'canary' } } }),
      { type: 'receipt.read', data: { id: ['canary'] } },
    ]);
    expect(items.map((item) => ('because' in item ? item.because : '')).join()).not.toContain('canary');
  });
});
