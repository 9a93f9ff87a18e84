import { describe, expect, test } from 'vitest';
import type { Capabilities } from '../../adapters/contract/capabilities.ts';
import type { Content } from '../../adapters/contract/content.ts';
import { capabilities as http } from '../../adapters/channels/http/capabilities.ts';
import { capabilities as webchat } from '../../adapters/channels/webchat/capabilities.ts';
import { render } from '../../adapters/render.ts';

const channels: Record<string, Capabilities> = {
  'web chat': webchat(),
  'http, markdown': http({ markup: 'markdown' }),
  'http, poor': http({ maxChars: 60, buttons: 'none', media: [] }),
  'http, pictures up to 1 MB': {
    ...http({ buttons: 'reply' }),
    media: { image: { dir: 'send', maxBytes: 1e6, mime: ['image/png'] } },
  },
  'nothing but files': {
    ...http({ buttons: 'none' }),
    text: { dir: 'receive', maxChars: 100, maxCharsReceived: 100, markup: 'plain' },
  },
};

const image = {
  kind: 'image' as const,
  url: 'https://shop.example/a.png',
  name: 'a.png',
  mime: 'image/png',
  bytes: 5000,
};
const contents: Record<string, Content> = {
  'plain text that looks like markup': { text: 'snake_case_name costs 2*3*4, see [1](not a link)' },
  markdown: {
    text: '# Order\n**Ready** on _Monday_. See [the shop](https://shop.example/o/1).\n* one\n* `a_b_c`',
    markup: 'markdown',
  },
  'three buttons': {
    text: 'When?',
    buttons: ['Today', 'Tomorrow', 'Never'].map((title) => ({ title, payload: title })),
  },
  'buttons without text': { buttons: [{ title: 'Yes', payload: 'y' }] },
  'too many buttons': {
    text: 'Which?',
    buttons: Array.from({ length: 12 }, (_, no) => ({ title: `No ${no}`, payload: `${no}` })),
  },
  'a title too long': { text: 'Which?', buttons: [{ title: 'x'.repeat(81), payload: 'x' }] },
  'long text with a picture and buttons': {
    text: 'First sentence here. Second sentence here.\n\nA second paragraph, which is quite a bit longer than the first.',
    attachments: [image],
    buttons: [{ title: 'OK', payload: 'ok' }],
  },
  'a picture too large': { text: 'Look', attachments: [{ ...image, bytes: 2e6 }] },
  'a picture of unknown type': { attachments: [{ kind: 'image', url: 'https://shop.example/b' }] },
  'an address longer than a message': {
    text: 'Look',
    attachments: [{ kind: 'file', url: `https://shop.example/${'x'.repeat(100)}` }],
  },
  nothing: { text: ' ' },
  'a bare picture': { attachments: [image] },
};

describe.each(Object.entries(channels))('S0-5: %s', (_, capabilities) => {
  test.each(Object.entries(contents))('%s', (_name, content) => {
    expect(render(content, capabilities)).toMatchSnapshot();
  });
});

test('S0-5: half a message is never sent: one part refused, all refused', () => {
  const content = contents['an address longer than a message'] ?? {};
  const { parts, refused } = render(
    { ...content, buttons: [{ title: 'OK', payload: '' }] },
    http({ maxChars: 60, media: [] }),
  );
  expect(parts).toEqual([]);
  expect(refused).toEqual([{ code: 'unsupported-content', what: 'attachment', no: 0 }]);
});
