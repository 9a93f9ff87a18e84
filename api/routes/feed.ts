/**
 * The feed of an account, as server-sent events: what happens in its conversations, comments, and what becomes of what was
 * sent. `id` is a cursor; whoever comes back with the last one gets all that came after it, and nothing twice.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { describeError } from '../../process/failures.ts';
import type { FeedHorizon, FeedPlace } from '../../store/feed.ts';
import type { Reader } from '../../store/readers.ts';
import type { Typing } from '../../store/visitor-stream.ts';
import { isSignedInStill } from '../auth.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import type { Follower } from '../feed-hub.ts';
import { cursorOf, itemOf, readPlace, typingItem } from '../feed-items.ts';
import { feedMessage } from '../feed-messages.ts';
import type { Live } from '../live.ts';
import { readerOf } from '../readers.ts';
import { type EventStream, eventStream, lastEventId, serveEvents } from '../sse.ts';
import type { App } from '../typed-app.ts';

const query = z.strictObject({
  after: z
    .string()
    .max(64)
    .optional()
    .describe('A cursor, where the header `Last-Event-ID` can’t be set. The header wins.'),
});

const description =
  'Events: `event` (a domain event, with the words of the message that it is about), `comment`, `receipt`, `typing` ' +
  '(without an id: not stored), `hidden` (a chat that has gone where the caller can’t see it), `erased` (a contact was ' +
  'erased, and nothing of theirs can be read any more: ids alone, and to everybody who follows, since whoever saw their chats ' +
  'once may hold copies. Drop those, and read the conversations anew), `ready` (the place at ' +
  'which the stream begins), `reload` (the cursor is of another life of the database: read everything anew and go on ' +
  'from this place). Without a cursor it begins now. Order is promised per conversation for domain events. Whether the ' +
  'caller is still good, and what they may see, is looked at again every 5 seconds: until then a revoked key still hears.';

export function feedRoutes(deps: ApiDependencies, live: Live): FastifyPluginAsyncZod {
  return async (app) => {
    await serveEvents(app);
    followAccount(app, deps, live);
  };
}

function followAccount(app: App, deps: ApiDependencies, { hub, wakeUps, streams }: Live): void {
  app.get(
    '/feed',
    {
      sse: 'manual',
      // Without a body there is nothing to follow.
      exposeHeadRoute: false,
      config: { scope: 'feed:read' },
      schema: {
        tags: ['Feed'],
        summary: 'Follow what happens in the account',
        description,
        headers: lastEventId('The `id` of the last event that came: all after it follows, and nothing twice.'),
        querystring: query,
        response: { 200: eventStream(feedMessage) },
      },
    },
    async (request, reply) => {
      const { accountId } = request.principal;
      const wanted = wantedPlace(request);
      const horizon = await hub.horizon();
      const { event, place } = beginOf(wanted, horizon);
      const { generation } = horizon;
      const reader = await request.inAccount((tx) => readerOf(tx, request.principal));
      const stream = streams.open(reply);
      const follower = createFollower(deps, request, { stream, generation, reader });
      await stream.send({ event, id: cursorOf(generation, place), data: {} });
      const noTyping = wakeUps.onTypingOfVisitor(accountId, follower.hearTyping);
      try {
        await hub.follow(accountId, place, follower);
      } catch (error) {
        // The client comes back to its place, and is told why if it can't.
        request.log.warn({ err: describeError(error) }, 'feed interrupted');
      } finally {
        noTyping();
        stream.end();
      }
    },
  );
}

interface Followed {
  stream: EventStream;
  generation: number;
  /** As of the last look at what the caller may see. */
  reader: Reader;
}

function createFollower(
  deps: ApiDependencies,
  request: FastifyRequest,
  { stream, generation, reader: first }: Followed,
): Follower & { hearTyping(typing: Typing): void } {
  let reader = first;
  return {
    closed: stream.closed,
    async take(rows) {
      let shown = false;
      for (const row of rows) {
        const item = itemOf(row, generation, reader);
        if (item !== null && !(await stream.send(item))) return false;
        shown = item !== null;
      }
      const last = rows.at(-1);
      // Who sees nothing of an account's bustle still moves on in it.
      return shown || last === undefined || stream.send({ id: cursorOf(generation, last.place) });
    },
    async check() {
      if (!stream.isOpen || !(await isSignedInStill(deps, request))) return false;
      reader = await request.inAccount((tx) => readerOf(tx, request.principal));
      return true;
    },
    hearTyping(typing) {
      const item = typingItem(typing, reader);
      if (item !== null) stream.tell(item);
    },
  };
}

function wantedPlace({ headers, query: asked }: FastifyRequest): ReturnType<typeof readPlace> {
  const header = headers['last-event-id'];
  const byHeader = typeof header === 'string' && header !== '';
  const cursor = byHeader ? header : (asked as z.output<typeof query>).after;
  if (cursor === undefined || cursor === '') return null;
  const place = readPlace(cursor);
  if (place !== null) return place;
  const [part, name] = byHeader ? ['headers', 'last-event-id'] : ['query', 'after'];
  throw invalid(part, [{ path: [name], message: 'This is no cursor of the feed.' }]);
}

function beginOf(
  wanted: ReturnType<typeof readPlace>,
  { generation, now, next }: FeedHorizon,
): { event: 'ready' | 'reload'; place: FeedPlace } {
  if (wanted === null) return { event: 'ready', place: now };
  const known = wanted.generation === generation && wanted.place.xid <= next;
  return known ? { event: 'ready', place: wanted.place } : { event: 'reload', place: now };
}
