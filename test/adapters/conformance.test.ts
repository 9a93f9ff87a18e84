import { expect, test } from 'vitest';
import { http } from '../../adapters/channels/http/http.ts';
import { channels } from '../../adapters/channels/registry.ts';
import { webchat } from '../../adapters/channels/webchat/webchat.ts';
import { conformsAsChannel } from './channel-conformance.ts';
import { httpSample } from './channels/http-sample.ts';
import { webchatSample } from './channels/webchat-sample.ts';

conformsAsChannel(http, httpSample);
conformsAsChannel(webchat, webchatSample);

test('every channel of the registry runs the suite', () => {
  expect([...channels.values()]).toEqual([http, webchat]);
});
