import { describe, expect, test } from 'vitest';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import { describeAttempts } from './channel-conformance/attempts.ts';
import { describeCapabilities } from './channel-conformance/capabilities.ts';
import { describeIngress } from './channel-conformance/ingress.ts';
import type { ChannelSample } from './channel-conformance/sample.ts';
import { describeSending } from './channel-conformance/sending.ts';
import { describeSettings } from './channel-conformance/settings.ts';
import { describeWindow } from './channel-conformance/window.ts';

/** Every channel of the registry runs this: conformance.test.ts. */
export function conformsAsChannel(adapter: ChannelAdapter, sample: ChannelSample): void {
  describe(`channel ${adapter.type}`, () => {
    describeSettings(adapter, sample);
    describeCapabilities(adapter, sample);
    test('takes webhooks, and sends by network, exactly where the sample says so', () => {
      expect(adapter.ingress !== null).toBe(sample.ingress !== null);
      expect(adapter.delivery.kind).toBe(sample.network === null ? 'stream' : 'network');
    });
    if (sample.ingress) describeIngress(adapter, sample.ingress);
    if (sample.network) {
      describeSending(adapter, sample.network);
      describeAttempts(adapter, sample.network);
    }
    describeWindow(adapter, sample);
  });
}
