import { v7 as uuid } from 'uuid';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFetchHistory } from '../../courier/history.ts';
import { inAccount } from '../../store/connection.ts';
import { readRuns } from '../../store/runs.ts';
import { sweepExports } from '../../worker/export-sweep.ts';
import type * as metricsModule from '../../worker/metrics.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { until } from '../support/until.ts';
import { createCanaries, found } from './canary/canaries.ts';
import { placesIn } from './canary/places.ts';
import { openCanaryWorld, type CanaryWorld } from './canary/world.ts';

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
let id: ActorId;

beforeAll(async () => {
  world = await openCanaryWorld({
    numbers: { lock: { sessionMs: 3_000 }, reopen: { windowMs: 3_000 } },
    agents: 1,
  });
  const { stack } = world;
  failForAWhile(world);
  await stack.startWorker();
  id = await converse();
  await expectRefused();
  const handle = stack.temporal.client.getHandle(workflowId(id));
  await until(async () => (await handle.describe()).status.name === 'COMPLETED', 60_000);
  const fetchHistory = createFetchHistory(stack.temporal.client);
  await sweepExports({ pool: stack.pool, fetchHistory, clock: Date.now, logger: stack.logger, minAgeMs: 0 });
  await stack.stopWorker();
}, 240_000);
afterAll(() => world.close());

/** What databases and providers say when they fail has words in it, too. */
function failForAWhile({ stack }: CanaryWorld): void {
  // Three tries near by, then one that Temporal repeats.
  const left = { record: 4, send: 1 };
  const fail = (which: keyof typeof left): void => {
    if (left[which] === 0) return;
    left[which] -= 1;
    throw new Error(`${canaries.of(`${which}failed`)} is not valid`);
  };
  stack.around = (activities) => ({
    ...activities,
    async record(actor, recording) {
      if (recording.events.some(({ event }) => event.type === 'BotTurnAnswered')) fail('record');
      return activities.record(actor, recording);
    },
    async sendMessage(actor, work) {
      fail('send');
      return activities.sendMessage(actor, work);
    },
  });
}

/** From the first word to the block, with a canary in everything that anybody says. */
async function converse(): Promise<ActorId> {
  const { stack, account } = world;
  const [agentId = ''] = account.agentIds;
  const contact = {
    id: canaries.of('contactid'),
    name: canaries.of('name'),
    phones: [canaries.phone()],
    emails: [canaries.email()],
    pageUrl: canaries.url('pageurl'),
  };
  const thread = canaries.of('thread');
  const writes = (field: string, more: object = {}): Promise<void> =>
    world.receives({ id: uuid(), thread, contact, content: { text: canaries.of(field), ...more } });

  const buttons = [{ title: canaries.of('buttontitle'), payload: canaries.of('buttonpayload') }];
  stack.bot.answer = () => ({ messages: [{ text: canaries.of('bottext'), buttons }], handover: null, intake: null });
  const file = { kind: 'image', url: canaries.url('fileurl'), name: canaries.of('filename') };
  await writes('customertext', { attachments: [file] });
  const actor = await actorOf();
  await stack.sees(actor, 'MessageSettled');

  stack.bot.answer = ({ event }) => ({
    messages: event.type === 'prechat' ? [{ text: canaries.of('question') }] : [],
    handover:
      event.type === 'messages'
        ? { priority: 0, reason: canaries.of('reason'), data: { note: canaries.of('data') } }
        : null,
    intake: null,
  });
  await writes('wish');
  await stack.sees(actor, 'MessageSettled', 2);
  const answers = [
    { name: canaries.of('answername'), label: canaries.of('answerlabel'), value: canaries.of('answer') },
  ];
  stack.bot.answer = () => ({ messages: [], handover: null, intake: { status: 'done', answers } });
  await writes('answertext');
  await stack.sees(actor, 'ConversationQueued');

  const of = `/v1/conversations/${actor.conversationId}`;
  await world.call(200, 'POST', `${of}/actions/join`, { agentId });
  await world.call(200, 'POST', `${of}/actions/reply`, { agentId, text: canaries.of('reply') });
  await world.call(201, 'POST', `${of}/comments`, { agentId, text: canaries.of('comment') });
  await world.call(201, 'POST', `${of}/comments`, { agentId, text: canaries.of('owncomment'), visibility: 'personal' });
  const tag = await world.call(201, 'POST', '/v1/tags', { name: canaries.of('tag') });
  await world.call(200, 'POST', `${of}/actions/tag`, { add: [tag['id']] });
  const { contactId } = await contactOf(actor);
  await world.call(201, 'POST', `/v1/contacts/${contactId}/notes`, { text: canaries.of('note') });
  const { attributes } = await world.call(200, 'GET', `/v1/contacts/${contactId}`);
  await world.call(200, 'PATCH', `/v1/contacts/${contactId}`, {
    tags: [canaries.of('contacttag')],
    attributes: { ...(attributes as object), [canaries.of('attributename')]: canaries.of('attribute') },
  });
  const block = { reason: canaries.of('blockreason'), message: canaries.of('blockmessage') };
  await world.call(200, 'POST', `${of}/actions/block`, block);
  await stack.sees(actor, 'MessageSettled', 5);
  return actor;
}

/** Requests that are refused, and items that can't be read, have words in them, too. */
async function expectRefused(): Promise<void> {
  const of = `/v1/conversations/${id.conversationId}`;
  await world.receives({ thread: canaries.of('unreadable') });
  await world.receives({ text: canaries.of('unknowntype') }, canaries.of('type'));
  await world.call(422, 'POST', `${of}/actions/reply`, { text: { no: canaries.of('badbody') } }).catch(() => undefined);
  await world.call(404, 'GET', `/v1/conversations/${canaries.of('badid')}`).catch(() => undefined);
  await world.call(200, 'GET', `/v1/contacts?q=${canaries.of('search')}`);
  await world.call(200, 'GET', `/v1/conversations?q=${canaries.of('searchtext')}`).catch(() => undefined);
}

async function actorOf(): Promise<ActorId> {
  const { accountId } = world.account;
  return inAccount(world.stack.pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ id: string }>('SELECT id FROM conversations WHERE account_id = $1', [accountId]);
    return { accountId, conversationId: rows[0]?.id ?? '' };
  });
}

async function contactOf({ accountId, conversationId }: ActorId): Promise<{ contactId: string }> {
  return inAccount(world.stack.pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ contactId: string }>(
      'SELECT contact_id AS "contactId" FROM conversations WHERE account_id = $1 AND id = $2',
      [accountId, conversationId],
    );
    return rows[0] ?? { contactId: '' };
  });
}

/** Of a local activity, and of an activity that was tried again. */
function failureOf(event: NonNullable<History['events']>[number]): string[] {
  const { markerRecordedEventAttributes: marker, activityTaskStartedEventAttributes: started } = event;
  return [marker?.failure?.message, started?.lastFailure?.message].filter((message) => typeof message === 'string');
}

/** The only columns that may hold what a person wrote: what erasing a contact has to look at. */
const mayHoldWords = new Set([
  'comments.text',
  'contact_addresses.value',
  'contact_blocks.message',
  'contact_blocks.reason',
  'contact_identities.external_id',
  'contact_notes.text',
  'contacts.attributes',
  'contacts.name',
  'contacts.tags',
  'conversations.external_thread',
  'conversations.page_url',
  'handover_requests.data',
  'handover_requests.reason',
  'intake_answers.label',
  'intake_answers.name',
  'intake_answers.value',
  'messages.content',
  'parked.item',
  'tags.name',
]);

describe('no word of a person stands where it can’t be erased', () => {
  test('not in the raw bytes of a history, also not where activities failed', async () => {
    const { stack, account } = world;
    const runs = await inAccount(stack.pool, account.accountId, (tx) =>
      readRuns(tx, account.accountId, id.conversationId),
    );
    expect(runs.length).toBeGreaterThan(0);
    const failures: string[] = [];
    for (const { runId } of runs) {
      const fetched = await createFetchHistory(stack.temporal.client)(id, runId);
      const history = fetched?.history ?? { events: [] };
      // Raw: the bytes of every payload, the texts of every failure. They would be found there:
      expect(found(new Map([['conversation', id.conversationId]]), history)).toEqual(['conversation']);
      expect(found(canaries.planted(), history)).toEqual([]);
      failures.push(...(history.events ?? []).flatMap(failureOf));
    }
    // They failed, and all that is told of it is a class.
    expect(failures.length).toBeGreaterThan(2);
    expect(new Set(failures)).toEqual(new Set(['Error']));
  });

  test('not in what Temporal shows and searches by', async () => {
    const { raw } = await world.stack.temporal.client.getHandle(workflowId(id)).describe();
    const { memo, searchAttributes } = raw.workflowExecutionInfo ?? {};
    expect(found(canaries.planted(), { memo, searchAttributes })).toEqual([]);
  });

  test('not in a log', () => {
    expect(world.logs.length).toBeGreaterThan(20);
    expect(world.logs.join('')).toContain('activity failed');
    expect(found(canaries.planted(), world.logs.join(''))).toEqual([]);
  });

  test('not in a metric', async () => {
    const metrics = [await world.metrics(), ...(await Promise.all(registries.map((one) => one.metrics())))].join('\n');
    expect(metrics).toContain('baton_activity_failures_total{activity="record"');
    expect(found(canaries.planted(), metrics)).toEqual([]);
  });

  test('in Postgres only in the columns that hold words', async () => {
    const places = await placesIn(world.stack.database.adminUrl, canaries.planted());
    expect([...places.keys()].filter((place) => !mayHoldWords.has(place))).toEqual([]);

    // And they were really planted: all but those of what was refused or failed stand somewhere.
    const stored = new Set([...places.values()].flatMap((fields) => [...fields]));
    const transient = ['recordfailed', 'sendfailed', 'unknowntype', 'type', 'badbody', 'badid', 'search', 'searchtext'];
    const missing = [...canaries.planted().keys()].filter((field) => !stored.has(field) && !transient.includes(field));
    expect(missing).toEqual([]);
  });
});
