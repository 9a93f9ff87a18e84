/**
 * Gives a bot its turn: one try. All tries of a turn share its id and its answer; the first that is stored wins, also
 * one that came through the API meanwhile, and then nobody is asked.
 */
import { signReplyToken } from '../adapters/reply-token.ts';
import type { BotTurn } from '../adapters/contract/bot.ts';
import type { Content } from '../adapters/contract/content.ts';
import { failure, repeatable } from '../adapters/outcomes.ts';
import { readTurn, storeBotAnswer, turnId, type TurnFacts } from '../store/turns.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { callAdapter } from './adapter-call.ts';
import { failed, inTime } from './attempt.ts';
import type { WorkActivities, WorkOf } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { leaveAlone, waitFor } from './rates.ts';
import { connectionOf } from './transport.ts';

type AskBot = WorkOf<'AskBot'>;

export function createAskBot(deps: WorkDependencies): WorkActivities['askBot'] {
  const { pool, clock, bots } = deps;
  return async (actor, work) => {
    const facts = await readTurn(pool, actor, work);
    if ('answer' in facts) return { kind: 'answered', answer: facts.answer };
    const { bot } = facts;
    const adapter = bot && bots.get(bot.type);
    if (!bot || !adapter) return failed({ class: 'permanent' });
    if (bot.disabled) return failed({ class: 'auth' });
    const wait = waitFor(bot.blockedUntil, clock());
    if (wait) return failed(wait);

    const to = { type: bot.type, connection: connectionOf(actor.accountId, work.botId, bot) };
    const asked = await inTime(
      work.timeoutMs,
      (signal) =>
        callAdapter(deps, to, signal, async (call) => {
          const turn = turnOf(deps, actor, work, facts);
          return turn ? adapter.ask(turn, call) : failure('permanent', 'no-such-channel');
        }),
      failure('retryable', 'no-answer'),
    );
    if (!asked.ok) return failed(await leaveAlone(deps, actor.accountId, work.botId, repeatable(asked)));
    if ('deferred' in asked) return { kind: 'deferred' };
    const stored = await storeBotAnswer(pool, actor, { ...work, words: asked.words, at: clock() });
    return { kind: 'answered', answer: stored.answer };
  };
}

/** null: a channel that this build doesn't know, so nobody can say what it carries. */
function turnOf(deps: WorkDependencies, actor: ActorId, work: AskBot, facts: TurnFacts): BotTurn | null {
  const { id, type, settings } = facts.channel;
  const capabilities = deps.channels.get(type)?.capabilities(settings);
  if (!capabilities) return null;
  const { contact } = facts;
  return {
    turnId: turnId(actor.conversationId, work.turn),
    conversation: { id: actor.conversationId, channel: { id, type }, capabilities },
    contact: contact.name === null ? { id: contact.id } : { id: contact.id, name: contact.name },
    event: eventOf(work, facts),
    intake: facts.phase === 'prechat',
    reply: replyOf(deps, actor, work),
  };
}

function eventOf({ about }: AskBot, { messages }: TurnFacts): BotTurn['event'] {
  switch (about.kind) {
    case 'prechat':
      return { type: 'prechat', agentStatus: about.agentStatus };
    case 'returned':
      return { type: 'returned', because: about.because };
    case 'messages':
      return {
        type: 'messages',
        messages: messages.map(({ id, content, at }) => ({
          id,
          content: content as Content,
          at: new Date(at).toISOString(),
        })),
      };
  }
}

function replyOf({ publicUrl, tokenKey }: WorkDependencies, actor: ActorId, work: AskBot): BotTurn['reply'] {
  const { accountId, conversationId } = actor;
  return {
    url: `${publicUrl}/v1/bot-replies/${accountId}/${conversationId}/${work.turn}`,
    token: signReplyToken(tokenKey, accountId, turnId(conversationId, work.turn)),
    deadlineMs: work.deferMs,
  };
}
