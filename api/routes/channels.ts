/** Channels: a connected messaging network or platform, with who answers first on it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as store from '../../store/channels.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { idIn, idOf, nothing } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { found } from '../problem.ts';
import { ownBots, requireOwnBot } from '../readers.ts';
import type { App } from '../typed-app.ts';
import { channel, channelChange, madeChannel, newChannel, showChannel } from './channel-schema.ts';
import { requireServing } from './channel-serving.ts';
import { changed, connected, switchedOff } from './party-changes.ts';
import { filter } from './party-schema.ts';
import { serveSecrets } from './secret-route.ts';

const tags = ['Channels'];
const params = idIn('channelId');

export function channelRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    connectChannel(app, deps);
    listChannels(app, deps);
    readChannel(app, deps);
    changeChannel(app, deps);
    switchChannelOff(app, deps);
    serveSecrets(app, { table: 'channels', noun: 'channel', tags });
  };
}

function connectChannel(app: App, { channels, clock }: ApiDependencies): void {
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
        body: newChannel,
        response: { 201: madeChannel },
      },
    },
    async (request, reply) => {
      const { secret, saved, row } = connected(channels, request.body, clock());
      await request.inAccount(async (tx, accountId) => {
        await requireServing(tx, accountId, row);
        await store.insertChannel(tx, accountId, saved);
      });
      return reply.code(201).send({ ...showChannel(channels, request.principal, row), secret });
    },
  );
}

function listChannels(app: App, { channels }: ApiDependencies): void {
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
        response: { 200: pageOf(channel) },
      },
    },
    async (request) => {
      const { principal } = request;
      const { type, disabled, botId } = request.query;
      return pageById(
        request.query,
        (page) =>
          request.inAccount(async (tx, accountId) => {
            const ofBots = await ownBots(tx, principal);
            return store.listChannels(tx, accountId, { type, botId, ofBots, disabled: disabled === 'true' }, page);
          }),
        (row) => showChannel(channels, principal, row),
      );
    },
  );
}

function readChannel(app: App, { channels }: ApiDependencies): void {
  app.get(
    '/channels/:channelId',
    {
      config: { scope: 'channels:read', problems: ['forbidden'] },
      schema: {
        tags,
        summary: 'One channel',
        description: 'Also one that is switched off. 403 `forbidden` to an agent of other bots.',
        params,
        response: { 200: channel },
      },
    },
    async (request) => {
      const { principal } = request;
      const row = await request.inAccount(async (tx, accountId) => {
        const one = found(await store.findChannel(tx, accountId, request.params.channelId), 'channel');
        await requireOwnBot(tx, principal, one.botId);
        return one;
      });
      return showChannel(channels, principal, row);
    },
  );
}

function changeChannel(app: App, { channels, clock }: ApiDependencies): void {
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
        body: channelChange,
        response: { 200: channel },
      },
    },
    async (request) => {
      const { channelId } = request.params;
      const row = await request.inAccount(async (tx, accountId) => {
        const before = found(await store.lockChannel(tx, accountId, channelId), 'channel');
        const { mode = before.mode, responsible = before.responsible } = request.body;
        const { botId = before.botId, groupId = before.groupId } = request.body;
        const after = { ...changed(channels, before, request.body, clock()), mode, responsible, botId, groupId };
        if (after.disabledAt === null) await requireServing(tx, accountId, after);
        await store.updateChannel(tx, accountId, channelId, after);
        return after;
      });
      return showChannel(channels, request.principal, row);
    },
  );
}

function switchChannelOff(app: App, { clock }: ApiDependencies): void {
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
      const { channelId } = request.params;
      await request.inAccount(async (tx, accountId) => {
        const before = found(await store.lockChannel(tx, accountId, channelId), 'channel');
        await store.updateChannel(tx, accountId, channelId, switchedOff(before, clock()));
      });
      return reply.code(204).send();
    },
  );
}
