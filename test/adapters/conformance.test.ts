import { expect, test } from 'vitest';
import { channels } from '../../adapters/channels/registry.ts';
import type { ChannelSample } from './channel-conformance/sample.ts';
import { conformsAsChannel } from './channel-conformance.ts';
import { httpSample } from './channels/http-sample.ts';
import { webchatSample } from './channels/webchat-sample.ts';

const samples: Record<string, ChannelSample> = { http: httpSample, webchat: webchatSample };

for (const [type, adapter] of channels) {
  const sample = samples[type];
  if (sample) conformsAsChannel(adapter, sample);
}

test('every channel of the registry runs the suite', () => {
  expect(Object.keys(samples).toSorted()).toEqual([...channels.keys()].toSorted());
});
