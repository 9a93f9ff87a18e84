/** Actions with words of their own, which are stored before the command that points to them. */
import { z } from 'zod';
import type { Content } from '../../adapters/contract/content.ts';
import { nestedAtMost } from '../../adapters/json.ts';
import { render } from '../../adapters/render.ts';
import { longestHistory } from '../../adapters/words.ts';
import { draftId, insertBlock, insertHandoverRequest, insertReplyDraft } from '../../store/drafts.ts';
import { actingAgent, actingAs } from '../acting.ts';
import { certainNo } from '../certain-no.ts';
import { contentFields, saysSomething } from '../content.ts';
import { invalid } from '../errors.ts';
import { id, time, words } from '../fields.ts';
import { requireTarget } from '../targets.ts';
import { action } from './action-route.ts';

const count = z.number().int().min(1).max(longestHistory);
const handoverWords = z
  .strictObject({
    reason: words(1_000).optional(),
    groupId: id.optional().describe('Wins over what skill and webstore lead to.'),
    deskId: id.optional(),
    skill: words(255).optional().describe('Routing keyword.'),
    webstore: words(255).optional().describe('Without it the visitor’s page decides.'),
    channelTag: words(255).optional(),
    priority: z.number().int().min(-1_000).max(1_000).default(0),
    history: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('none') }),
        z.strictObject({ kind: z.literal('last'), count }),
        z.strictObject({ kind: z.literal('all') }),
      ])
      .default({ kind: 'none' })
      .describe(
        `How much of the conversation an outside desk is given; of \`all\` the newest ${longestHistory} lines, and how many ` +
          'were left out.',
      ),
    data: z
      .record(z.string().max(255), z.unknown())
      .default({})
      .refine((data) => nestedAtMost(data, 16) && JSON.stringify(data).length <= 32_768, 'Flat, and at most 32 kB.'),
  })
  .prefault({});

export const requestHandover = action({
  path: 'request-handover',
  command: 'RequestHandover',
  scope: 'conversations:write',
  summary: 'Ask for a person',
  problems: ['unknown-reference'],
  description: 'As a bot does. While a hand-over is open it is accepted and nothing happens.',
  body: handoverWords,
  async prepare(inAccount, { actor, keyed, at, body }) {
    const { groupId = null, deskId = null, priority } = body;
    const requestId = `api:${draftId(actor.accountId, keyed, 'request')}`;
    const { reason = null, skill = null, webstore = null, channelTag = null, history, data } = body;
    const facts = { reason, groupId, deskId, skill, webstore, channelTag, priority, history, data };
    await inAccount(async (tx) => {
      await requireTarget(tx, actor.accountId, { groupId, deskId });
      await insertHandoverRequest(tx, actor, { id: requestId, ...facts, at });
    });
    return { request: { requestId, priority } };
  },
});

export const reply = action({
  path: 'reply',
  command: 'Reply',
  scope: 'conversations:write',
  summary: 'Answer the customer',
  description: 'By the owner only: anybody else gets 409 `not-the-owner`, and nothing is sent.',
  body: z.strictObject({ ...contentFields, agentId: actingAgent }).refine(saysSomething, 'Say something.'),
  async prepare(inAccount, { actor, by, keyed, head, at, body, principal, deps: { channels } }) {
    const { agentId: named, ...content } = body;
    const agentId = actingAs(principal, named);
    const capabilities = channels.get(head.channelType)?.capabilities(head.channelSettings);
    if (capabilities !== undefined && render(content as Content, capabilities).refused.length > 0) {
      const reason = 'the channel can not carry this, not even in another form';
      return certainNo(inAccount, { actor, by, head }, 'unsupported-content', reason);
    }
    const messageId = draftId(actor.accountId, keyed, 'reply');
    await inAccount((tx) => insertReplyDraft(tx, actor, { id: messageId, agentId, content, at }));
    return { agentId, messageId };
  },
});

export const block = action({
  path: 'block',
  command: 'Block',
  scope: 'conversations:block',
  summary: 'Block the contact, in every conversation',
  description:
    'The customer is told `message` (at most 10000 characters) here, and the bot has them again; a request for a ' +
    'person gets it again and goes no further. Open chats leave the lists. `expiresAt` lies in the future; ' +
    'without it until unblocked.',
  body: z.strictObject({
    reason: words(1_000).describe('For colleagues.'),
    message: words(10_000).describe('What the customer is told, once; and again when they ask for a person.'),
    expiresAt: time.optional().describe('Without it: until unblocked.'),
  }),
  async prepare(inAccount, { actor, keyed, at, body: { reason, message, expiresAt }, principal }) {
    const until = expiresAt === undefined ? null : new Date(expiresAt);
    if (until !== null && until <= at) throw invalid('body', [{ path: ['expiresAt'], message: 'This is past.' }]);
    const blockId = draftId(actor.accountId, keyed, 'block');
    const words = { id: blockId, reason, message, by: principal.id, expiresAt: until, at };
    await inAccount((tx) => insertBlock(tx, actor, words));
    return { blockId, expiresAt: until?.getTime() ?? null };
  },
});
