import { v7 as uuid } from 'uuid';
import type { CommandName } from '../../workflows/conversation/inputs.ts';
import type { ActorId, Outcome } from '../../workflows/conversation/messages.ts';
import type { SeededAccount } from '../support/account.ts';
import type { ActorStack } from '../support/actor-stack.ts';
import { writeDraft } from '../support/conversation-rows.ts';

/** Numbers with which a conversation goes straight from the bot into the queue. */
export const noIntake = { numbers: { intake: { by: 'none' as const } } };

function ask(stack: ActorStack, id: ActorId, name: CommandName, payload: object): Promise<Outcome> {
  return stack.commands.execute(id, name, { key: uuid(), ...payload } as never);
}

/** The bot greets, the customer wants a person, an agent takes over, answers and resolves. */
export async function haveConversation(stack: ActorStack, account: SeededAccount): Promise<ActorId> {
  const thread = uuid();
  const [agentId = ''] = account.agentIds;
  const by = { kind: 'agent', agentId };
  stack.bot.answer = () => ({ messages: [{ text: 'I am the bot' }], handover: null, intake: null });
  const { conversationId } = await stack.write(account, thread, 'hello');
  const id = { accountId: account.accountId, conversationId: conversationId ?? '' };
  await stack.sees(id, 'MessageSettled');
  stack.bot.answer = () => ({ messages: [], handover: { priority: 0, reason: 'wants a person' }, intake: null });
  await stack.write(account, thread, 'a person, please');
  await stack.sees(id, 'ConversationQueued');
  await ask(stack, id, 'Join', { by, agentId });
  await ask(stack, id, 'Reply', { by, agentId, messageId: await writeDraft(stack.pool, id, 'I am a person') });
  await ask(stack, id, 'Resolve', { by });
  // Hello, the bot's and the agent's words, and the notices of both situations have reached the customer.
  await stack.sees(id, 'MessageSettled', 4);
  return id;
}
