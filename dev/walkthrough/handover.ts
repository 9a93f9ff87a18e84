import { readConversation, turnsOf } from './conversation.ts';
import { answerIntake, askForPerson, begun, hello } from './intake.ts';
import { refusal } from './refusal.ts';
import type { Scene } from './scene.ts';
import { openChat, type Visitor } from './visitor.ts';

/** From the first message to the end of the session: who may speak, and that nobody else does. Answers its id. */
export async function handover(scene: Scene): Promise<string> {
  const { api, account, narration } = scene;
  narration.step('A customer opens the web chat and says hello. The bot answers.');
  const place = { accountId: account.accountId, channelId: account.channels.webchat.id };
  const customer = await openChat(api, place, narration);
  await customer.says('hello');
  await customer.hears(...hello);

  const { id } = await begun(scene);
  const asked = await toTheQueue(scene, id, customer);
  await toAda(scene, id, customer);
  await together(scene, id, customer);
  await lockedOut(scene, id, customer, asked);
  await anew(scene, id, customer, asked);
  customer.heardAll();
  customer.leaves();
  return id;
}

async function toTheQueue({ api, running, narration }: Scene, id: string, customer: Visitor): Promise<string[]> {
  const { step, equal } = narration;
  step('The customer asks for a person. Presence is checked: nobody is there. The bot’s intake dialogue begins.');
  await askForPerson(customer, 'Nobody is there right now. I will take two notes for them.');
  const asking = await readConversation(api, id);
  equal('the conversation is in prechat', asking.state, 'prechat');
  equal('the agents’ status was found to be offline', asking.handover?.agentStatus, 'offline');

  step('The customer answers. Intake is done: the conversation is queued, and the bot is locked out.');
  await answerIntake(customer, 'Carla', 'My parcel is lost');
  await customer.hears(['engine', 'Nobody is here at the moment. We will answer as soon as we are back.']);
  const waiting = await readConversation(api, id);
  equal('the conversation is queued', waiting.state, 'queued');
  equal('neither the bot nor an agent may speak', waiting.holder.kind, 'engine');
  const answers = waiting.handover?.intake.map(({ value }) => value);
  equal('the answers stand with the hand-over', answers, ['Carla', 'My parcel is lost']);
  const asked = ['hello', 'human please', '(prechat)', 'Carla', 'My parcel is lost'];
  equal('by the bot’s own log it was asked five times', await turnsOf(running.urls.bot, id), asked);
  await customer.says('hello? Is anybody there?');
  return asked;
}

async function toAda({ api, act, goOnline, ada, bo, narration }: Scene, id: string, customer: Visitor): Promise<void> {
  const { step, equal } = narration;
  step('Ada can’t join while she is offline. She goes online, and joins.');
  const join = { name: 'join', conversation: id } as const;
  equal('at first her joining is refused', await refusal(act(ada, join)), 'agent-offline');
  await goOnline(ada);
  await act(ada, join);
  await customer.hears(['engine', 'You are being transferred to an agent']);
  const hers = await readConversation(api, id);
  equal('the conversation is assigned', hers.state, 'assigned');
  equal('Ada holds the baton', hers.holder, { kind: 'agent', id: ada.id });

  step('Bo is online, too, but too late; and he can’t speak to her customer.');
  await goOnline(bo);
  equal('his joining is refused', await refusal(act(bo, join)), 'taken');
  const intrusion = act(bo, { name: 'reply', conversation: id, body: { text: 'Me too!' } });
  equal('so is his reply', await refusal(intrusion), 'not-the-owner');
}

async function together({ act, ada, narration }: Scene, id: string, customer: Visitor): Promise<void> {
  const { step, equal } = narration;
  const reply = async (text: string): Promise<void> => {
    await act(ada, { name: 'reply', conversation: id, body: { text } });
    await customer.hears(['agent', text]);
  };
  step('Ada and the customer write, and words that the bot knows don’t wake it.');
  await reply('Hello Carla, which parcel is it?');
  await customer.says('hello, the red one');
  await reply('It waits for you at the post office.');

  step('Ada resolves. Doing it again changes nothing.');
  await act(ada, { name: 'resolve', conversation: id });
  await customer.hears(['engine', 'Resolved']);
  const again = await act(ada, { name: 'resolve', conversation: id });
  equal('the second time is accepted, and nothing happens', again.events, []);
}

async function lockedOut(
  { api, running, act, ada, narration }: Scene,
  id: string,
  customer: Visitor,
  asked: string[],
): Promise<void> {
  const { step, equal, until } = narration;
  step('The session goes on, so the next message goes to Ada and not to the bot.');
  await customer.says('hello again, and thank you');
  const look = () => readConversation(api, id);
  await until('the conversation is Ada’s again', look, ({ holder }) => holder.id === ada.id);
  equal('the bot has still been asked five times', await turnsOf(running.urls.bot, id), asked);
  await act(ada, { name: 'resolve', conversation: id });
  await customer.hears(['engine', 'You are being transferred to an agent'], ['engine', 'Resolved']);
}

async function anew(
  { api, running, setSession, narration }: Scene,
  id: string,
  customer: Visitor,
  asked: string[],
): Promise<void> {
  const { step, equal, until } = narration;
  step('Sessions end after 24 hours of silence. So as not to wait, the policy is changed: after one second.');
  const look = () => readConversation(api, id);
  await setSession(1_000);
  await until('open conversations are told at once, and the session ends', look, ({ session }) => !session.endsAt);
  await setSession(null);

  step('The next message begins a new session, with the bot.');
  await customer.says('hello');
  await customer.hears(...hello);
  equal('it is the second session', (await look()).session.no, 2);
  equal('the bot was asked for the sixth time', await turnsOf(running.urls.bot, id), [...asked, 'hello']);
}
