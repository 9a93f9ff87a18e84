/** The routes of bots and those of desks: the same six, over two tables and two registries. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Transaction } from '../../store/connection.ts';
import * as store from '../../store/parties.ts';
import { idIn, nothing } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { found } from '../problem.ts';
import { ownBots, requireOwnBot } from '../readers.ts';
import type { App } from '../typed-app.ts';
import { changed, connected, type PartyRegistry, switchedOff } from './party-changes.ts';
import { filter, newParty, party, partyChange, secret, showParty } from './party-schema.ts';
import { serveSecrets } from './secret-route.ts';

export interface PartyKind {
  table: store.PartyTable;
  noun: 'bot' | 'desk';
  title: string;
  model: string;
  registry: PartyRegistry;
  clock: () => number;
  /** Throws where something still needs it. */
  requireUnused(tx: Transaction, accountId: string, id: string): Promise<void>;
}

export function partyRoutes(kind: PartyKind): FastifyPluginAsyncZod {
  const shown = z.object(party).meta({ id: kind.model });
  return async (app) => {
    connectParty(app, kind);
    listParties(app, kind, shown);
    readParty(app, kind, shown);
    changeParty(app, kind, shown);
    switchPartyOff(app, kind);
    serveSecrets(app, { table: kind.table, noun: kind.noun, tags: [kind.title] });
  };
}

type Shown = z.ZodObject<typeof party>;

function connectParty(app: App, { table, noun, title, registry, clock }: PartyKind): void {
  const example = { name: `Our ${noun}`, type: 'http', settings: { url: `https://example.com/${noun}` } };
  app.post(
    `/${table}`,
    {
      config: { scope: `${table}:write`, problems: ['invalid-settings'] },
      schema: {
        tags: [title],
        summary: `Connect a ${noun}`,
        description:
          'The type decides which settings are wanted. `secret` is shown this once. 422 `invalid-settings` names ' +
          'what is wrong and saves nothing.',
        body: z.strictObject(newParty).meta({ examples: [example] }),
        response: { 201: z.object({ ...party, secret }) },
      },
    },
    async (request, reply) => {
      const made = connected(registry, request.body, clock());
      await request.inAccount((tx, accountId) => store.insertParty(tx, table, accountId, made.saved));
      return reply.code(201).send({ ...showParty(request.principal, made.row), secret: made.secret });
    },
  );
}

function listParties(app: App, { table, title }: PartyKind, shown: Shown): void {
  app.get(
    `/${table}`,
    {
      config: { scope: `${table}:read` },
      schema: {
        tags: [title],
        summary: `${title}, oldest first${table === 'bots' ? '; to agents those that are theirs' : ''}`,
        description:
          'Without those that are switched off, unless asked for. Settings are shown only with the scope ' +
          '`settings:read`.',
        querystring: z.strictObject({ ...pageQuery, ...filter }),
        response: { 200: pageOf(shown) },
      },
    },
    async (request) => {
      const { principal } = request;
      const { type, disabled } = request.query;
      return pageById(
        request.query,
        (page) =>
          request.inAccount(async (tx, accountId) => {
            const ofBots = table === 'bots' ? await ownBots(tx, principal) : null;
            return store.listParties(tx, table, accountId, { type, ofBots, disabled: disabled === 'true' }, page);
          }),
        (row) => showParty(principal, row),
      );
    },
  );
}

function readParty(app: App, { table, noun, title }: PartyKind, shown: Shown): void {
  const param = `${noun}Id` as const;
  const ofOthers = table === 'bots' ? ' 403 `forbidden` to an agent whose bot it isn’t.' : '';
  app.get(
    `/${table}/:${param}`,
    {
      config: { scope: `${table}:read`, problems: ['forbidden'] },
      schema: {
        tags: [title],
        summary: `One ${noun}`,
        description: `Also one that is switched off.${ofOthers}`,
        params: idIn(param),
        response: { 200: shown },
      },
    },
    async (request) => {
      const { principal } = request;
      const row = await request.inAccount(async (tx, accountId) => {
        const one = found(await store.findParty(tx, table, accountId, request.params[param]), noun);
        if (table === 'bots') await requireOwnBot(tx, principal, one.id);
        return one;
      });
      return showParty(principal, row);
    },
  );
}

function changeParty(app: App, kind: PartyKind, shown: Shown): void {
  const { table, noun, title, registry, clock } = kind;
  const param = `${noun}Id` as const;
  app.patch(
    `/${table}/:${param}`,
    {
      config: { scope: `${table}:write`, problems: ['invalid-settings', 'in-use'] },
      schema: {
        tags: [title],
        summary: 'Change what is given',
        description:
          'Fields that are left out stay as they are; `settings` are replaced as a whole. 422 `invalid-settings` ' +
          'names what is wrong and saves nothing; 409 `in-use` where something still needs what is switched off. ' +
          'Saving ends a pause that a `Retry-After` has set, for what is asked from then on.',
        params: idIn(param),
        body: z.strictObject(partyChange),
        response: { 200: shown },
      },
    },
    async (request) => {
      const id = request.params[param];
      const row = await request.inAccount(async (tx, accountId) => {
        const before = found(await store.lockParty(tx, table, accountId, id), noun);
        if (request.body.enabled === false) await kind.requireUnused(tx, accountId, id);
        const after = changed(registry, before, request.body, clock());
        await store.updateParty(tx, table, accountId, id, after);
        return after;
      });
      return showParty(request.principal, row);
    },
  );
}

function switchPartyOff(app: App, kind: PartyKind): void {
  const { table, noun, title, clock } = kind;
  const param = `${noun}Id` as const;
  app.delete(
    `/${table}/:${param}`,
    {
      config: { scope: `${table}:write`, problems: ['in-use'] },
      schema: {
        tags: [title],
        summary: `Switch a ${noun} off`,
        description:
          'What happened with it stays; `PATCH` with `enabled` brings it back. 409 `in-use`, with what needs it, ' +
          'while something does.',
        params: idIn(param),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const id = request.params[param];
      await request.inAccount(async (tx, accountId) => {
        const before = found(await store.lockParty(tx, table, accountId, id), noun);
        await kind.requireUnused(tx, accountId, id);
        await store.updateParty(tx, table, accountId, id, switchedOff(before, clock()));
      });
      return reply.code(204).send();
    },
  );
}
