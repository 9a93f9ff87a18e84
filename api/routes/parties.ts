/** The routes of bots and those of desks: the same six, over two tables and two registries. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import type { Transaction } from '../../store/connection.ts';
import * as store from '../../store/parties.ts';
import type { Registry } from '../dependencies.ts';
import { id, idIn, nothing } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { found } from '../problem.ts';
import { ownBots, requireOwnBot } from '../readers.ts';
import { adapterOf, checkedSettings } from '../settings.ts';
import { newWebhookSecret } from '../tokens.ts';
import { filter, party, partyValues, secret, showParty } from './party-schema.ts';
import { serveSecrets } from './secret-route.ts';

export interface PartyKind {
  table: store.PartyTable;
  noun: 'bot' | 'desk';
  title: string;
  model: string;
  registry: Registry<Pick<ChannelAdapter, 'type' | 'settings'>>;
  clock: () => number;
  /** Throws where something still needs it. */
  requireUnused(tx: Transaction, accountId: string, id: string): Promise<void>;
}

export function partyRoutes(kind: PartyKind): FastifyPluginAsyncZod {
  const { table, noun, title, model, registry, clock, requireUnused } = kind;
  const shown = z.object(party).meta({ id: model });
  const made = z.object({ ...party, secret });
  const wanted = z
    .strictObject({ name: partyValues.name, type: partyValues.type, settings: partyValues.settings.default({}) })
    .meta({ examples: [{ name: `Our ${noun}`, type: 'http', settings: { url: `https://example.com/${noun}` } }] });
  const change = z.strictObject({
    name: partyValues.name.optional(),
    settings: partyValues.settings.optional().describe('Replaces all settings.'),
    enabled: partyValues.enabled.optional(),
  });
  const tags = [title];
  const param = `${noun}Id` as const;
  const params = idIn(param);

  return async (app) => {
    app.post(
      `/${table}`,
      {
        config: { scope: `${table}:write`, problems: ['invalid-settings'] },
        schema: {
          tags,
          summary: `Connect a ${noun}`,
          description:
            'The type decides which settings are wanted. `secret` is shown this once. 422 `invalid-settings` names what is wrong and saves nothing.',
          body: wanted,
          response: { 201: made },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const { name, type, settings } = request.body;
        const signing = newWebhookSecret();
        const at = new Date(clock());
        const row = { id: uuid(), name, type, settings: checkedSettings(adapterOf(registry, type), settings) };
        await request.inAccount((tx) => store.insertParty(tx, table, accountId, { ...row, secrets: [signing], at }));
        const view = showParty(request.principal, { ...row, secretCount: 1, createdAt: at, disabledAt: null });
        return reply.code(201).send({ ...view, secret: signing });
      },
    );

    app.get(
      `/${table}`,
      {
        config: { scope: `${table}:read` },
        schema: {
          tags,
          summary: `${title}, oldest first${table === 'bots' ? '; to agents those that are theirs' : ''}`,
          description:
            'Without those that are switched off, unless asked for. Settings are shown only with the scope `settings:read`.',
          querystring: z.strictObject({ ...pageQuery, ...filter }),
          response: { 200: pageOf(shown) },
        },
      },
      async (request) => {
        const { limit, cursor, type, disabled } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const { principal } = request;
        const rows = await request.inAccount(async (tx) => {
          const ofBots = table === 'bots' ? await ownBots(tx, principal) : null;
          const where = { type, ofBots, disabled: disabled === 'true' };
          return store.listParties(tx, table, principal.accountId, where, { limit, after });
        });
        return toPage(
          rows,
          limit,
          (row) => [row.id],
          (row) => showParty(principal, row),
        );
      },
    );

    app.get(
      `/${table}/:${param}`,
      {
        config: { scope: `${table}:read`, problems: ['forbidden'] },
        schema: {
          tags,
          summary: `One ${noun}`,
          description: `Also one that is switched off.${table === 'bots' ? ' 403 `forbidden` to an agent whose bot it isn’t.' : ''}`,
          params,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { principal } = request;
        const row = await request.inAccount(async (tx) => {
          const one = found(await store.findParty(tx, table, principal.accountId, request.params[param]), noun);
          if (table === 'bots') await requireOwnBot(tx, principal, one.id);
          return one;
        });
        return showParty(principal, row);
      },
    );

    app.patch(
      `/${table}/:${param}`,
      {
        config: { scope: `${table}:write`, problems: ['invalid-settings', 'in-use'] },
        schema: {
          tags,
          summary: 'Change what is given',
          description:
            'Fields that are left out stay as they are; `settings` are replaced as a whole. 422 `invalid-settings` names what is wrong and saves nothing; 409 `in-use` where something still needs what is switched off. Saving ends a pause that a `Retry-After` has set, for what is asked from then on.',
          params,
          body: change,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { accountId } = request.principal;
        const partyId = request.params[param];
        const { name, settings, enabled } = request.body;
        const row = await request.inAccount(async (tx) => {
          const before = found(await store.lockParty(tx, table, accountId, partyId), noun);
          if (enabled === false) await requireUnused(tx, accountId, partyId);
          const after = {
            ...before,
            name: name ?? before.name,
            settings:
              settings === undefined ? before.settings : checkedSettings(adapterOf(registry, before.type), settings),
            disabledAt: switched(before.disabledAt, enabled, clock()),
          };
          await store.updateParty(tx, table, accountId, partyId, after);
          return after;
        });
        return showParty(request.principal, row);
      },
    );

    app.delete(
      `/${table}/:${param}`,
      {
        config: { scope: `${table}:write`, problems: ['in-use'] },
        schema: {
          tags,
          summary: `Switch a ${noun} off`,
          description:
            'What happened with it stays; `PATCH` with `enabled` brings it back. 409 `in-use`, with what needs it, while something does.',
          params,
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const partyId = request.params[param];
        await request.inAccount(async (tx) => {
          const before = found(await store.lockParty(tx, table, accountId, partyId), noun);
          await requireUnused(tx, accountId, partyId);
          const disabledAt = switched(before.disabledAt, false, clock());
          await store.updateParty(tx, table, accountId, partyId, { ...before, disabledAt });
        });
        return reply.code(204).send();
      },
    );

    serveSecrets(app, { table, noun, tags });
  };
}

/** When it was switched off: kept where nothing changes. */
export function switched(before: Date | null, enabled: boolean | undefined, now: number): Date | null {
  if (enabled === undefined) {
    return before;
  }
  return enabled ? null : (before ?? new Date(now));
}
