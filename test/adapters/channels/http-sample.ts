import type { ChannelSample } from '../channel-conformance/sample.ts';
import { signedRequest } from '../raw-request.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export const httpSample: ChannelSample = {
  settings: [
    { url: 'https://shop.example/baton', idempotency: 'none', maxChars: 40, buttons: 'none', media: [] },
    { url: 'https://shop.example/baton', media: ['image'], buttons: 'reply', rate: { perSecond: 30, burst: 5 } },
    { url: 'http://127.0.0.1:8080/in?tenant=1', markup: 'markdown', maxChars: 100_000 },
  ],
  unusable: [
    undefined,
    {},
    { url: 'shop.example' },
    { url: 'ftp://shop.example' },
    { url: 'https://user:pass@shop.example' },
    { url: 'https://shop.example/#a' },
    { url: 'https://shop.example/\r\nx-header: of another' },
    { url: 'https://shop.example', idempotency: 'sometimes' },
    { url: 'https://shop.example', maxChars: 0 },
    { url: 'https://shop.example', windowHours: 0 },
    { url: 'https://shop.example', rate: { perSecond: 0, burst: 1 } },
    { url: 'https://shop.example', rate: { perSecond: 1, burst: 0 } },
  ],
  ingress: {
    secrets: [secret, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    foreignSecret: 'whsec_plJ3nmyCDGBKInavdOK15jsl1RkGSYsV',
    request: (items, { secret: by, ...options }) =>
      signedRequest(JSON.stringify(items.length === 1 ? items[0] : items), by, options),
    signatureHeader: 'webhook-signature',
    timed: true,
    message: (id) => ({
      type: 'message.received',
      timestamp: '2026-11-22T10:00:00Z',
      data: {
        id,
        thread: 't1',
        contact: {
          id: 'c1',
          name: 'Ann',
          phones: ['+31612345678'],
          emails: ['ann@shop.example'],
          pageUrl: 'https://shop.example/',
        },
        content: { text: 'Hello', attachments: [{ kind: 'image', url: 'https://shop.example/a.png', name: 'a.png' }] },
        endChannel: 'kiosk',
      },
    }),
    broken: (id) => ({ type: 'message.received', data: { id, thread: 't1', contact: {}, content: { text: 'Hello' } } }),
    unknown: { type: 'message.pinned', data: { id: 'x1' } },
  },
  network: {
    settings: (url) => ({ url }),
    secret,
    keyOf: ({ headers }) => headers['webhook-id'],
    accepted: (id) => JSON.stringify({ id }),
  },
  window: {
    settings: { url: 'https://shop.example/baton', windowHours: 24 },
    windowless: { url: 'https://shop.example/baton' },
    answer: { status: 400, body: JSON.stringify({ class: 'window-closed' }) },
    receipt: { type: 'receipt.failed', data: { id: 'p1', class: 'window-closed' } },
  },
};
