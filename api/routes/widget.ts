/**
 * The web chat: sessions of visitors, what they write, and the stream of their conversation. The stream's places are the
 * ids of its events, so a visitor who comes back with the last one misses nothing and gets nothing twice; before the first
 * message it is empty, and begins with it.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyRequest } from 'fastify';
import { v5 as idFrom, v7 as newId } from 'uuid';
import { z } from 'zod';
import { appearance } from '../../adapters/channels/webchat/settings.ts';
import { inAccount } from '../../store/connection.ts';
import { findEndpoint } from '../../store/endpoints.ts';
import { acceptInbound, type InboundItem } from '../../store/inbound.ts';
import { sendKey } from '../../store/send-key.ts';
import * as store from '../../store/visitor-stream.ts';
import { insertVisitorSession, noteConversation, readVisitorFacts, type VisitorFacts } from '../../store/visitors.ts';
import { allowAbsentBodies } from '../absent-bodies.ts';
import { shownContent } from '../content.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import { id, iso, nothing, time, words } from '../fields.ts';
import type { Live } from '../live.ts';
import { describeError } from '../logging.ts';
import { found, Problem } from '../problem.ts';
import { createSignal } from '../signal.ts';
import { serveEvents, type StreamMessage } from '../sse.ts';
import { hashToken } from '../tokens.ts';
import {
  identify,
  inVisitorsAccount,
  knownSession,
  recognizeVisitors,
  requireOrigin,
  visitorOf,
  visitorSessionMs,
} from '../visitors.ts';
import { requireRoom } from '../webhook-request.ts';

const jwt = z.string().min(1).max(8_192).describe('Who the site says this is: HS256 under a secret of the channel.');
const pageUrl = z.url({ protocol: /^https?$/ }).max(2_048);

const newSession = z.strictObject({
  accountId: id,
  channelId: id,
  visitor: z
    .union([
      jwt,
      z.strictObject({
        jwt: jwt.optional(),
        name: words(255).optional(),
        email: z.email().max(320).optional(),
        phone: words(64).optional(),
        pageUrl: pageUrl.optional(),
      }),
    ])
    .optional(),
  pageUrl: pageUrl.optional().catch(undefined),
});

const session = z.object({
  token: z.string().describe('For Authorization: Bearer.'),
  visitorId: z.string(),
  expiresAt: time,
  cursor: z.number().int().describe('Last place of the stream so far; 0: nothing has been said.'),
  title: z.string(),
  appearance: z.object({
    title: z.string(),
    greeting: z.string(),
    colours: z.object({ accent: z.string(), onAccent: z.string() }),
  }),
});

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

const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const page = 200;
/** A wake-up can get lost. */
const lookAgainMs = 15_000;

export function widgetRoutes(deps: ApiDependencies, { wakeUps, streams }: Live): FastifyPluginAsyncZod {
  const { pool, backlog, clock, config } = deps;
  return async (app) => {
    app.post(
      '/widget/sessions',
      {
        config: {
          scope: 'public',
          rateLimit: { max: Math.max(1, Math.ceil(config.ratePerAddress / 50)), timeWindow: 60_000 },
        },
        schema: {
          tags: ['Web chat'],
          summary: 'Begin a visitor’s session',
          body: newSession,
          response: { 201: session },
        },
      },
      async (request, reply) => {
        const { accountId, channelId, visitor, pageUrl: seen } = request.body;
        const channel = await findEndpoint(pool, 'channel', accountId, channelId);
        requireOrigin(deps, request, channel);
        const told = typeof visitor === 'string' ? { jwt: visitor } : (visitor ?? {});
        const who = identify(app, deps, channel, told);
        const token = `vt_${randomBytes(32).toString('base64url')}`;
        const at = new Date(clock());
        const expiresAt = new Date(at.getTime() + visitorSessionMs);
        const made = { accountId, channelId, id: newId(), expiresAt, tokenHash: hashToken(token), at, ...who };
        const conversation = await inAccount(pool, accountId, async (tx) => {
          await insertVisitorSession(tx, {
            ...made,
            pageUrl: ('pageUrl' in told ? told.pageUrl : undefined) ?? seen ?? null,
          });
          return store.findVisitorConversation(tx, made);
        });
        const look = appearance(channel.settings);
        return reply.code(201).send({
          token,
          visitorId: who.externalId,
          expiresAt: iso(expiresAt),
          cursor: conversation?.lastPlace ?? 0,
          title: look.title,
          appearance: look,
        });
      },
    );

    await app.register(visitorRoutes);
  };

  async function visitorRoutes(app: Parameters<FastifyPluginAsyncZod>[0]): Promise<void> {
    await serveEvents(app);
    allowAbsentBodies(app);
    recognizeVisitors(app, deps);

    app.post(
      '/widget/messages',
      {
        config: { scope: 'public' },
        schema: {
          tags: ['Web chat'],
          summary: 'Write',
          description: 'The same `clientMessageId` is the same message: one effect, the same answer.',
          body: z.strictObject({
            clientMessageId: z.string().min(1).max(255),
            text: words(10_000),
            payload: z
              .string()
              .min(1)
              .max(4_096)
              .optional()
              .describe('Of the button that was pressed; `text` is its title.'),
          }),
          response: {
            200: z.object({ messageId: id, clientMessageId: z.string(), place: z.number().int(), at: time }),
          },
        },
      },
      async (request) => {
        requireRoom(backlog);
        const visitor = visitorOf(request);
        const { clientMessageId, text, payload } = request.body;
        const facts = await inVisitorsAccount(deps, request, (tx) => readVisitorFacts(tx, visitor));
        if (facts === null) throw new Problem('unauthenticated');
        const item: InboundItem = {
          kind: 'message',
          externalId: idFrom(clientMessageId, idFrom(visitor.externalId, visitor.channelId)),
          thread: visitor.externalId,
          contact: { externalId: visitor.externalId, ...known(facts) },
          content: payload === undefined ? { text } : { text, payload },
          clientId: clientMessageId,
          stream: true,
        };
        const { accountId, channelId: sourceId } = visitor;
        const [accepted] = await acceptInbound(pool, { accountId, sourceId, at: clock(), items: [item] });
        const conversationId = found(accepted?.conversationId);
        const stored = await inVisitorsAccount(deps, request, async (tx) => {
          await noteConversation(tx, visitor, conversationId);
          return found(await store.findVisitorMessage(tx, visitor, clientMessageId));
        });
        return { messageId: stored.messageId, clientMessageId, place: stored.place, at: iso(stored.at) };
      },
    );

    app.get(
      '/widget/messages',
      {
        config: { scope: 'public' },
        schema: {
          tags: ['Web chat'],
          summary: 'What was said, oldest first, after a place',
          querystring: z.strictObject({ after: place.default(0) }),
          response: { 200: z.object({ messages: z.array(message), cursor: z.number().int() }) },
        },
      },
      async (request) => {
        const { after } = request.query;
        const rows = await inVisitorsAccount(deps, request, (tx) =>
          store.readVisitorStream(tx, visitorOf(request), { after, limit: page }),
        );
        return {
          messages: rows.filter(({ kind }) => kind === 'message').map(showMessage),
          cursor: rows.at(-1)?.place ?? after,
        };
      },
    );

    app.get(
      '/widget/events',
      {
        sse: 'manual',
        // Without a body there is nothing to follow.
        exposeHeadRoute: false,
        config: { scope: 'public' },
        schema: {
          tags: ['Web chat'],
          summary: 'Follow the conversation',
          description:
            'Server-sent events `message` and `receipt`, with their place as id, and `typing`. With `Last-Event-ID` (or ' +
            '`after`) all that came after that place; else from the first.',
          querystring: z.strictObject({ after: place.optional() }),
          response: {
            200: { description: 'Server-sent events.', content: { 'text/event-stream': { schema: z.string() } } },
          },
        },
      },
      async (request, reply) => {
        const visitor = visitorOf(request);
        let after = lastPlace(request) ?? request.query.after ?? 0;
        const topic = await store.visitorTopic(pool, visitor);
        const stream = streams.open(reply);
        const news = createSignal();
        void stream.closed.then(news.raise);
        const noNews = wakeUps.onVisitor(topic, news.raise);
        const noTyping = wakeUps.onTypingOfAgent(topic, ({ on }) => stream.tell({ event: 'typing', data: { on } }));
        try {
          await stream.send({ event: 'ready', id: String(after), data: {} });
          while (stream.isOpen) {
            const rows = await inVisitorsAccount(deps, request, (tx) =>
              store.readVisitorStream(tx, visitor, { after, limit: page }),
            );
            for (const row of rows) {
              if (!(await stream.send(eventOf(row)))) return;
              after = row.place;
            }
            if (rows.length === page || (await news.wait(lookAgainMs))) continue;
            if ((await knownSession(deps, request)) === null) return;
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

    app.post(
      '/widget/typing',
      {
        config: { scope: 'public' },
        schema: {
          tags: ['Web chat'],
          summary: 'The visitor is writing; told to whoever looks now, and not stored',
          body: z.strictObject({ on: z.boolean().default(true) }).default({ on: true }),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const visitor = visitorOf(request);
        const { on } = request.body;
        await inVisitorsAccount(deps, request, async (tx) => {
          const conversation = await store.findVisitorConversation(tx, visitor);
          if (conversation === null) return;
          const { id: conversationId, agentId, groupId, botId } = conversation;
          const { accountId } = visitor;
          await store.tellTyping(tx, { accountId, conversationId, from: 'visitor', on, agentId, groupId, botId });
        });
        return reply.code(204).send();
      },
    );

    app.post(
      '/widget/read',
      {
        config: { scope: 'public' },
        schema: {
          tags: ['Web chat'],
          summary: 'The visitor has seen everything up to this place',
          body: z.strictObject({ place: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId, channelId, ...visitor } = visitorOf(request);
        const upTo = request.body.place;
        const keys = await inVisitorsAccount(deps, request, async (tx) => {
          const conversation = await store.findVisitorConversation(tx, { accountId, channelId, ...visitor });
          if (conversation === null) return [];
          const unread = await store.unreadUpTo(tx, { accountId, id: conversation.id }, upTo);
          return unread.map((seq) => sendKey(conversation.id, seq));
        });
        const items = keys.map((key): InboundItem => ({
          kind: 'receipt',
          externalId: null,
          providerId: key,
          key,
          status: 'read',
        }));
        await acceptInbound(pool, { accountId, sourceId: channelId, at: clock(), items });
        return reply.code(204).send();
      },
    );

    app.post(
      '/widget/cancel',
      {
        config: { scope: 'public' },
        schema: {
          tags: ['Web chat'],
          summary: 'The visitor no longer waits for a person',
          body: z
            .strictObject({ clientCancelId: z.string().min(1).max(255).optional() })
            .default({})
            .describe('With an id, sent again it has no second effect.'),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        requireRoom(backlog);
        const { accountId, channelId, externalId: thread } = visitorOf(request);
        const own = request.body.clientCancelId ?? newId();
        const externalId = idFrom(`cancel:${own}`, idFrom(thread, channelId));
        const item: InboundItem = { kind: 'cancel', externalId, thread };
        await acceptInbound(pool, { accountId, sourceId: channelId, at: clock(), items: [item] });
        return reply.code(204).send();
      },
    );
  }
}

function known({ name, emails, phones, pageUrl: page_ }: VisitorFacts): object {
  return {
    ...(name === null ? {} : { name }),
    ...(emails.length === 0 ? {} : { emails }),
    ...(phones.length === 0 ? {} : { phones }),
    ...(page_ === null ? {} : { pageUrl: page_ }),
  };
}

function lastPlace({ headers }: FastifyRequest): number | null {
  const header = headers['last-event-id'];
  if (header === undefined || header === '') return null;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalid('headers', [{ path: ['last-event-id'], message: 'This is no place of the stream.' }]);
}

function showMessage(row: store.StreamRow): z.output<typeof message> {
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

function eventOf(row: store.StreamRow): StreamMessage {
  const { place: at, kind, messageId, status } = row;
  const data = kind === 'message' ? showMessage(row) : { place: at, messageId, status };
  return { id: String(at), event: kind, data };
}
