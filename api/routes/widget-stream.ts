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
  type StreamRow,
  visitorTopic,
} from '../../store/visitor-stream.ts';
import type { PhaseName } from '../../workflows/conversation/state.ts';
import { shownContent } from '../content.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import { id, iso, time } from '../fields.ts';
import type { Live } from '../live.ts';
import { createSignal } from '../signal.ts';
import { eventStream, lastEventId, serveEvents } from '../sse.ts';
import { inVisitorsAccount, isAdmittedStill, recognizeVisitors, visitorOf } from '../visitors.ts';

const message = z
  .object({
    id,
    place: z.number().int(),
    author: z.object({ kind: z.enum(['customer', 'bot', 'agent', 'desk', 'engine']), name: z.string().optional() }),
    content: shownContent,
    at: time,
    clientMessageId: z.string().optional(),
  })
  .meta({ id: 'VisitorMessage' });

const history = z.object({
  items: z.array(message),
  cursor: z.number().int(),
  readUpTo: id.nullable().describe('The newest of the visitor’s own messages that was read, and with it those before.'),
});

const placeId = z.string().describe('Place in the stream: where to come back to.');
const receipt = z
  .object({
    place: z.number().int(),
    messageId: id.describe('The visitor’s message up to which everything was read.'),
    status: z.string().nullable().describe('`read`.'),
  })
  .meta({ id: 'VisitorReceipt' });

/** What the stream tells. */
export const streamMessage = z
  .discriminatedUnion('event', [
    z.object({ id: placeId, event: z.literal('ready'), data: z.object({}) }),
    z.object({ id: placeId, event: z.literal('message'), data: message }),
    z.object({ id: placeId, event: z.literal('receipt'), data: receipt }),
    z.object({ event: z.literal('typing'), data: z.object({ on: z.boolean() }) }),
    z.object({ event: z.literal('state'), data: z.object({ waiting: z.boolean().describe('For a person.') }) }),
  ])
  .meta({ id: 'VisitorStreamMessage' });
type VisitorStreamMessage = z.output<typeof streamMessage>;

/** States in which the visitor waits for a person, and may give up waiting. */
const awaiting: ReadonlySet<string> = new Set(['prechat', 'queued'] satisfies PhaseName[]);

const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const page = 200;
/** A wake-up can get lost, and a session or a channel can end without one. */
const lookAgainMs = 5_000;

export function widgetStreamRoutes(deps: ApiDependencies, { wakeUps, streams }: Live): FastifyPluginAsyncZod {
  return async (app) => {
    await serveEvents(app);
    recognizeVisitors(app, deps);

    app.get(
      '/widget/messages',
      {
        config: { scope: 'visitor' },
        schema: {
          tags: ['Web chat'],
          summary: 'What was said, oldest first, after a place',
          description:
            'At most 200 of the stream’s entries a time: ask again with `cursor` as `after` until nothing comes. ' +
            'Before the first message it is empty.',
          querystring: z.strictObject({
            after: place.default(0).describe('`cursor` of the answer before; 0, the default, is the beginning.'),
          }),
          response: { 200: history },
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

    app.get(
      '/widget/events',
      {
        sse: 'manual',
        // Without a body there is nothing to follow.
        exposeHeadRoute: false,
        config: { scope: 'visitor' },
        schema: {
          tags: ['Web chat'],
          summary: 'Follow the conversation',
          description:
            'Server-sent events `message` and `receipt` (who holds the conversation has read the visitor’s messages up to ' +
            'this one), with their place as id; `typing`; and `state`, whenever it changes whether a person is awaited. ' +
            'With `Last-Event-ID` (or `after`) all that came after that place; else, and with a place that is not of this ' +
            'conversation, from the first.',
          headers: lastEventId('The `id` of the last event that came: all after it follows. Wins over `after`.'),
          querystring: z.strictObject({ after: place.optional().describe('The same, where the header can’t be set.') }),
          response: { 200: eventStream(streamMessage) },
        },
      },
      async (request, reply) => {
        const visitor = visitorOf(request);
        const wanted = lastPlace(request) ?? request.query.after ?? 0;
        let after = await inVisitorsAccount(deps, request, (tx) => placeToGoOnFrom(tx, visitor, wanted));
        const topic = await visitorTopic(deps.pool, visitor);
        let waiting = false;
        let admittedAt = performance.now();
        const stream = streams.open(reply);
        const news = createSignal();
        void stream.closed.then(news.raise);
        const noNews = wakeUps.onVisitor(topic, news.raise);
        const noTyping = wakeUps.onTypingOfAgent(topic, ({ on }) => stream.tell({ event: 'typing', data: { on } }));
        try {
          await stream.send({ event: 'ready', id: String(after), data: {} });
          while (stream.isOpen) {
            const [rows, conversation] = await inVisitorsAccount(
              deps,
              request,
              async (tx) =>
                [
                  await readVisitorStream(tx, visitor, { after, limit: page }),
                  await findVisitorConversation(tx, visitor),
                ] as const,
            );
            for (const row of rows) {
              if (!(await stream.send(eventOf(row)))) return;
              after = row.place;
            }
            const awaits = awaiting.has(conversation?.phase ?? '');
            if (awaits !== waiting && !(await stream.send({ event: 'state', data: { waiting: awaits } }))) return;
            waiting = awaits;
            if (rows.length < page) await news.wait(lookAgainMs);
            if (performance.now() - admittedAt < lookAgainMs) continue;
            if (!(await isAdmittedStill(deps, request))) return;
            admittedAt = performance.now();
          }
        } catch (error) {
          request.log.warn({ err: describeError(error) }, 'stream interrupted');
        } finally {
          noNews();
          noTyping();
          stream.end();
        }
      },
    );
  };
}

function lastPlace({ headers }: FastifyRequest): number | null {
  const header = headers['last-event-id'];
  if (header === undefined || header === '') return null;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalid('headers', [{ path: ['last-event-id'], message: 'This is no place of the stream.' }]);
}

function showMessage(row: StreamRow): z.output<typeof message> {
  const { kind, name } = row.author;
  return {
    id: row.messageId,
    place: row.place,
    author: name === null ? { kind } : { kind, name },
    content: (row.content ?? {}) as z.output<typeof shownContent>,
    at: iso(row.at),
    ...(row.clientId === null ? {} : { clientMessageId: row.clientId }),
  };
}

function eventOf(row: StreamRow): VisitorStreamMessage {
  const { place: at, kind, messageId, status } = row;
  if (kind === 'message') return { id: String(at), event: kind, data: showMessage(row) };
  return { id: String(at), event: kind, data: { place: at, messageId, status } };
}
