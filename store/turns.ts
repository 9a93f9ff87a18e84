/**
 * Bots' turns. The tries of one turn share its answer: the first that is stored wins, whoever brings it (the attempt
 * that asked, or the bot through the API), and a later one leaves nothing behind.
 */
import { v7 as newId } from 'uuid';
import { callFunction, storableJson, type Queryable } from './call.ts';
import type { Pool } from './connection.ts';
import type { PartyConnection } from './party-connection.ts';
import type { BotAnswer } from '../workflows/conversation/inputs.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Range } from '../workflows/conversation/state.ts';

/** What all tries of a turn share. Without a dot: signed webhooks take it as their id, and separate by dots. */
export function turnId(conversationId: string, turn: number): string {
  return `${conversationId}:t${turn}`;
}

export interface TurnFacts {
  phase: string;
  contact: { id: string; name: string | null };
  channel: { id: string; type: string; settings: unknown };
  /** null: the account has no such bot. */
  bot: PartyConnection | null;
  /** Of the customer, in order, without what was erased. `content` is the adapters'. */
  messages: { id: string; content: object; at: number }[];
}

/** The answer, if one of the tries has got it already; else what the bot is to be told. */
export function readTurn(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  { turn, botId, messages }: { turn: number; botId: string; messages: Range | null },
): Promise<TurnFacts | { answer: BotAnswer }> {
  const statement = { name: 'bot-turn', text: 'SELECT bot_turn($1, $2, $3, $4, $5, $6) AS answer' };
  const { from, to } = messages ?? { from: null, to: null };
  return callFunction(pool, statement, [accountId, conversationId, turn, botId, from, to]);
}

/** A bot's words as an adapter has read them. */
export interface AnswerWords {
  messages: object[];
  handover: {
    reason?: string;
    /** Id or name; of no known group or desk: as if none was named. */
    groupId?: string;
    deskId?: string;
    skill?: string;
    webstore?: string;
    channelTag?: string;
    priority?: number;
    history?: object;
    data?: object;
  } | null;
  intake: {
    status: 'open' | 'done' | 'cancelled';
    answers: { name: string; label?: string; value: string }[];
  } | null;
}

/**
 * Stores drafts, request and intake answers with the answer, in one transaction (the caller's, where `db` is one, which
 * then puts `BotAnswered` in the inbox if this was `first`). Answers what counts from now on.
 */
export function storeBotAnswer(
  db: Queryable,
  { accountId, conversationId }: ActorId,
  { turn, botId, words, at }: { turn: number; botId: string; words: AnswerWords; at: number },
): Promise<{ first: boolean; answer: BotAnswer }> {
  const drafts = words.messages.map((content) => ({ id: newId(), content }));
  const answer: BotAnswer = {
    answerId: turnId(conversationId, turn),
    messageIds: drafts.map((draft) => draft.id),
    handover: words.handover && { requestId: `bot:${turn}`, priority: priorityOf(words.handover.priority) },
    intake: words.intake?.status ?? null,
  };
  const stored = {
    account: accountId,
    conversation: conversationId,
    turn,
    bot: botId,
    at,
    answer,
    messages: drafts,
    handover: words.handover,
    intake: lastOfEachName(words.intake?.answers ?? []),
  };
  const statement = { name: 'store-bot-answer', text: 'SELECT store_bot_answer($1::jsonb) AS answer' };
  return callFunction(db, statement, [storableJson(stored)]);
}

/** Into the range of an integer column; what is no number counts as none. */
function priorityOf(priority = 0): number {
  const whole = Math.round(priority);
  return Number.isFinite(whole) ? Math.min(Math.max(whole, -1_000), 1_000) : 0;
}

function lastOfEachName<A extends { name: string }>(answers: A[]): A[] {
  return [...new Map(answers.map((answer) => [answer.name, answer])).values()];
}
