import { expect, test } from 'vitest';
import type { ChannelAdapter } from '../../../adapters/contract/channel.ts';
import type { ChannelSample } from './sample.ts';

export function describeSettings(adapter: ChannelAdapter, { settings, unusable }: ChannelSample): void {
  test('takes usable settings whole, with fields that it does not know', () => {
    for (const one of settings) {
      expect(adapter.settings.safeParse({ ...one, ofALaterVersion: 1 })).toMatchObject({
        success: true,
        data: { ...one, ofALaterVersion: 1 },
      });
    }
  });

  test.each(unusable.map((one) => [JSON.stringify(one), one]))('refuses settings %s', (_, one) => {
    expect(adapter.settings.safeParse(one).success).toBe(false);
  });
}
