/** What connecting, changing and switching off come to, of whatever has a type, its settings and secrets: bots, desks, channels. */
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import type { PartyRow } from '../../store/parties.ts';
import type { Registry } from '../dependencies.ts';
import { adapterOf, checkedSettings } from '../settings.ts';
import { newWebhookSecret } from '../tokens.ts';
import type { newParty, partyChange } from './party-schema.ts';

/** The adapters there are of its kind: they say which settings a type wants. */
export type PartyRegistry = Registry<Pick<ChannelAdapter, 'type' | 'settings'>>;

/** What is to be saved, with its first secret, and the row that it then is. `now`: epoch ms. */
export function connected<Given extends z.output<z.ZodObject<typeof newParty>>>(
  registry: PartyRegistry,
  given: Given,
  now: number,
) {
  const secret = newWebhookSecret();
  const at = new Date(now);
  const values = { ...given, id: uuid(), settings: checkedSettings(adapterOf(registry, given.type), given.settings) };
  return {
    secret,
    saved: { ...values, secrets: [secret], at },
    row: { ...values, secretCount: 1, createdAt: at, disabledAt: null },
  };
}

/** Fields that are left out stay as they are; settings are replaced, and checked, as a whole. */
export function changed<Row extends PartyRow>(
  registry: PartyRegistry,
  before: Row,
  { name = before.name, settings, enabled }: z.output<z.ZodObject<typeof partyChange>>,
  now: number,
): Row {
  const checked =
    settings === undefined ? before.settings : checkedSettings(adapterOf(registry, before.type), settings);
  const after = { ...before, name, settings: checked };
  if (enabled === undefined) return after;
  return enabled ? { ...after, disabledAt: null } : switchedOff(after, now);
}

/** What is off already stays so since when it was. */
export function switchedOff<Row extends PartyRow>(before: Row, now: number): Row {
  return { ...before, disabledAt: before.disabledAt ?? new Date(now) };
}
