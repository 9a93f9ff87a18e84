import { z } from 'zod';
import { channels } from '../../adapters/channels/registry.ts';
import type { SettingsSchema } from '../../adapters/contract/call.ts';
import type { Capabilities } from '../../adapters/contract/capabilities.ts';
import type { MediaKind } from '../../adapters/contract/content.ts';

/** What each kind of channel is called and may be set to, and what it carries with its default settings, as a table of Markdown. */
export function capabilitiesTable(): string {
  const all = [...channels.values()];
  const kinds = all.map(({ title, capabilities }) => ({ title, can: capabilities({}) }));
  const rows = [
    ['`type`', ...all.map(({ type }) => `\`${type}\``)],
    ['`settings`', ...all.map(({ settings }) => namesOf(settings))],
    ...lines.map(([what, of]) => [what, ...kinds.map(({ can }) => of(can))]),
  ];
  return table([['', ...kinds.map(({ title }) => title)], kinds.map(() => '---').concat('---'), ...rows]);
}

function namesOf(settings: SettingsSchema): string {
  if (!(settings instanceof z.ZodObject)) throw new Error('the settings of a channel are an object');
  return Object.keys(settings.shape)
    .map((name) => `\`${name}\``)
    .join(', ');
}

const lines: [string, (can: Capabilities) => string][] = [
  ['text', ({ text }) => `${text.dir}, ${text.markup}`],
  ['characters in a message sent', ({ text }) => String(text.maxChars)],
  ['characters in a message received', ({ text }) => String(text.maxCharsReceived)],
  ['buttons', ({ buttons }) => (buttons.mode === 'none' ? 'none' : `${buttons.mode}, up to ${buttons.max}`)],
  ...(['image', 'video', 'audio', 'file'] satisfies MediaKind[]).map(
    (kind): [string, (can: Capabilities) => string] => [kind, ({ media }) => media[kind]?.dir ?? 'none'],
  ),
  ['typing', ({ typing }) => typing],
  [
    'receipts',
    ({ receipts }) =>
      Object.keys(receipts)
        .filter((key) => receipts[key as 'read'])
        .join(', '),
  ],
  ['time to answer', ({ window }) => (window.kind === 'none' ? 'any' : `${window.hours} h after the last message`)],
  ['begins a conversation', ({ initiate }) => initiate],
  ['sends a second', ({ rate }) => (rate === null ? 'as many as come' : `${rate.perSecond}, ${rate.burst} at once`)],
  ['order', ({ ordering }) => ordering],
  ['a repeated send', ({ sendIdempotency }) => sendIdempotency],
  [
    'hand-over',
    ({ handover }) =>
      Object.keys(handover)
        .filter((key) => handover[key as 'target'])
        .join(', '),
  ],
];

const table = (rows: string[][]): string => rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
