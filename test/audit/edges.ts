/** Moves that no golden history makes, so that all together go along every edge of the state diagram. */
import { workflowId } from '../../workflows/conversation/messages.ts';
import { draftBlock } from '../support/conversation-rows.ts';
import { startFakeDesk } from '../support/fake-desk.ts';
import { botHandsOver, botSays, toQueue, type Scenario, type Stage } from '../replay/scenarios/play.ts';
import { addDesk } from '../replay/scenarios/troubles.ts';
import { noIntake } from './whole-conversation.ts';

export const edgeScenarios: Scenario[] = [
  {
    name: 'a desk takes the chat from the bot and closes it; then the contact is blocked',
    async play(stage) {
      botSays(stage, 'hello');
      await stage.writes('hello');
      await stage.sees('BotTurnAnswered');
      await withDesk(stage, async (deskId) => {
        await takenBy(stage, deskId);
        await stage.comes('DeskClosed', { deskId, handover: 1 });
        await stage.sees('ConversationResolved');
      });
      await blocks(stage);
    },
  },
  {
    name: 'a desk takes the chat out of the intake, forwards it to a group, and the contact is blocked there',
    async play(stage) {
      await toIntake(stage);
      await withDesk(stage, async (deskId) => {
        await takenBy(stage, deskId);
        const by = { kind: 'supervisor', agentId: stage.account.agentIds[0] };
        await stage.agent(0, 'Forward', { by, to: { kind: 'group', groupId: stage.account.groupId } });
        await stage.sees('ConversationQueued');
      });
      await blocks(stage);
    },
  },
  {
    name: 'blocked in the middle of the intake, for longer than the session lasts',
    options: { numbers: { lock: { sessionMs: 1_500 } } },
    async play(stage) {
      await toIntake(stage);
      await blocks(stage);
      await stage.sees('SessionEnded');
      await stage.writes('still here');
      await stage.sees('ConversationBlocked', 2);
    },
  },
  {
    name: 'resolved out of the queue, which ends the lock',
    options: { numbers: { ...noIntake.numbers, lock: { until: 'resolve' } } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Resolve');
      botSays(stage, 'it is me again');
      await stage.writes('one more thing');
      await stage.sees('BotTurnAnswered', 2);
    },
  },
  {
    name: 'taken up again by an agent, then by the customer, who waits',
    options: { numbers: { ...noIntake.numbers, reopen: { to: 'queue' } } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Join');
      await stage.agent(0, 'Resolve');
      await stage.agent(0, 'Reopen');
      await stage.agent(0, 'Resolve');
      await stage.writes('one more thing');
      await stage.sees('ConversationQueued', 2);
    },
  },
  {
    name: 'a desk that was asked refuses',
    options: noIntake,
    async play(stage) {
      await withDesk(stage, async (deskId) => {
        botHandsOver(stage, deskId);
        await stage.writes('a person, please');
        await stage.sees('DeskOpened');
        await stage.comes('DeskRefused', { deskId, handover: 1 });
        await stage.sees('BotTurnAnswered', 2);
      });
    },
  },
  {
    name: 'terminated in the queue, and started again by an agent who joins',
    options: noIntake,
    async play(stage) {
      await toQueue(stage);
      await stage.stack.temporal.client.getHandle(workflowId(stage.id)).terminate();
      await stage.agent(0, 'Join');
      await stage.sees('MessageSettled');
    },
  },
];

/** The bot has asked a question, and waits for the answer. */
async function toIntake(stage: Stage): Promise<void> {
  stage.stack.bot.answer = ({ event }) => ({
    messages: event.type === 'prechat' ? [{ text: 'What is your order?' }] : [],
    handover: event.type === 'messages' ? { priority: 0 } : null,
    intake: null,
  });
  await stage.writes('a person, please');
  await stage.sees('BotTurnAnswered', 2);
}

async function blocks(stage: Stage): Promise<void> {
  const blockId = await draftBlock(stage.stack.pool, stage.id, 'abuse', null);
  await stage.agent(0, 'Block', { blockId, expiresAt: null });
}

async function takenBy(stage: Stage, deskId: string): Promise<void> {
  await stage.comes('DeskTook', { deskId, personId: null });
  await stage.sees('ConversationAssigned');
}

async function withDesk(stage: Stage, play: (deskId: string) => Promise<void>): Promise<void> {
  const desk = await startFakeDesk();
  try {
    await play(await addDesk(stage, desk));
  } finally {
    await desk.stop();
  }
}
