/** From a customer's first words to the block: the bot and its intake, an agent, and all that colleagues keep. */
import { inAccount } from '../../../store/connection.ts';
import type { Connected } from '../../api/outside/outside.ts';
import { required } from '../../support/required.ts';
import type { CanaryWorld } from './world.ts';

export async function talkToAgent(world: CanaryWorld): Promise<{ account: Connected; thread: string }> {
  const { canaries, outside, call, sees } = world;
  const account = await outside.connect();
  const { channel, bot, key } = account;
  const thread = canaries.of('thread');
  const contact = {
    id: canaries.of('contactid'),
    name: canaries.of('name'),
    phones: [canaries.phone()],
    emails: [canaries.email('email')],
    pageUrl: canaries.url('pageurl'),
  };
  const writes = (field: string, more: object = {}) =>
    channel.say({ id: canaries.of(`${field}id`), thread, contact, text: canaries.of(field), ...more });
  const keyed = (field: string) => ({ 'idempotency-key': canaries.of(field) });

  const buttons = [{ title: canaries.of('buttontitle'), payload: canaries.of('buttonpayload') }];
  bot.script(() => ({ messages: [{ text: canaries.of('bottext'), buttons }] }));
  channel.next({ status: 200, body: { id: canaries.of('providerid') } });
  const attachments = [{ kind: 'image', url: canaries.url('fileurl'), name: canaries.of('filename') }];
  await writes('customertext', { attachments });
  await sees(account, thread, 'MessageSettled');
  await channel.webhook({ type: 'receipt.read', data: { id: canaries.of('providerid') } });

  bot.script(({ event }) =>
    event.type === 'prechat'
      ? { messages: [{ text: canaries.of('question') }] }
      : { messages: [], handover: { reason: canaries.of('reason'), data: { note: canaries.of('data') } } },
  );
  await writes('wish');
  await sees(account, thread, 'MessageSettled', 2);
  const answer = { name: canaries.of('answername'), label: canaries.of('answerlabel'), value: canaries.of('answer') };
  bot.script(() => ({ messages: [], intake: { status: 'done', answers: [answer] } }));
  await writes('answertext');
  const actor = await sees(account, thread, 'ConversationQueued');
  const of = `/v1/conversations/${actor.conversationId}`;

  const person = { name: canaries.of('agentname'), email: canaries.email('agentemail'), groupIds: [account.groupId] };
  const { id: agentId = '' } = await call(201, key, 'POST', '/v1/agents', { body: person });
  const { token = '' } = await call(201, key, 'POST', `/v1/agents/${agentId}/tokens`);
  canaries.secret('apikey', key);
  canaries.secret('agenttoken', token);
  await call(200, token, 'PUT', `/v1/agents/${agentId}/status`, { body: { status: 'online' } });
  await call(200, token, 'PUT', `/v1/agents/${agentId}/presence`, { body: {} });
  await call(200, token, 'POST', `${of}/actions/join`, { headers: keyed('joinkey') });
  const reply = { body: { text: canaries.of('reply') }, headers: keyed('replykey') };
  await call(200, token, 'POST', `${of}/actions/reply`, reply);
  await call(200, token, 'POST', `${of}/actions/reply`, reply);
  const later = { prefer: 'respond-async', ...keyed('laterkey') };
  await call(202, token, 'POST', `${of}/actions/reply`, { body: { text: canaries.of('laterreply') }, headers: later });
  await call(204, token, 'POST', `${of}/typing`, { body: { on: true } });
  const comment = { body: { text: canaries.of('comment') }, headers: keyed('commentkey') };
  await call(201, token, 'POST', `${of}/actions/comment`, comment);
  const own = { text: canaries.of('owncomment'), visibility: 'personal' };
  await call(201, token, 'POST', `${of}/actions/comment`, { body: own });
  const { id: tagId = '' } = await call(201, key, 'POST', '/v1/tags', { body: { name: canaries.of('tag') } });
  await call(200, token, 'POST', `${of}/actions/tag`, { body: { add: [tagId] } });

  const contactId = await contactOf(world, account);
  await call(201, key, 'POST', `/v1/contacts/${contactId}/notes`, { body: { text: canaries.of('note') } });
  const kept = await call(200, key, 'GET', `/v1/contacts/${contactId}`);
  const attributes = {
    ...(kept['attributes'] as unknown as object),
    [canaries.of('attributename')]: canaries.of('attribute'),
  };
  await call(200, key, 'PATCH', `/v1/contacts/${contactId}`, {
    body: { tags: [canaries.of('contacttag')], attributes },
  });

  const body = { reason: canaries.of('blockreason'), message: canaries.of('blockmessage') };
  await call(200, token, 'POST', `${of}/actions/block`, { body, headers: keyed('blockkey') });
  await channel.books.until((books) => books.texts(thread).includes(body.message), 30_000);
  return { account, thread };
}

async function contactOf({ outside }: CanaryWorld, { accountId }: Connected): Promise<string> {
  return inAccount(outside.stack.pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ id: string }>('SELECT id FROM contacts WHERE account_id = $1', [accountId]);
    return required(rows[0]).id;
  });
}
