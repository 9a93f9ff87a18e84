import type { ChannelAdapter } from '../../contract/channel.ts';
import { capabilities } from './capabilities.ts';
import { body, parse } from './parse.ts';
import { send } from './send.ts';
import { httpSettings } from './settings.ts';
import { verify } from './verify.ts';

/** Any backend as a channel: Standard Webhooks both ways. */
export const http: ChannelAdapter = {
  type: 'http',
  title: 'Signed HTTP',
  settings: httpSettings,
  capabilities,
  ingress: { body, verify, parse, ack: () => ({ status: 200, body: {} }) },
  delivery: { kind: 'network', send },
};
