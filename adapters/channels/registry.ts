import type { ChannelAdapter } from '../contract/channel.ts';
import { http } from './http/http.ts';
import { webchat } from './webchat/webchat.ts';

/** Every kind of channel, by the name that stands in `channels.type`. */
export const channels: ReadonlyMap<string, ChannelAdapter> = new Map([http, webchat].map((one) => [one.type, one]));
