import type { ChannelAdapter } from '../../contract/channel.ts';
import { capabilities } from './capabilities.ts';
import { webchatSettings } from './settings.ts';

/** Our own chat on a site: what goes out stands in the visitor's stream, what comes in has routes of its own. */
export const webchat: ChannelAdapter = {
  type: 'webchat',
  title: 'Web chat',
  settings: webchatSettings,
  capabilities,
  ingress: null,
  delivery: { kind: 'stream' },
};
