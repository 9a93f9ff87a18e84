import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Capabilities } from '../../../adapters/contract/capabilities.ts';
import type { ChannelAdapter } from '../../../adapters/contract/channel.ts';
import type { Content } from '../../../adapters/contract/content.ts';
import { plainText } from '../../../adapters/plain-text.ts';
import { render } from '../../../adapters/render.ts';
import { anyContent } from '../contents.ts';
import type { ChannelSample } from './sample.ts';

const dir = z.enum(['none', 'receive', 'send', 'both']);
const medium = z.strictObject({
  dir,
  maxBytes: z.number().positive().optional(),
  mime: z.array(z.string()).optional(),
});
const complete = z.strictObject({
  text: z.strictObject({
    dir,
    maxChars: z.number().int().positive(),
    maxCharsReceived: z.number().int().positive(),
    markup: z.enum(['plain', 'markdown']),
  }),
  media: z.strictObject({
    image: medium.optional(),
    video: medium.optional(),
    audio: medium.optional(),
    file: medium.optional(),
  }),
  buttons: z.strictObject({ mode: z.enum(['none', 'inline', 'reply']), max: z.number(), titleMax: z.number() }),
  typing: dir,
  receipts: z.strictObject({ delivered: z.boolean(), read: z.boolean(), failed: z.boolean() }),
  window: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('since-last-inbound'), hours: z.number().positive() }),
  ]),
  initiate: z.enum(['no', 'template', 'yes']),
  rate: z.strictObject({ perSecond: z.number().positive(), burst: z.number().int().positive() }).nullable(),
  ordering: z.enum(['per-conversation', 'none']),
  sendIdempotency: z.enum(['none', 'reconcile', 'key']),
  handover: z.strictObject({ target: z.boolean(), history: z.boolean() }),
});

export function describeCapabilities(adapter: ChannelAdapter, { settings }: ChannelSample): void {
  test('S0-5: declares all of its capabilities, whatever its settings', () => {
    for (const one of [...settings, undefined, { url: 1 }]) {
      expect(complete.safeParse(adapter.capabilities(one)).error?.issues ?? []).toEqual([]);
    }
  });

  test('has the rate of its settings, or else its network’s usual one', () => {
    const usual = adapter.capabilities({}).rate;
    for (const one of settings) expect(adapter.capabilities(one).rate).toEqual('rate' in one ? one.rate : usual);
  });

  test('S0-5: whatever is said fits the channel, whole, or is refused', () => {
    const capabilities = fc.constantFrom(...settings.map((one) => adapter.capabilities(one)));
    fc.assert(
      fc.property(anyContent, capabilities, (content, can) => {
        const { parts, refused } = render(content, can);
        expect(refused.length > 0).toBe(parts.length === 0);
        parts.forEach((part) => expectToFit(part, can));
        if (parts.length > 0) expectNothingLost(content, parts);
      }),
    );
  });
}

function expectToFit(part: Content, { text, media, buttons }: Capabilities): void {
  expect((part.text ?? '').length).toBeLessThanOrEqual(text.maxChars);
  expect(part.text).not.toBe('');
  expect(['plain', text.markup]).toContain(part.markup ?? 'plain');
  expect(part.buttons?.length ?? 0).toBeLessThanOrEqual(buttons.max);
  part.buttons?.forEach(({ title }) => expect(title.length).toBeLessThanOrEqual(buttons.titleMax));
  part.attachments?.forEach(({ kind, bytes = 0 }) => {
    expect(['send', 'both']).toContain(media[kind]?.dir);
    expect(bytes).toBeLessThanOrEqual(media[kind]?.maxBytes ?? Infinity);
  });
}

function expectNothingLost(content: Content, parts: Content[]): void {
  const visible = (text: string) => text.replaceAll(/\s/g, '');
  const said = visible(parts.map(({ text = '' }) => text).join(''));
  const markdownLost = content.markup === 'markdown' && !parts.some(({ markup }) => markup);
  expect(said).toContain(visible(markdownLost ? plainText(content.text ?? '') : (content.text ?? '')));
  const titles = parts.flatMap(({ buttons = [] }) => buttons.map(({ title }) => title));
  const urls = parts.flatMap(({ attachments = [] }) => attachments.map(({ url }) => url));
  content.buttons?.forEach(({ title }) => expect(titles.includes(title) || said.includes(visible(title))).toBe(true));
  content.attachments?.forEach(({ url }) => expect(urls.includes(url) || said.includes(visible(url))).toBe(true));
}
