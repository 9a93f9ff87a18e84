/** Requests that are refused, items that can't be read, and what the outside says as it fails: all have words in them. */
import { postSigned } from '../../../dev/demo/signed-post.ts';
import type { Connected } from '../../api/outside/outside.ts';
import type { CanaryWorld } from './world.ts';

export async function beRefused(
  { canaries, outside, call, sees }: CanaryWorld,
  { account, thread }: { account: Connected; thread: string },
): Promise<void> {
  const { key, agent, channel, bot, accountId, channelId } = account;
  const of = `/v1/conversations/${await account.conversation(thread)}`;
  const text = (field: string) => ({ body: { text: canaries.of(field) } });

  await call(409, agent, 'POST', `${of}/actions/reply`, {
    ...text('notmine'),
    headers: { 'idempotency-key': canaries.of('refusedkey') },
  });
  await call(422, agent, 'POST', `${of}/actions/resolve`, {
    headers: { 'idempotency-key': canaries.of('refusedkey') },
  });
  await call(409, agent, 'GET', `/v1/outcomes/${canaries.of('refusedkey')}`);
  await call(404, agent, 'GET', `/v1/outcomes/${canaries.of('unknownkey')}`);
  await call(400, agent, 'POST', `${of}/actions/reply`, { body: { text: { no: canaries.of('badbody') } } });
  await call(400, key, 'GET', `/v1/conversations/${canaries.of('badid')}`);
  await call(404, key, 'GET', `/v1/${canaries.of('badroute')}`);
  await call(401, canaries.of('badkey'), 'GET', '/v1/me');
  await call(200, key, 'GET', `/v1/contacts?q=${canaries.of('search')}`);
  await call(200, key, 'GET', `/v1/conversations?q=${canaries.of('searchtext')}`);
  await call(400, key, 'GET', `/v1/conversations?${canaries.of('badquery')}=1`);
  await call(409, key, 'POST', '/v1/tags', { body: { name: canaries.of('tag') } });

  await channel.webhook({ type: 'message.received', data: { thread: canaries.of('unreadable') } });
  await channel.webhook({ type: canaries.of('unknowntype'), data: { text: canaries.of('ofunknowntype') } });
  const hook = `${outside.url}/v1/webhooks/${accountId}/${channelId}`;
  const forged = { type: 'message.received', data: { thread: canaries.of('forged') } };
  await postSigned(hook, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', forged, canaries.of('forgedid'));

  // A bot that fails, one that nobody understands, and a network that won't have a message.
  const failing = canaries.of('failingthread');
  bot.script((_turn, no) =>
    no === 1
      ? { status: 500, body: { error: canaries.of('boterror') } }
      : {
          messages: [[canaries.of('botnonsense')]],
          intake: { status: 'done', answers: { [canaries.of('botmember')]: {} } },
        },
  );
  await channel.say({ thread: failing, text: canaries.of('tofailingbot') });
  await sees(account, failing, 'BotTurnFailed');
  bot.script(() => ({ messages: [{ text: canaries.of('unsendable') }] }));
  channel.plan(({ no }) =>
    no === 1
      ? { status: 503, body: { error: canaries.of('channelerror') } }
      : { status: 422, body: { error: canaries.of('channelrefusal'), code: canaries.of('channelcode') } },
  );
  const unsendable = canaries.of('unsendablethread');
  await channel.say({ thread: unsendable, text: canaries.of('toasking') });
  await sees(account, unsendable, 'MessageSettled');
  channel.plan(null);
}
