/**
 * What a visitor reads: the stream of their conversation. Its places are the ids of its events, so a visitor who comes back
 * with the last one misses nothing and gets nothing twice; before the first message it is empty, and begins with it.
 */
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { describeError } from '../../process/failures.ts';
import {
  findVisitorConversation,
  placeToGoOnFrom,
  readUpTo,
  readVisitorStream,
  visitorTopic,
} from '../../store/visitor-stream.ts';
import type { PhaseName } from '../../workflows/conversation/state.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import type { Live } from '../live.ts';
import { createSignal, type Signal } from '../signal.ts';
import { type EventStream, eventStream, lastEventId, serveEvents } from '../sse.ts';
import type { App } from '../typed-app.ts';
import { eventOf, showMessage, streamMessage, visitorHistory } from '../visitor-messages.ts';
import { inVisitorsAccount, isAdmittedStill, recognizeVisitors, visitorOf } from '../visitors.ts';

const tags = ['Web chat'];
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const page = 200;

export function widgetStreamRoutes(deps: ApiDependencies, live: Live): FastifyPluginAsyncZod {
  return async (app) => {
    await serveEvents(app);
    recognizeVisitors(app, deps);
    readHistory(app, deps);
    followConversation(app, deps, live);
  };
}

function readHistory(app: App, deps: ApiDependencies): void {
  app.get(
    '/widget/messages',
    {
      config: { scope: 'visitor' },
      schema: {
        tags,
        summary: 'What was said, oldest first, after a place',
        description:
          'At most 200 of the stream’s entries a time: ask again with `cursor` as `after` until nothing comes. ' +
          'Before the first message it is empty.',
        querystring: z.strictObject({
          after: place.default(0).describe('`cursor` of the answer before; 0, the default, is the beginning.'),
        }),
        response: { 200: visitorHistory },
      },
    },
    async (request) => {
      const visitor = visitorOf(request);
      const { rows, read, after } = await inVisitorsAccount(deps, request, async (tx) => {
        const from = await placeToGoOnFrom(tx, visitor, request.query.after);
        const found = await readVisitorStream(tx, visitor, { after: from, limit: page });
        return { rows: found, read: await readUpTo(tx, visitor), after: from };
      });
      return {
        items: rows.filter(({ kind }) => kind === 'message').map(showMessage),
        cursor: rows.at(-1)?.place ?? after,
        readUpTo: read,
      };
    },
  );
}

const followed =
  'Server-sent events `message` and `receipt` (who holds the conversation has read the visitor’s messages up to ' +
  'this one), with their place as id; `typing`; and `state`, whenever it changes whether a person is awaited. ' +
  'With `Last-Event-ID` (or `after`) all that came after that place; else, and with a place that is not of this ' +
  'conversation, from the first.';

function followConversation(app: App, deps: ApiDependencies, { wakeUps, streams }: Live): void {
  app.get(
    '/widget/events',
    {
      sse: 'manual',
      // Without a body there is nothing to follow.
      exposeHeadRoute: false,
      config: { scope: 'visitor' },
      schema: {
        tags,
        summary: 'Follow the conversation',
        description: followed,
        headers: lastEventId('The `id` of the last event that came: all after it follows. Wins over `after`.'),
        querystring: z.strictObject({ after: place.optional().describe('The same, where the header can’t be set.') }),
        response: { 200: eventStream(streamMessage) },
      },
    },
    async (request, reply) => {
      const visitor = visitorOf(request);
      const wanted = lastPlace(request) ?? request.query.after ?? 0;
      const from = await inVisitorsAccount(deps, request, (tx) => placeToGoOnFrom(tx, visitor, wanted));
      const topic = await visitorTopic(deps.pool, visitor);
      const stream = streams.open(reply);
      const news = createSignal();
      void stream.closed.then(news.raise);
      const noNews = wakeUps.onVisitor(topic, news.raise);
      const noTyping = wakeUps.onTypingOfAgent(topic, ({ on }) => stream.tell({ event: 'typing', data: { on } }));
      try {
        await stream.send({ event: 'ready', id: String(from), data: {} });
        await tellNews(deps, request, { stream, news, from });
      } catch (error) {
        request.log.warn({ err: describeError(error) }, 'stream interrupted');
      } finally {
        noNews();
        noTyping();
        stream.end();
      }
    },
  );
}

function lastPlace({ headers }: FastifyRequest): number | null {
  const header = headers['last-event-id'];
  if (header === undefined || header === '') return null;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalid('headers', [{ path: ['last-event-id'], message: 'This is no place of the stream.' }]);
}

/** A wake-up can get lost, and a session or a channel can end without one. */
const lookAgainMs = 5_000;

/** Until the visitor is gone, or no longer admitted. */
async function tellNews(
  deps: ApiDependencies,
  request: FastifyRequest,
  { stream, news, from }: { stream: EventStream; news: Signal; from: number },
): Promise<void> {
  let after = from;
  let waiting = false;
  let admittedAt = performance.now();
  while (stream.isOpen) {
    const { rows, awaits } = await lookAfter(deps, request, after);
    for (const row of rows) {
      if (!(await stream.send(eventOf(row)))) return;
      after = row.place;
    }
    if (awaits !== waiting && !(await stream.send({ event: 'state', data: { waiting: awaits } }))) return;
    waiting = awaits;
    if (rows.length < page) await news.wait(lookAgainMs);
    if (performance.now() - admittedAt < lookAgainMs) continue;
    if (!(await isAdmittedStill(deps, request))) return;
    admittedAt = performance.now();
  }
}

/** States in which the visitor waits for a person, and may give up waiting. */
const awaiting: ReadonlySet<PhaseName | undefined> = new Set(['prechat', 'queued'] satisfies PhaseName[]);

function lookAfter(deps: ApiDependencies, request: FastifyRequest, after: number) {
  const visitor = visitorOf(request);
  return inVisitorsAccount(deps, request, async (tx) => {
    const rows = await readVisitorStream(tx, visitor, { after, limit: page });
    const conversation = await findVisitorConversation(tx, visitor);
    return { rows, awaits: awaiting.has(conversation?.phase) };
  });
}
