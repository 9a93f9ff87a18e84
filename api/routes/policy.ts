/** The account's policy: read, replaced as a whole by a new version, and announced to every conversation that is open. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createInFlight } from '../../courier/in-flight.ts';
import * as store from '../../store/policy-versions.ts';
import type { Announcer } from '../announcer.ts';
import { iso, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { firstPolicy, policyInput, policyOutput, wholeNumbers } from '../policy-schema.ts';
import { found } from '../problem.ts';
import type { App } from '../typed-app.ts';
import { saveNext, tagOf } from './policy-saving.ts';

const tags = ['Policy'];

export function policyRoutes(clock: () => number, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    readPolicy(app);
    replacePolicy(app, clock, announcer);
    listVersions(app);
    readVersion(app);
  };
}

function readPolicy(app: App): void {
  app.get(
    '/policy',
    {
      config: { scope: 'policy:read' },
      schema: {
        tags,
        summary: 'The policy in force',
        description:
          'The newest version, with every number spelled out, also those that were left to their defaults. `ETag` ' +
          'is what `If-Match` of PUT wants.',
        response: { 200: policyOutput },
      },
    },
    async (request, reply) => {
      const row = found(await request.inAccount(store.newestPolicy), 'version of the policy');
      return reply.header('etag', tagOf(row.version)).send(show(row));
    },
  );
}

const putHeaders = z.looseObject({
  'if-match': z.string().max(100).optional().describe('`ETag` of the version that the change is based on.'),
});

function replacePolicy(app: App, clock: () => number, announcer: Announcer): void {
  // They would wait for each other in the database, each with a connection in hand that others need.
  const saving = createInFlight(1);
  app.put(
    '/policy',
    {
      config: { scope: 'policy:write', problems: ['version-mismatch', 'invalid-settings'] },
      schema: {
        tags,
        summary: 'Replace the policy by a new version',
        description:
          'The whole of it: what is left out gets its default, not what was there before. To change something, send what ' +
          'GET answered with the change in it, without `version` and `createdAt`, and its `ETag` as `If-Match`: it is saved only if ' +
          'that version is still in force (else 412). Durations are milliseconds. What doesn’t fit the schema is a 400 ' +
          '`invalid-request`, as everywhere; a text that is empty or missing, numbers or a form that contradict ' +
          'themselves, a group or desk that there is none of: 422 `invalid-settings`. Either names every field in ' +
          '`issues`, and nothing is saved. Open conversations are told within moments, each once of the newest version.',
        headers: putHeaders,
        body: policyInput.meta({ examples: [example()] }),
        response: { 200: policyOutput },
      },
    },
    async (request, reply) => {
      const change = { policy: request.body, match: request.headers['if-match'], at: new Date(clock()) };
      const leave = await saving.enter(request.principal.accountId);
      const saved = request.inAccount((tx, accountId) => saveNext(tx, accountId, change));
      const row = await saved.finally(leave);
      announcer.soon();
      return reply.header('etag', tagOf(row.version)).send(show(row));
    },
  );
}

const versionLine = z.object({ version: z.number().int(), createdAt: time });

/** Versions count as Postgres's integers do. */
const maxVersion = 2_147_483_647;

function listVersions(app: App): void {
  app.get(
    '/policy/versions',
    {
      config: { scope: 'policy:read' },
      schema: {
        tags,
        summary: 'All versions, newest first',
        description: 'Number and time alone. A version never changes, and conversations name the one that they go by.',
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(versionLine) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = readCursor(cursor, z.tuple([z.number().int().min(0).max(maxVersion)]))?.[0] ?? null;
      const rows = await request.inAccount((tx, accountId) =>
        store.listPolicyVersions(tx, accountId, { limit, after }),
      );
      const line = ({ version, createdAt }: (typeof rows)[number]) => ({ version, createdAt: iso(createdAt) });
      return toPage(rows, limit, (row) => [row.version], line);
    },
  );
}

function readVersion(app: App): void {
  app.get(
    '/policy/versions/:version',
    {
      config: { scope: 'policy:read' },
      schema: {
        tags,
        summary: 'One version',
        description: 'As it was saved, for as long as the account lives.',
        params: z.strictObject({
          version: z.coerce.number().int().min(1).max(maxVersion).describe('Number of the version, from 1.'),
        }),
        response: { 200: policyOutput },
      },
    },
    async (request) => {
      const { version } = request.params;
      const row = await request.inAccount((tx, accountId) => store.findPolicyVersion(tx, accountId, version));
      return show(found(row, 'version of the policy'));
    },
  );
}

function show(row: store.PolicyRow): z.output<typeof policyOutput> {
  const { version, createdAt, numbers, groups, notices, form, routing } = row;
  return {
    version,
    createdAt: iso(createdAt),
    numbers: wholeNumbers(numbers),
    groups,
    notices: Object.fromEntries(Object.entries(notices).filter(([code]) => code !== 'form-question')),
    form: form.map((field) => ({ ...field })),
    routing: { ...routing, rules: (routing.rules ?? []).map((rule) => ({ ...rule })) },
  };
}

function example(): object {
  const { notices, routing } = firstPolicy('01a2047d-e66a-7339-a926-9f40b5ab3f9e');
  return { numbers: { queue: { waitMs: 600_000 } }, notices, routing };
}
