/** An outside desk: what it is offered, who answers there, and what it says where it can't. */
import { required } from '../../support/required.ts';
import type { CanaryWorld } from './world.ts';

export async function talkAtDesk({ canaries, outside, sees }: CanaryWorld): Promise<void> {
  const policy = {
    numbers: { intake: { by: 'form', maxTries: 2 } },
    form: [{ name: 'order', question: 'Which order?', type: 'text' }],
  };
  const account = await outside.connect({ toDesk: true, policy });
  const { channel, bot, desk } = account;
  for (const [name, { secret }] of Object.entries({ channel, bot, desk })) canaries.secret(`${name}secret`, secret);
  const thread = canaries.of('deskthread');
  const person = { id: canaries.of('deskpersonid'), name: canaries.of('deskperson') };

  bot.script(() => ({ messages: [], handover: { reason: canaries.of('deskreason'), history: { kind: 'all' } } }));
  // Nobody can say who is there; then the offer fails once.
  let failures = 0;
  desk.script(({ type }) => {
    const fails = type === 'desk.presence.requested' || (type === 'desk.handover.offered' && failures++ === 0);
    return fails ? { status: 503, body: { error: canaries.of('deskerror') } } : null;
  });
  await channel.say({
    thread,
    text: canaries.of('deskwish'),
    contact: { id: thread, name: canaries.of('deskcustomer') },
  });
  await channel.books.until((books) => books.texts(thread).includes('Which order?'), 30_000);
  await channel.say({ thread, text: canaries.of('formanswer') });
  await desk.until(() => desk.offers().length > 0, 30_000);
  const { handoverId } = required(desk.offers()[0]);

  await desk.webhook({ type: 'desk.accepted', data: { id: canaries.of('deskeventid'), handoverId, person } });
  await sees(account, thread, 'ConversationAssigned');
  await desk.answer(handoverId, { text: canaries.of('deskanswer') }, person);
  await channel.books.until((books) => books.texts(thread).includes(canaries.of('deskanswer')), 30_000);
  await channel.say({ thread, text: canaries.of('tothedesk') });
  await desk.until(() => desk.lines(handoverId).some(({ text }) => text === canaries.of('tothedesk')), 30_000);
  await desk.close(handoverId);
  await sees(account, thread, 'ConversationResolved');

  // It takes a chat by itself, refuses one with a code of its own, and says what nobody can read.
  const taken = canaries.of('takenthread');
  bot.script(() => ({ messages: [{ text: 'hello' }] }));
  await channel.say({ thread: taken, text: canaries.of('takentext') });
  const { conversationId } = await sees(account, taken, 'MessageSettled');
  await desk.take(conversationId, { id: canaries.of('takerid'), name: canaries.of('taker') });
  await sees(account, taken, 'ConversationAssigned');
  await desk.refuse(handoverId, canaries.of('refusalcode'));
  await desk.webhook({
    type: 'desk.answered',
    data: { id: canaries.of('badeventid'), content: canaries.of('badanswer') },
  });
}
