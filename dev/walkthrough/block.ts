import { readConversation } from './conversation.ts';
import { answerIntake, askForPerson, begun, hello } from './intake.ts';
import type { Scene } from './scene.ts';
import { openChat } from './visitor.ts';

const MESSAGE = 'Our agents do not answer you any more.';

/** A customer who is blocked hears so, once, and again when asking for a person; the bot goes on answering. Answers its id. */
export async function block(scene: Scene): Promise<string> {
  const { api, account, act, ada, narration } = scene;
  const { step, equal, until } = narration;
  step('Another customer asks for a person. This time somebody is there, and Ada joins.');
  const place = { accountId: account.accountId, channelId: account.channels.webchat.id };
  const customer = await openChat(api, place, narration);
  await askForPerson(customer, 'Somebody is there. Two questions, so that they can help you at once.');
  await answerIntake(customer, 'Mallory', 'Nothing at all');
  const { id } = await begun(scene);
  await until(
    'the conversation is queued',
    () => readConversation(api, id),
    ({ state }) => state === 'queued',
  );
  await act(ada, { name: 'join', conversation: id });
  await customer.hears(['engine', 'You are being transferred to an agent']);

  step('The customer spams. Ada blocks them, with a reason for colleagues and a message for the customer.');
  await customer.says('Buy my watches!');
  await act(ada, { name: 'block', conversation: id, body: { reason: 'Spam', message: MESSAGE } });
  await customer.hears(['engine', MESSAGE]);
  const blocked = await readConversation(api, id);
  equal('the conversation is blocked', blocked.state, 'blocked');
  equal('it is archived: out of all working lists', blocked.archived, true);

  step('The bot still answers. A request for a person gets the message again, and goes no further.');
  await customer.says('hello');
  await customer.hears(...hello);
  await customer.says('human please');
  await customer.hears(['bot', 'I will look for somebody.'], ['engine', MESSAGE]);
  equal('the conversation is still blocked', (await readConversation(api, id)).state, 'blocked');
  customer.heardAll();
  customer.leaves();
  return id;
}
