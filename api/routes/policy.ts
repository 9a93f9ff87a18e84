/** The account's policy: read, replaced as a whole by a new version, and announced to every conversation that is open. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createInFlight } from '../../courier/in-flight.ts';
import { announcePolicy } from '../../store/announcements.ts';
import type { Transaction } from '../../store/connection.ts';
import * as store from '../../store/policy-versions.ts';
import type { Announcer } from '../announcer.ts';
import { iso, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { requireSoundPolicy } from '../policy-check.ts';
import {
  firstPolicy,
  noticeCodes,
  type PolicyInput,
  policyInput,
  policyOutput,
  wholeNumbers,
} from '../policy-schema.ts';
import { found, Problem } from '../problem.ts';

const versionLine = z.object({ version: z.number().int(), createdAt: time });

export function policyRoutes(clock: () => number, announcer: Announcer): FastifyPluginAsyncZod {
  // They would wait for each other in the database, each with a connection in hand that others need.
  const saving = createInFlight(1);

  return async (app) => {
    app.get(
      '/policy',
      {
        config: { scope: 'policy:read' },
        schema: {
          tags: ['Policy'],
          summary: 'The policy in force',
          description:
            'The newest version, with every number spelled out, also those that were left to their defaults. `ETag` ' +
            'is what `If-Match` of PUT wants.',
          response: { 200: policyOutput },
        },
      },
      async (request, reply) => {
        const row = found(
          await request.inAccount((tx) => store.newestPolicy(tx, request.principal.accountId)),
          'version of the policy',
        );
        return reply.header('etag', tagOf(row.version)).send(show(row));
      },
    );

    app.put(
      '/policy',
      {
        config: { scope: 'policy:write', problems: ['version-mismatch', 'invalid-settings'] },
        schema: {
          tags: ['Policy'],
          summary: 'Replace the policy by a new version',
          description:
            'The whole of it: what is left out gets its default, not what was there before. To change something, send what ' +
            'GET answered with the change in it, without `version` and `createdAt`, and its `ETag` as `If-Match`: it is saved only if ' +
            'that version is still in force (else 412). Durations are milliseconds. What doesn’t fit the schema is a 400 ' +
            '`invalid-request`, as everywhere; a text that is empty or missing, numbers or a form that contradict ' +
            'themselves, a group or desk that there is none of: 422 `invalid-settings`. Either names every field in ' +
            '`issues`, and nothing is saved. Open conversations are told within moments, each once of the newest version.',
          headers: z.looseObject({
            'if-match': z.string().max(100).optional().describe('`ETag` of the version that the change is based on.'),
          }),
          body: policyInput.meta({ examples: [example()] }),
          response: { 200: policyOutput },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const change = { policy: request.body, match: request.headers['if-match'], at: new Date(clock()) };
        const leave = await saving.enter(accountId);
        const row = await request.inAccount((tx) => saveNext(tx, accountId, change)).finally(leave);
        announcer.soon();
        return reply.header('etag', tagOf(row.version)).send(show(row));
      },
    );

    app.get(
      '/policy/versions',
      {
        config: { scope: 'policy:read' },
        schema: {
          tags: ['Policy'],
          summary: 'All versions, newest first',
          description:
            'Number and time alone. A version never changes, and conversations name the one that they go by.',
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(versionLine) },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const after = readCursor(cursor, z.tuple([z.number().int().min(0).max(2_147_483_647)]))?.[0] ?? null;
        const page = { limit, after };
        const rows = await request.inAccount((tx) => store.listPolicyVersions(tx, request.principal.accountId, page));
        const line = ({ version, createdAt }: (typeof rows)[number]) => ({ version, createdAt: iso(createdAt) });
        return toPage(rows, limit, (row) => [row.version], line);
      },
    );

    app.get(
      '/policy/versions/:version',
      {
        config: { scope: 'policy:read' },
        schema: {
          tags: ['Policy'],
          summary: 'One version',
          description: 'As it was saved, for as long as the account lives.',
          params: z.strictObject({
            version: z.coerce.number().int().min(1).max(2_147_483_647).describe('Number of the version, from 1.'),
          }),
          response: { 200: policyOutput },
        },
      },
      async (request) => {
        const { version } = request.params;
        const { accountId } = request.principal;
        return show(
          found(
            await request.inAccount((tx) => store.findPolicyVersion(tx, accountId, version)),
            'version of the policy',
          ),
        );
      },
    );
  };
}

async function saveNext(
  tx: Transaction,
  accountId: string,
  { policy, match, at }: { policy: PolicyInput; match: string | undefined; at: Date },
): Promise<store.PolicyRow> {
  await store.lockPolicies(tx, accountId);
  const before = await store.newestPolicy(tx, accountId);
  requireMatch(match, before?.version ?? 0);
  await requireSoundPolicy(tx, accountId, policy);
  const next = { ...toStore(policy), version: (before?.version ?? 0) + 1 };
  await store.insertPolicyVersion(tx, accountId, { ...next, at });
  await announcePolicy(tx, accountId, at);
  return { ...next, createdAt: at };
}

const tagOf = (version: number): string => `"${version}"`;

function requireMatch(wanted: string | undefined, version: number): void {
  if (wanted !== undefined && wanted !== '*' && wanted !== tagOf(version)) {
    throw new Problem('version-mismatch', { detail: `The version in force is ${version}.`, version });
  }
}

/** After the check: every notice is there. */
function toStore({ numbers, groups, notices, form, routing }: PolicyInput): store.PolicyValues {
  const texts = Object.fromEntries(noticeCodes.map((code) => [code, notices[code] ?? '']));
  return {
    numbers: wholeNumbers(numbers),
    groups,
    notices: texts as store.PolicyValues['notices'],
    form,
    routing,
  };
}

function show({
  version,
  createdAt,
  numbers,
  groups,
  notices,
  form,
  routing,
}: store.PolicyRow): z.output<typeof policyOutput> {
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
