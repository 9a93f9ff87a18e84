/** Channels: a connected messaging network or platform, with who answers first on it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { existingBots } from '../../store/bots.ts';
import * as store from '../../store/channels.ts';
import type { Transaction } from '../../store/connection.ts';
import { existingGroups } from '../../store/groups.ts';
import { capabilities } from '../capabilities.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, idIn, idOf, nothing } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import type { Principal } from '../principal.ts';
import { found, Problem, type Issue } from '../problem.ts';
import { ownBots, requireOwnBot } from '../readers.ts';
import { adapterOf, checkedSettings } from '../settings.ts';
import { newWebhookSecret } from '../tokens.ts';
import { switched } from './parties.ts';
import { filter, party, partyValues, secret, showParty } from './party-schema.ts';
import { serveSecrets } from './secret-route.ts';

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

const shown = z
  .object({
    ...party,
    ...serving,
    capabilities: capabilities.nullable().describe('What it can carry; null: this server doesn’t know the type.'),
  })
  .meta({ id: 'Channel' });
const made = z.object({ ...shown.shape, secret });

const wanted = z
  .strictObject({
    name: partyValues.name,
    type: partyValues.type,
    settings: partyValues.settings.default({}),
    mode: serving.mode.default('engagement'),
    responsible: serving.responsible.default('bot'),
    botId: serving.botId.default(null),
    groupId: serving.groupId.default(null),
  })
  .meta({
    examples: [{ name: 'Shop’s web chat', type: 'webchat', botId: '01a2047d-e66a-7339-a926-9f40b5ab3f9e' }],
  });

const change = z.strictObject({
  name: partyValues.name.optional(),
  settings: partyValues.settings.optional().describe('Replaces all settings.'),
  enabled: partyValues.enabled.optional(),
  mode: serving.mode.optional(),
  responsible: serving.responsible.optional(),
  botId: serving.botId.optional(),
  groupId: serving.groupId.optional(),
});

const tags = ['Channels'];
const params = idIn('channelId');

export function channelRoutes({ channels, clock }: ApiDependencies): FastifyPluginAsyncZod {
  const show = (principal: Principal, row: store.ChannelRow): z.output<typeof shown> => ({
    ...showParty(principal, row),
    mode: row.mode,
    responsible: row.responsible,
    botId: row.botId,
    groupId: row.groupId,
    capabilities: channels.get(row.type)?.capabilities(row.settings) ?? null,
  });

  return async (app) => {
    app.post(
      '/channels',
      {
        config: { scope: 'channels:write', problems: ['invalid-settings', 'configured-on-platform'] },
        schema: {
          tags,
          summary: 'Connect a channel',
          description:
            'The type decides which settings are wanted. `secret` is shown this once. Messages are taken from the ' +
            'moment it is made, and the webhook’s address is POST /v1/webhooks/{accountId}/{channelId}. 422 ' +
            '`invalid-settings` names what is wrong and saves nothing.',
          body: wanted,
          response: { 201: made },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const { type, settings } = request.body;
        const checked = checkedSettings(adapterOf(channels, type), settings);
        const signing = newWebhookSecret();
        const row = { ...request.body, settings: checked, id: uuid() };
        const at = new Date(clock());
        await request.inAccount(async (tx) => {
          await requireServing(tx, accountId, row);
          await store.insertChannel(tx, accountId, { ...row, secrets: [signing], at });
        });
        const view = show(request.principal, { ...row, secretCount: 1, createdAt: at, disabledAt: null });
        return reply.code(201).send({ ...view, secret: signing });
      },
    );

    app.get(
      '/channels',
      {
        config: { scope: 'channels:read' },
        schema: {
          tags,
          summary: 'Channels, oldest first; to agents those of their bots',
          description:
            'Without those that are switched off, unless asked for. Settings are shown only with the scope ' +
            '`settings:read`.',
          querystring: z.strictObject({
            ...pageQuery,
            ...filter,
            botId: idOf('bot whose channels alone are listed').optional(),
          }),
          response: { 200: pageOf(shown) },
        },
      },
      async (request) => {
        const { limit, cursor, type, disabled, botId } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const { principal } = request;
        const rows = await request.inAccount(async (tx) => {
          const ofBots = await ownBots(tx, principal);
          const where = { type, botId, ofBots, disabled: disabled === 'true' };
          return store.listChannels(tx, principal.accountId, where, { limit, after });
        });
        return toPage(
          rows,
          limit,
          (row) => [row.id],
          (row) => show(principal, row),
        );
      },
    );

    app.get(
      '/channels/:channelId',
      {
        config: { scope: 'channels:read', problems: ['forbidden'] },
        schema: {
          tags,
          summary: 'One channel',
          description: 'Also one that is switched off. 403 `forbidden` to an agent of other bots.',
          params,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { channelId } = request.params;
        const { principal } = request;
        const row = await request.inAccount(async (tx) => {
          const one = found(await store.findChannel(tx, principal.accountId, channelId), 'channel');
          await requireOwnBot(tx, principal, one.botId);
          return one;
        });
        return show(principal, row);
      },
    );

    app.patch(
      '/channels/:channelId',
      {
        config: { scope: 'channels:write', problems: ['invalid-settings', 'configured-on-platform'] },
        schema: {
          tags,
          summary: 'Change what is given',
          description:
            'Fields that are left out stay as they are; `settings` are replaced as a whole. `mode` and `responsible` ' +
            'count from the next session of a conversation on. 422 `invalid-settings` names what is wrong and saves ' +
            'nothing. Saving ends a pause that a `Retry-After` has set, for what is asked from then on.',
          params,
          body: change,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { accountId } = request.principal;
        const { channelId } = request.params;
        const { settings, enabled, ...given } = request.body;
        const row = await request.inAccount(async (tx) => {
          const before = found(await store.lockChannel(tx, accountId, channelId), 'channel');
          const after: store.ChannelRow = {
            id: before.id,
            type: before.type,
            secretCount: before.secretCount,
            createdAt: before.createdAt,
            name: given.name ?? before.name,
            mode: given.mode ?? before.mode,
            responsible: given.responsible ?? before.responsible,
            botId: given.botId === undefined ? before.botId : given.botId,
            groupId: given.groupId === undefined ? before.groupId : given.groupId,
            settings:
              settings === undefined ? before.settings : checkedSettings(adapterOf(channels, before.type), settings),
            disabledAt: switched(before.disabledAt, enabled, clock()),
          };
          if (after.disabledAt === null) await requireServing(tx, accountId, after);
          await store.updateChannel(tx, accountId, channelId, after);
          return after;
        });
        return show(request.principal, row);
      },
    );

    app.delete(
      '/channels/:channelId',
      {
        config: { scope: 'channels:write' },
        schema: {
          tags,
          summary: 'Switch a channel off',
          description: 'Its conversations stay; `PATCH` with `enabled` brings it back.',
          params,
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const { channelId } = request.params;
        await request.inAccount(async (tx) => {
          const before = found(await store.lockChannel(tx, accountId, channelId), 'channel');
          const disabledAt = switched(before.disabledAt, false, clock());
          await store.updateChannel(tx, accountId, channelId, { ...before, disabledAt });
        });
        return reply.code(204).send();
      },
    );

    serveSecrets(app, { table: 'channels', noun: 'channel', tags });
  };
}

/** Somebody answers on the channel, and only where answering is ours. */
async function requireServing(tx: Transaction, accountId: string, channel: store.Serving): Promise<void> {
  const { mode, responsible, botId, groupId } = channel;
  if (mode === 'business' && (responsible === 'managers' || groupId !== null)) {
    throw new Problem('configured-on-platform', { detail: 'Who of the people answers is the platform’s to say.' });
  }
  const issues: Issue[] = [];
  if (responsible === 'bot' && botId === null) {
    issues.push({ path: ['body', 'botId'], message: 'Say which bot is responsible.' });
  }
  if (botId !== null && (await existingBots(tx, accountId, [botId])).length === 0) {
    issues.push({ path: ['body', 'botId'], message: 'There is no such bot.' });
  }
  if (groupId !== null && (await existingGroups(tx, accountId, [groupId])).length === 0) {
    issues.push({ path: ['body', 'groupId'], message: 'There is no such group.' });
  }
  if (issues.length > 0) {
    throw new Problem('invalid-settings', { issues });
  }
}
