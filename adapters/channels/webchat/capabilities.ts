import type { Capabilities } from '../../contract/capabilities.ts';
import { LONGEST_TEXT } from '../../words.ts';
import { LONGEST_VISITOR_TEXT } from './wire.ts';

/**
 * What our own script shows: any text that there can be, in one piece (a message has one place in the visitor's stream),
 * and files as links. Visitors may write less at once, and can't send files yet.
 */
export function capabilities(): Capabilities {
  return {
    text: { dir: 'both', maxChars: LONGEST_TEXT, maxCharsReceived: LONGEST_VISITOR_TEXT, markup: 'plain' },
    media: { image: { dir: 'send' }, video: { dir: 'send' }, audio: { dir: 'send' }, file: { dir: 'send' } },
    buttons: { mode: 'inline', max: 10, titleMax: 80 },
    typing: 'both',
    receipts: { delivered: true, read: true, failed: false },
    window: { kind: 'none' },
    initiate: 'yes',
    rate: null,
    ordering: 'per-conversation',
    sendIdempotency: 'key',
    handover: { target: true, history: true },
  };
}
