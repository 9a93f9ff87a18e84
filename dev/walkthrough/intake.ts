import { type Conversation, newestConversation } from './conversation.ts';
import type { Scene } from './scene.ts';
import type { Line, Visitor } from './visitor.ts';

export const hello: Line[] = [
  ['bot', 'Hello! I am the demo bot.'],
  ['bot', 'I know: hello, human, billing, livechat, buttons, slow, nothing.'],
];

/** From the wish for a person to the queue: what the bot asks, depending on whether somebody is there. */
export async function askForPerson(visitor: Visitor, greeting: string): Promise<void> {
  await visitor.says('human please');
  await visitor.hears(['bot', 'I will look for somebody.'], ['bot', greeting], ['bot', 'May I have your name?']);
}

export async function answerIntake(visitor: Visitor, name: string, subject: string): Promise<void> {
  await visitor.says(name);
  await visitor.hears(['bot', 'And what is it about, in a few words?']);
  await visitor.says(subject);
  await visitor.hears(['bot', 'Thank you. I pass you on.']);
}

/** The conversation that the channel's newest visitor began. */
export const begun = ({ api, account }: Scene): Promise<Conversation> =>
  newestConversation(api, account.channels.webchat.id);
