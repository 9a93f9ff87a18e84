import type { Capabilities } from '../../contract.ts';

/** What our own script shows. Files are shown as links and pictures; sending them comes later. */
export function capabilities(): Capabilities {
  return {
    text: { dir: 'both', maxChars: 10_000, markup: 'plain' },
    media: { image: { dir: 'send' }, video: { dir: 'send' }, audio: { dir: 'send' }, file: { dir: 'send' } },
    buttons: { mode: 'inline', max: 10, titleMax: 80 },
    typing: 'both',
    receipts: { delivered: true, read: true, failed: false },
    window: { kind: 'none' },
    initiate: 'yes',
    ordering: 'per-conversation',
    sendIdempotency: 'key',
    handover: { target: true, history: true },
  };
}
