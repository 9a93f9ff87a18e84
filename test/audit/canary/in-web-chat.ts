/** A visitor of the web chat, and whoever shows it something wrong. */
import type { Connected } from '../../api/outside/outside.ts';
import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';
import type { CanaryWorld } from './world.ts';

export async function chatOnPage({ canaries, outside, call }: CanaryWorld): Promise<Connected> {
  const account = await outside.connect({ policy: { numbers: { intake: { by: 'none' } } } });
  const { key, bot, botId, groupId, accountId } = account;
  bot.script(() => ({ messages: [], handover: { reason: canaries.of('pagereason') } }));
  const made = { name: 'Page', type: 'webchat', botId, groupId };
  const { id: channelId = '' } = await call(201, key, 'POST', '/v1/channels', { body: made });

  const visitor = {
    name: canaries.of('visitorname'),
    email: canaries.email('visitoremail'),
    phone: canaries.of('visitorphone'),
    pageUrl: canaries.url('visitorpage'),
  };
  const begin = { accountId, channelId, visitor };
  const { token = '' } = await call(201, null, 'POST', '/v1/widget/sessions', { body: begin });
  canaries.secret('visitortoken', token);
  const message = { clientMessageId: canaries.of('clientmessageid'), text: canaries.of('visitortext') };
  await call(200, token, 'POST', '/v1/widget/messages', { body: message });
  await call(200, token, 'POST', '/v1/widget/messages', { body: message });
  await call(204, token, 'POST', '/v1/widget/typing', { body: { on: true } });
  const chat = async () =>
    (await call(200, key, 'GET', '/v1/conversations'))['items'] as unknown as { id: string; state: string }[];
  await until(async () => (await chat())[0]?.state === 'queued');
  const of = `/v1/conversations/${required((await chat())[0]).id}`;
  await call(200, account.agent, 'POST', `${of}/actions/join`);
  await call(200, account.agent, 'POST', `${of}/actions/reply`, { body: { text: canaries.of('pagereply') } });
  const shown = async () =>
    (await call(200, token, 'GET', '/v1/widget/messages?after=0'))['items'] as unknown as object[];
  await until(async () => (await shown()).length >= 2);
  await call(204, token, 'POST', '/v1/widget/read', { body: { place: (await shown()).length } });
  await call(204, token, 'POST', '/v1/widget/cancel', { body: { clientCancelId: canaries.of('cancelid') } });

  // What is refused.
  const other = { ...message, text: canaries.of('othertext') };
  await call(422, token, 'POST', '/v1/widget/messages', { body: other });
  await call(400, token, 'POST', '/v1/widget/messages', { body: { ...message, [canaries.of('badmember')]: 1 } });
  await call(400, token, 'POST', '/v1/widget/read', { body: { place: canaries.of('badplace') } });
  await call(401, canaries.of('badtoken'), 'POST', '/v1/widget/messages', { body: message });
  await call(401, `vt_${canaries.of('badvisitor').padEnd(43, 'x')}`, 'POST', '/v1/widget/typing', { body: {} });
  const forged = { accountId, channelId, visitor: { jwt: `${canaries.of('badjwt')}.e30.x` } };
  await call(403, null, 'POST', '/v1/widget/sessions', { body: forged });
  const headers = { 'last-event-id': canaries.of('badcursor') };
  await call(400, token, 'GET', '/v1/widget/events', { headers });
  return account;
}
