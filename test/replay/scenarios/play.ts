/** What the scenarios are played with: a conversation on a stack, and the moves of everybody in it. */
import { v7 as uuid } from 'uuid';
import { inAccount } from '../../../store/connection.ts';
import { acceptInbound } from '../../../store/inbound.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import type { CommandName } from '../../../workflows/conversation/inputs.ts';
import type { ActorId, Outcome } from '../../../workflows/conversation/messages.ts';
import type { AccountOptions, SeededAccount } from '../../support/account.ts';
import type { ActorStack } from '../../support/actor-stack.ts';
import { putRow, writeDraft } from '../../support/conversation-rows.ts';

export interface Scenario {
  /** What it shows, and the name of its file. */
  name: string;
  options?: AccountOptions;
  play(stage: Stage): Promise<void>;
}

export interface Stage {
  stack: ActorStack;
  account: SeededAccount;
  /** Set by the customer's first message. */
  id: ActorId;
  /** In one webhook, so they are handed over together. */
  writes(...texts: string[]): Promise<void>;
  /** Throws where it is rejected. */
  agent(index: number, name: CommandName, payload?: object): Promise<Outcome>;
  rejected(index: number, name: CommandName, payload?: object): Promise<void>;
  replies(index: number, text: string): Promise<Outcome>;
  /** A row of the inbox that no webhook of this stack would bring. */
  comes(type: string, payload: object): Promise<void>;
  sees(type: ConversationEvent['type'], nth?: number): Promise<void>;
}

export async function openStage(stack: ActorStack, options: AccountOptions = {}): Promise<Stage> {
  return stageIn(stack, await stack.account(options));
}

/** A conversation of this account's, on its channel. */
export function stageIn(stack: ActorStack, account: SeededAccount): Stage {
  const thread = uuid();
  stack.bot.answer = () => ({ messages: [], handover: null, intake: null });
  const commanded = (index: number, name: CommandName, payload: object): Promise<Outcome> => {
    const agentId = account.agentIds[index] ?? '';
    const command = { key: uuid(), by: { kind: 'agent', agentId }, agentId, ...payload };
    return stack.commands.execute(stage.id, name, command as never);
  };
  const stage: Stage = {
    stack,
    account,
    id: { accountId: account.accountId, conversationId: '' },
    async writes(...texts) {
      const { accountId, channelId: sourceId } = account;
      const from = { kind: 'message', thread, contact: { externalId: thread } } as const;
      const items = texts.map((text) => ({ ...from, externalId: uuid(), content: { text } }));
      const [accepted] = await acceptInbound(stack.apiPool, { accountId, sourceId, at: Date.now(), items });
      stage.id = { accountId, conversationId: accepted?.conversationId ?? '' };
    },
    async agent(index, name, payload = {}) {
      const outcome = await commanded(index, name, payload);
      if (!outcome.ok) throw new Error(`${name} was rejected: ${outcome.rejection.code}`);
      return outcome;
    },
    async rejected(index, name, payload = {}) {
      const outcome = await commanded(index, name, payload);
      if (outcome.ok) throw new Error(`${name} was accepted`);
    },
    async replies(index, text) {
      return stage.agent(index, 'Reply', { messageId: await writeDraft(stack.pool, stage.id, text) });
    },
    async comes(type, payload) {
      await putRow(stack.pool, stage.id, type, payload);
    },
    sees: (type, nth) => stack.sees(stage.id, type, nth),
  };
  return stage;
}

/** The bot says this to every turn. */
export function botSays({ stack }: Stage, text: string): void {
  stack.bot.answer = () => ({ messages: [{ text }], handover: null, intake: null });
}

/** The bot answers the customer by asking for a person, and lets everything else pass. */
export function botHandsOver({ stack }: Stage, deskId?: string): void {
  stack.bot.answer = ({ event }) => ({
    messages: [],
    handover: event.type === 'messages' ? { priority: 0, ...(deskId !== undefined && { deskId }) } : null,
    intake: null,
  });
}

export async function toQueue(stage: Stage): Promise<void> {
  botHandsOver(stage);
  await stage.writes('a person, please');
  await stage.sees('ConversationQueued');
}

export async function setPolicy({ stack, account }: Stage, column: 'form' | 'routing', value: unknown): Promise<void> {
  await inAccount(stack.pool, account.accountId, (tx) =>
    tx.query(`UPDATE policies SET ${column} = $2 WHERE account_id = $1`, [account.accountId, JSON.stringify(value)]),
  );
}
