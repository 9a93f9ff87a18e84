import fc from 'fast-check';
import type { Content } from '../../adapters/contract/content.ts';

const words = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.lorem({ mode: 'sentences', maxCount: 40 }),
  fc.constantFrom('**Yes**, see [the shop](https://shop.example)', '👩‍👩‍👧‍👦'.repeat(50), 'x'.repeat(5000)),
);

const attachment = fc.record(
  {
    kind: fc.constantFrom('image', 'video', 'audio', 'file'),
    url: fc.webUrl({ size: 'small' }),
    name: fc.string({ minLength: 1, maxLength: 20 }),
    mime: fc.constantFrom('image/png', 'application/pdf'),
    bytes: fc.nat(50_000_000),
  },
  { requiredKeys: ['kind', 'url'] },
);

const button = fc.record({ title: fc.string({ minLength: 1, maxLength: 120 }), payload: fc.string({ maxLength: 20 }) });

/** Whatever a bot or an agent may want to say. */
export const anyContent: fc.Arbitrary<Content> = fc
  .record(
    {
      text: words,
      markup: fc.constant('markdown' as const),
      buttons: fc.array(button, { minLength: 1, maxLength: 15 }),
      attachments: fc.array(attachment, { minLength: 1, maxLength: 5 }),
    },
    { requiredKeys: [] },
  )
  .map((content) => content as Content);
