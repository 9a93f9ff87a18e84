import type { ChannelSample } from '../channel-conformance/sample.ts';

export const webchatSample: ChannelSample = {
  settings: [
    {},
    { allowedOrigins: ['https://shop.example'], title: 'Ask us', greeting: 'Hello', identityRequired: true },
  ],
  unusable: [
    undefined,
    { allowedOrigins: ['shop.example'] },
    { allowedOrigins: ['https://shop.example/page'] },
    { title: '' },
    { colours: { accent: 'red; background: url(//evil.example)' } },
  ],
  ingress: null,
  network: null,
  window: null,
};
