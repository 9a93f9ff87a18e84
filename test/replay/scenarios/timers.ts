/** Every timer, with numbers that a test can wait for. */
import { claimPlace, draftBlock } from '../../support/conversation-rows.ts';
import { botSays, toQueue, type Scenario } from './play.ts';

const soon = 700;
const noIntake = { intake: { by: 'none' as const } };

export const timerScenarios: Scenario[] = [
  {
    name: 'timer-session',
    options: { numbers: { lock: { sessionMs: soon } } },
    async play(stage) {
      botSays(stage, 'hello');
      await stage.writes('hello');
      await stage.sees('SessionEnded');
    },
  },
  {
    name: 'timer-prechat-abandoned',
    options: { numbers: { intake: { abandonedMs: soon } } },
    async play(stage) {
      stage.stack.bot.answer = ({ event }) => ({
        messages: event.type === 'prechat' ? [{ text: 'What is it about?' }] : [],
        handover: event.type === 'messages' ? { priority: 0 } : null,
        intake: null,
      });
      await stage.writes('a person, please');
      await stage.sees('ReturnedToBot');
      await stage.sees('BotTurnAnswered', 3);
    },
  },
  {
    name: 'timer-queue-wait',
    options: { numbers: { ...noIntake, queue: { waitMs: soon } } },
    async play(stage) {
      await toQueue(stage);
      await stage.sees('QueueWaitPassed');
    },
  },
  {
    name: 'timer-queue-wait-to-bot',
    options: { numbers: { ...noIntake, queue: { waitMs: soon, onWaitOver: 'bot' } } },
    async play(stage) {
      await toQueue(stage);
      await stage.sees('ReturnedToBot');
      await stage.sees('BotTurnAnswered', 2);
    },
  },
  {
    name: 'timer-offer',
    options: { numbers: { ...noIntake, assignment: 'automatic', offer: { acceptMs: 2 * soon } } },
    async play(stage) {
      await toQueue(stage);
      const [first = '', second = ''] = stage.account.agentIds;
      await offer(stage, first);
      await stage.sees('OfferEnded');
      const claimId = await offer(stage, second);
      await stage.sees('OfferMade', 2);
      await stage.agent(1, 'AcceptOffer', { claimId });
      await stage.sees('ConversationAssigned');
    },
  },
  {
    name: 'timer-first-reply',
    options: { numbers: { ...noIntake, firstReplyMs: soon } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Join');
      await stage.sees('ConversationQueued', 2);
    },
  },
  {
    name: 'timer-idle',
    options: { numbers: { ...noIntake, idle: { warnMs: soon, closeMs: 2 * soon } } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Join');
      await stage.replies(0, 'are you there?');
      await stage.sees('IdleWarned');
      await stage.sees('ConversationResolved');
    },
  },
  {
    name: 'timer-block-expiry',
    async play(stage) {
      botSays(stage, 'hello');
      await stage.writes('hello');
      await stage.sees('BotTurnAnswered');
      const expiresAt = Date.now() + soon;
      const blockId = await draftBlock(stage.stack.pool, stage.id, 'abuse', expiresAt);
      await stage.agent(0, 'Block', { blockId, expiresAt });
      await stage.sees('ConversationUnblocked');
    },
  },
  {
    name: 'timer-bot-turn',
    options: { numbers: { bot: { turnMs: soon } } },
    async play(stage) {
      stage.stack.bot.answer = () => 'deferred';
      await stage.writes('hello');
      await stage.sees('BotTurnFailed');
    },
  },
];

/** What a matcher does: it takes a place and offers the chat. */
async function offer(stage: Parameters<Scenario['play']>[0], agentId: string): Promise<string> {
  const state = await stage.stack.state(stage.id);
  const entry = state?.phase.name === 'queued' ? state.phase.entry : 0;
  const claimId = await claimPlace(stage.stack.pool, stage.id, agentId, entry);
  await stage.comes('AgentClaimed', { claimId, entry, agentId, epoch: state?.baton.epoch, offer: true });
  return claimId;
}
