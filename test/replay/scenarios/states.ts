/** Every state, and what people do in it. */
import { v7 as uuid } from 'uuid';
import { draftBlock } from '../../support/conversation-rows.ts';
import { botHandsOver, botSays, setPolicy, toQueue, type Scenario } from './play.ts';

export const stateScenarios: Scenario[] = [
  {
    name: 'bot-intake-to-resolved',
    async play(stage) {
      botSays(stage, 'I am the bot');
      await stage.writes('hello');
      await stage.sees('MessageSettled');
      stage.stack.bot.answer = ({ event }) => ({
        messages: event.type === 'prechat' ? [{ text: 'What is your order?' }] : [],
        handover: event.type === 'messages' ? { priority: 1, reason: 'asked', skill: 'orders' } : null,
        intake: null,
      });
      await stage.writes('a person, please');
      await stage.sees('MessageSettled', 2);
      stage.stack.bot.answer = () => ({
        messages: [{ text: 'Thank you' }],
        handover: null,
        intake: { status: 'done', answers: [{ name: 'order', value: '4711' }] },
      });
      await stage.writes('4711');
      await stage.sees('ConversationQueued');
      await stage.agent(0, 'Join');
      await stage.replies(0, 'I am a person');
      await stage.writes('thanks');
      await stage.sees('CustomerMessageAccepted', 4);
      await stage.agent(0, 'Tag', { add: [uuid()], remove: [] });
      await stage.agent(0, 'Resolve');
      await stage.sees('MessageSettled', 6);
    },
  },
  {
    name: 'messages-together',
    async play(stage) {
      botSays(stage, 'I am the bot');
      await stage.writes('hello', 'are you there?');
      await stage.sees('MessageSettled');
      await stage.writes('one', 'two', 'three');
      await stage.sees('BotTurnWidened', 3);
      await stage.sees('MessageSettled', 2);
    },
  },
  {
    name: 'people-pass-it-on',
    options: { numbers: { intake: { by: 'none' } }, agents: 3 },
    async play(stage) {
      await toQueue(stage);
      const [, second = '', third = ''] = stage.account.agentIds;
      await stage.agent(0, 'Join');
      await stage.rejected(1, 'Join');
      await stage.agent(0, 'Unassign');
      await stage.agent(1, 'Join');
      await stage.agent(1, 'Forward', { to: { kind: 'agent', agentId: third } });
      await stage.agent(2, 'Assign', { by: { kind: 'supervisor', agentId: third }, agentId: second, override: true });
      await stage.replies(1, 'here I am');
      await stage.agent(1, 'Resolve');
      await stage.agent(1, 'Resolve'); // again: accepted, and nothing happens
      await stage.writes('one more thing');
      await stage.sees('ConversationReopened');
      botSays(stage, 'it is me again');
      await stage.agent(1, 'HandBack');
      await stage.sees('BotTurnAnswered', 2);
    },
  },
  {
    name: 'form-intake',
    options: { numbers: { intake: { by: 'form', fields: 2 } } },
    async play(stage) {
      await setPolicy(stage, 'form', [
        { name: 'mail', question: 'Your e-mail?', type: 'email', required: true },
        { name: 'order', question: 'Your order?', type: 'number', required: true },
      ]);
      botHandsOver(stage);
      await stage.writes('a person, please');
      await stage.sees('MessageQueued');
      await stage.writes('no address');
      await stage.sees('FormAnswerRefused');
      await stage.writes('ann@example.org');
      await stage.sees('FormAnswered');
      await stage.writes('4711');
      await stage.sees('ConversationQueued');
    },
  },
  {
    name: 'form-cancelled',
    options: { numbers: { intake: { by: 'form', fields: 1 } } },
    async play(stage) {
      await setPolicy(stage, 'form', [{ name: 'mail', question: 'Your e-mail?', type: 'email', required: true }]);
      botHandsOver(stage);
      await stage.writes('a person, please');
      await stage.sees('MessageQueued');
      botSays(stage, 'good to have you back');
      await stage.writes('cancel');
      await stage.sees('ReturnedToBot');
      await stage.sees('BotTurnAnswered', 2);
    },
  },
  {
    name: 'managers-first',
    options: { responsible: 'managers' },
    async play(stage) {
      await stage.writes('hello');
      await stage.sees('ConversationQueued');
      await stage.agent(0, 'Join');
      await stage.replies(0, 'hello');
      await stage.sees('OwnerReplied');
    },
  },
  {
    name: 'blocked-and-unblocked',
    options: { numbers: { intake: { by: 'none' } } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Join');
      const blockId = await draftBlock(stage.stack.pool, stage.id, 'abuse', null);
      await stage.agent(0, 'Block', { blockId, expiresAt: null });
      await stage.writes('a person!');
      await stage.sees('BotTurnAnswered', 2);
      await stage.agent(0, 'RequestHandover', { request: { requestId: uuid(), priority: 0 } });
      await stage.agent(0, 'Unblock');
      await stage.sees('ConversationUnblocked');
    },
  },
];
