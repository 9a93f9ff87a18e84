import type { Capabilities } from '../../contract/capabilities.ts';
import { LONGEST_TEXT } from '../../words.ts';
import { shownByBackend } from './settings.ts';

/** What the backend declared; the defaults where that can't be read. */
export function capabilities(settings: unknown): Capabilities {
  const read = shownByBackend.safeParse(settings);
  const { maxChars, markup, buttons, media, idempotency, windowHours, rate } = read.success
    ? read.data
    : shownByBackend.parse({});
  return {
    text: { dir: 'both', maxChars, maxCharsReceived: LONGEST_TEXT, markup },
    media: Object.fromEntries(media.map((kind) => [kind, { dir: 'both' }])),
    buttons: buttons === 'none' ? { mode: 'none', max: 0, titleMax: 0 } : { mode: buttons, max: 10, titleMax: 80 },
    typing: 'none',
    receipts: { delivered: true, read: true, failed: true },
    window: windowHours === null ? { kind: 'none' } : { kind: 'since-last-inbound', hours: windowHours },
    initiate: windowHours === null ? 'yes' : 'template',
    rate,
    ordering: 'per-conversation',
    sendIdempotency: idempotency,
    handover: { target: true, history: true },
  };
}
