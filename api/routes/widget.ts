/** What a visitor does: writes, reads, types, gives up waiting for a person. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v5 as idFrom, v7 as newId } from 'uuid';
import { z } from 'zod';
import { LONGEST_VISITOR_TEXT } from '../../adapters/channels/webchat/wire.ts';
import { acceptInbound, type InboundItem } from '../../store/inbound.ts';
import { sendKey } from '../../store/send-key.ts';
import * as store from '../../store/visitor-stream.ts';
import { noteConversation, readVisitorFacts, type VisitorFacts, type VisitorSession } from '../../store/visitors.ts';
import { allowAbsentBodies } from '../absent-bodies.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, iso, nothing, time, words } from '../fields.ts';
import { found, Problem } from '../problem.ts';
import type { App } from '../typed-app.ts';
import { inVisitorsAccount, recognizeVisitors, visitorOf } from '../visitors.ts';
import { requireRoom } from '../webhook-request.ts';

const wanted = z.strictObject({
  clientMessageId: z.string().min(1).max(255),
  text: words(LONGEST_VISITOR_TEXT),
  payload: z.string().min(1).max(4_096).optional().describe('Of the button that was pressed; `text` is its title.'),
});
type Words = z.output<typeof wanted>;

const written = z.object({ messageId: id, clientMessageId: z.string(), place: z.number().int(), at: time });

const tags = ['Web chat'];

export function widgetRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    allowAbsentBodies(app);
    recognizeVisitors(app, deps);
    writeMessage(app, deps);
    tellTyping(app, deps);
    confirmRead(app, deps);
    stopWaiting(app, deps);
  };
}

function writeMessage(app: App, deps: ApiDependencies): void {
  app.post(
    '/widget/messages',
    {
      config: { scope: 'visitor', problems: ['client-message-id-reused', 'backlog-full'] },
      schema: {
        tags,
        summary: 'Write',
        description:
          'The same `clientMessageId` is the same message: one effect, the same answer. With other words it is 422 ' +
          '`client-message-id-reused`, and nothing is stored.',
        body: wanted,
        response: { 200: written },
      },
    },
    async (request) => {
      requireRoom(deps.backlog);
      const visitor = visitorOf(request);
      const { clientMessageId } = request.body;
      const facts = await inVisitorsAccount(deps, request, (tx) => readVisitorFacts(tx, visitor));
      if (facts === null) throw new Problem('unauthenticated');
      const [accepted] = await accept(deps, visitor, [messageOf(visitor, facts, request.body)]);
      const conversationId = found(accepted?.conversationId, 'conversation');
      const stored = await inVisitorsAccount(deps, request, async (tx) => {
        await noteConversation(tx, visitor, conversationId);
        return found(await store.findVisitorMessage(tx, visitor, clientMessageId), 'message');
      });
      requireSameWords(stored, request.body);
      return { messageId: stored.messageId, clientMessageId, place: stored.place, at: iso(stored.at) };
    },
  );
}

function messageOf(
  visitor: VisitorSession,
  facts: VisitorFacts,
  { clientMessageId, text, payload }: Words,
): InboundItem {
  const { name, emails, phones, pageUrl } = facts;
  return {
    kind: 'message',
    externalId: idFrom(clientMessageId, idFrom(visitor.externalId, visitor.channelId)),
    thread: visitor.externalId,
    contact: {
      externalId: visitor.externalId,
      ...(name !== null && { name }),
      ...(emails.length > 0 && { emails }),
      ...(phones.length > 0 && { phones }),
      ...(pageUrl !== null && { pageUrl }),
    },
    content: payload === undefined ? { text } : { text, payload },
    clientId: clientMessageId,
    stream: true,
  };
}

/** R24: an id under which other words stand already is a mistake of the sender, who would take these for said. */
function requireSameWords({ content }: store.VisitorMessage, { text, payload }: Words): void {
  if (content === null || (content.text === text && content.payload === payload)) return;
  throw new Problem('client-message-id-reused');
}

function tellTyping(app: App, deps: ApiDependencies): void {
  app.post(
    '/widget/typing',
    {
      config: { scope: 'visitor' },
      schema: {
        tags,
        summary: 'The visitor is writing; told to whoever looks now, and not stored',
        description: 'Repeat it every few seconds while it lasts. Before the first message nothing happens.',
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
}

function confirmRead(app: App, deps: ApiDependencies): void {
  app.post(
    '/widget/read',
    {
      config: { scope: 'visitor' },
      schema: {
        tags,
        summary: 'The visitor has seen everything up to this place',
        description: 'Places are those of the stream. Told again, or of an earlier place, it changes nothing.',
        body: z.strictObject({ place: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const visitor = visitorOf(request);
      const { accountId } = visitor;
      const keys = await inVisitorsAccount(deps, request, async (tx) => {
        const conversation = await store.findVisitorConversation(tx, visitor);
        if (conversation === null) return [];
        const unread = await store.unreadUpTo(tx, { accountId, id: conversation.id }, request.body.place);
        return unread.map(sendKey);
      });
      await accept(deps, visitor, keys.map(receiptOf));
      return reply.code(204).send();
    },
  );
}

const receiptOf = (key: string): InboundItem => ({
  kind: 'receipt',
  externalId: null,
  providerId: key,
  key,
  status: 'read',
});

function stopWaiting(app: App, deps: ApiDependencies): void {
  app.post(
    '/widget/cancel',
    {
      config: { scope: 'visitor', problems: ['backlog-full'] },
      schema: {
        tags,
        summary: 'The visitor no longer waits for a person',
        description: 'Where a person is awaited the chat goes back to the bot; otherwise nothing happens.',
        body: z
          .strictObject({ clientCancelId: z.string().min(1).max(255).optional() })
          .default({})
          .describe('With an id, sent again it has no second effect.'),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      requireRoom(deps.backlog);
      const visitor = visitorOf(request);
      const { channelId, externalId: thread } = visitor;
      const own = request.body.clientCancelId ?? newId();
      const externalId = idFrom(`cancel:${own}`, idFrom(thread, channelId));
      await accept(deps, visitor, [{ kind: 'cancel', externalId, thread }]);
      return reply.code(204).send();
    },
  );
}

/** As what any channel brings in. */
function accept({ pool, clock }: ApiDependencies, { accountId, channelId }: VisitorSession, items: InboundItem[]) {
  return acceptInbound(pool, { accountId, sourceId: channelId, at: clock(), items });
}
