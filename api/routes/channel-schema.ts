/** A channel on the wire: an outside party, and who answers first on it. */
import { z } from 'zod';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import type { ChannelRow } from '../../store/channels.ts';
import { capabilities } from '../capabilities.ts';
import type { Registry } from '../dependencies.ts';
import { id } from '../fields.ts';
import type { Principal } from '../principal.ts';
import { newParty, party, partyChange, secret, showParty } from './party-schema.ts';

const serving = {
  mode: z
    .enum(['engagement', 'business'])
    .describe(
      'Who hosts the chat: we (`engagement`), or the platform, whose bot we are. Counts from the next session on.',
    ),
  responsible: z.enum(['bot', 'managers']).describe('Who answers first. Counts from the next session on.'),
  botId: id.nullable().describe('Needed where the bot is responsible.'),
  groupId: id.nullable().describe('Whose queue the channel’s hand-overs go to; null: as the policy routes them.'),
};

export const channel = z
  .object({
    ...party,
    ...serving,
    capabilities: capabilities.nullable().describe('What it can carry; null: this server doesn’t know the type.'),
  })
  .meta({ id: 'Channel' });

export const madeChannel = z.object({ ...channel.shape, secret });

export const newChannel = z
  .strictObject({
    ...newParty,
    mode: serving.mode.default('engagement'),
    responsible: serving.responsible.default('bot'),
    botId: serving.botId.default(null),
    groupId: serving.groupId.default(null),
  })
  .meta({
    examples: [{ name: 'Shop’s web chat', type: 'webchat', botId: '01a2047d-e66a-7339-a926-9f40b5ab3f9e' }],
  });

export const channelChange = z.strictObject({
  ...partyChange,
  mode: serving.mode.optional(),
  responsible: serving.responsible.optional(),
  botId: serving.botId.optional(),
  groupId: serving.groupId.optional(),
});

/** The row as this caller sees it. */
export function showChannel(
  channels: Registry<ChannelAdapter>,
  principal: Principal,
  row: ChannelRow,
): z.output<typeof channel> {
  const { type, settings, mode, responsible, botId, groupId } = row;
  const carries = channels.get(type)?.capabilities(settings) ?? null;
  return { ...showParty(principal, row), mode, responsible, botId, groupId, capabilities: carries };
}
