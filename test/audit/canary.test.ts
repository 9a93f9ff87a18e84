/**
 * What a person says, is called or can be reached by stands in the columns that are known for it, and nowhere else: not
 * in Temporal, not in logs and metrics, not in the audit's events, not under a key. Neither does a secret.
 */
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFetchHistory } from '../../courier/history.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { parseHistory, unpackHistory } from '../../worker/audit/history.ts';
import { sweepExports } from '../../worker/export-sweep.ts';
import type * as metricsModule from '../../worker/metrics.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { personalColumns } from '../store/catalog.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { talkAtDesk } from './canary/at-desk.ts';
import { createCanaries, found } from './canary/canaries.ts';
import { eraseEverybody, type ErasedAccount } from './canary/erased.ts';
import { chatOnPage } from './canary/in-web-chat.ts';
import { placesIn } from './canary/places.ts';
import { beRefused } from './canary/refused.ts';
import { talkToAgent } from './canary/with-agent.ts';
import { openCanaryWorld, type CanaryWorld } from './canary/world.ts';
import { baton } from './command.ts';

/** Of the workers: the stack keeps them to itself. */
const registries = vi.hoisted((): Registry[] => []);
vi.mock('../../worker/metrics.ts', async (load) => {
  const real = await load<typeof metricsModule>();
  const createMetrics = (): ReturnType<typeof real.createMetrics> => {
    const metrics = real.createMetrics();
    registries.push(metrics.registry);
    return metrics;
  };
  return { ...real, createMetrics };
});

const canaries = createCanaries();
let world: CanaryWorld;
let admin: Pool;
let runs: (ActorId & { runId: string })[];
const histories: History[] = [];

beforeAll(async () => {
  world = await openCanaryWorld(canaries);
  const { stack } = world.outside;
  admin = createPool({ url: stack.database.adminUrl, max: 1, name: 'test-admin' });
  const talked = await talkToAgent(world);
  const [page] = await Promise.all([chatOnPage(world), talkAtDesk(world)]);
  await beRefused(world, talked);
  await endSession(talked.account.key);
  await endSession(page.key);
  await until(async () => (await read('SELECT 1 FROM actors WHERE wake_at IS NULL')).length > 0, 120_000);

  const fetchHistory = createFetchHistory(stack.temporal.client);
  // A run that has not quite ended is claimed for a minute: each round comes that much later.
  let now = Date.now();
  const clock = (): number => (now += 61_000);
  await until(async () => {
    await sweepExports({ pool: stack.workerPool, fetchHistory, clock, logger: stack.logger, minAgeMs: 0 });
    return (await read('SELECT 1 FROM runs WHERE history IS NOT NULL')).length > 0;
  });
  await stack.stopWorker();
  runs = await read(
    `SELECT account_id AS "accountId", conversation_id AS "conversationId", run_id AS "runId" FROM runs`,
  );
  for (const run of runs) histories.push((await fetchHistory(run, run.runId))?.history ?? { events: [] });
}, 240_000);
afterAll(async () => {
  await admin.end();
  await world.outside.close();
});

async function read<R extends object>(query: string): Promise<R[]> {
  return (await admin.query<R>(query)).rows;
}

/** So that actors complete, and their histories are exported. */
async function endSession(key: string): Promise<void> {
  const policy = await world.call(200, key, 'GET', '/v1/policy');
  const { notices, routing } = policy;
  const numbers = { lock: { sessionMs: 1_000 }, reopen: { windowMs: 0 } };
  await world.call(200, key, 'PUT', '/v1/policy', { body: { notices, routing, numbers } });
}

/** Of a local activity, and of an activity that was tried again. */
function failuresIn(history: History): string[] {
  const failures = (history.events ?? []).flatMap((event) => [
    event.markerRecordedEventAttributes?.failure?.message,
    event.activityTaskStartedEventAttributes?.lastFailure?.message,
  ]);
  return failures.filter((message) => typeof message === 'string');
}

/** Said to somebody who stores nothing of it: it was refused, or failed. */
const transient = new Set(
  [
    'apikey agenttoken visitortoken recordfailed sendfailed deskerror refusalcode boterror botnonsense botmember channelerror channelrefusal',
    'channelcode unknowntype ofunknowntype forged forgedid joinkey replykey laterkey commentkey blockkey',
    'refusedkey unknownkey badbody badid badroute badkey badquery search searchtext othertext badmember',
    'badplace badtoken badvisitor badjwt badcursor cancelid',
  ].flatMap((fields) => fields.split(' ')),
);

/** Of the account, by its administrators: names, and the secrets that sign. */
const settings = ['tags.name', 'bots.secrets', 'channels.secrets', 'desks.secrets'];

describe('no word of a person and no secret stands where it can’t be erased', () => {
  test('not in the raw bytes of a history, also not where activities failed', () => {
    expect(runs.length).toBeGreaterThan(4);
    for (const [index, history] of histories.entries()) {
      // Raw: the bytes of every payload, the texts of every failure. They would be found there:
      expect(found(new Map([['conversation', runs[index]?.conversationId ?? '']]), history)).toEqual(['conversation']);
      expect(found(canaries.planted(), history)).toEqual([]);
    }
    // They failed, and all that is told of it is a class.
    const failures = histories.flatMap(failuresIn);
    expect(failures.length).toBeGreaterThan(2);
    expect(new Set(failures)).toEqual(new Set(['Error']));
  });

  test('not in an exported history', async () => {
    const stored = await read<{ id: string; history: Buffer }>(
      'SELECT conversation_id AS id, history FROM runs WHERE history IS NOT NULL',
    );
    expect(stored.length).toBeGreaterThan(0);
    for (const { id, history } of stored) {
      const exported = parseHistory(unpackHistory(history));
      expect(found(new Map([['conversation', id]]), exported)).toEqual(['conversation']);
      expect(found(canaries.planted(), exported)).toEqual([]);
    }
  });

  test('not in what Temporal shows and searches by', async () => {
    for (const { runId, ...id } of runs) {
      const { raw } = await world.outside.stack.temporal.client.getHandle(workflowId(id), runId).describe();
      expect(found(canaries.planted(), raw)).toEqual([]);
    }
  });

  test('not in a log', () => {
    const logs = world.logs();
    expect(logs).toContain('activity failed');
    expect(logs).toContain('/v1/widget/messages');
    expect(found(canaries.planted(), logs)).toEqual([]);
  });

  test('not in a metric', async () => {
    const { text } = await world.outside.api.call(null, 'GET', '/metrics');
    const metrics = [text, ...(await Promise.all(registries.map((one) => one.metrics())))].join('\n');
    expect(metrics).toContain('baton_activity_failures_total{activity="record"');
    expect(metrics).toContain('/v1/widget/messages');
    expect(found(canaries.planted(), metrics)).toEqual([]);
  });

  test('in Postgres only in the columns that are known for it, and in settings of the account', async () => {
    const places = await placesIn(admin, canaries.planted());
    const known = new Set([...(await personalColumns(admin)).keys(), ...settings]);
    expect([...places].filter(([place]) => !known.has(place))).toEqual([]);

    // And they were really planted: all but those that were said to nobody who keeps them stand somewhere.
    const stored = new Set([...places.values()].flatMap((fields) => [...fields]));
    const missing = [...canaries.planted().keys()].filter((field) => stored.has(field) === transient.has(field));
    expect(missing).toEqual([]);
  });
});

/** In items that nobody could read and that name nobody: whose they are, only people can tell. */
const ofNobodyKnown = new Set(['badeventid', 'badanswer', 'unreadable']);

describe('R30, B-13: once everybody who wrote is erased', () => {
  let accounts: ErasedAccount[];
  /** Fields of colleagues, which stay. */
  let staying: Set<string>;

  beforeAll(async () => {
    await world.outside.stack.startWorker();
    accounts = await eraseEverybody(world, admin);
  }, 240_000);

  test('no word of theirs is left in the database', async () => {
    const colleagues = [...(await personalColumns(admin))].flatMap(([name, whose]) =>
      whose === 'colleague' ? name : [],
    );
    const places = await placesIn(admin, canaries.planted());
    const left = [...places].filter(
      ([place, fields]) =>
        ![...colleagues, ...settings].includes(place) && ![...fields].every((field) => ofNobodyKnown.has(field)),
    );
    expect(left).toEqual([]);
    staying = new Set([...places.values()].flatMap((fields) => [...fields]));
  });

  test('nor in what the API shows of them, in logs, or in metrics', async () => {
    const { api } = world.outside;
    for (const { key, contactIds, conversationIds } of accounts) {
      const paths = [
        ...contactIds.flatMap((id) => [`/v1/contacts/${id}`, `/v1/contacts/${id}/notes`]),
        ...conversationIds.flatMap((id) => [`/v1/conversations/${id}`, `/v1/conversations/${id}/messages`]),
      ];
      for (const path of paths) {
        const { status, text } = await api.call(key, 'GET', path);
        expect([path, status, found(canaries.planted(), text).filter((field) => !staying.has(field))]).toEqual([
          path,
          200,
          [],
        ]);
      }
    }
    expect(found(canaries.planted(), world.logs())).toEqual([]);
    const metrics = await Promise.all(registries.map((one) => one.metrics()));
    expect(found(canaries.planted(), metrics)).toEqual([]);
  });

  test('records verify, and this code decides what was recorded', async () => {
    const surroundings = {
      BATON_DATABASE_URL: world.outside.stack.database.workerUrl,
      TEMPORAL_ADDRESS: temporalAddress(),
    };
    for (const { accountId, conversationIds } of accounts) {
      const env = { ...surroundings, BATON_ACCOUNT: accountId };
      for (const id of conversationIds) {
        const { code, out, err } = await baton(['verify', id], env);
        expect([code, code === 0 ? '' : out + err]).toEqual([0, '']);
        expect(found(canaries.planted(), out).filter((field) => !staying.has(field))).toEqual([]);
      }
      const { code, out, err } = await baton(['replay', '--all'], env);
      expect([code, code === 0 ? '' : out + err]).toEqual([0, '']);
      expect(out).toMatch(/\d+ the same, 0 differ/);
    }
  }, 240_000);
});
