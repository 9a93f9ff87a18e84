/** Plays a script on a simulated conversation, and brings it to rest: what waits is done, what is open comes to its end. */
import { v7 as uuid } from 'uuid';
import type { BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import { acceptCommand } from '../../store/inbox.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { answerLater, draftBlock, matchTo, putReceipt, writeRequest } from './conversation-rows.ts';
import type { Step } from './crash-script.ts';
import { required } from './required.ts';
import type { Simulation } from './simulation.ts';

const hour = 3_600_000;
const farMs = 25 * hour;
const blockMs = 2 * hour;

/** What a script runs on. */
export interface Stage {
  simulation: Simulation;
  deskId: string;
  otherGroupId: string;
}

export interface Player {
  play(step: Step): Promise<void>;
  command(type: Command['type'], more?: Partial<Pick<Extract<Step, { do: 'command' }>, 'agent' | 'to'>>): Promise<void>;
  /** Every command that got no answer is sent again, as clients do, until nothing moves and nothing pending waits. */
  rest(): Promise<void>;
  /** Time passes until nothing is open any more. */
  end(): Promise<void>;
  /** Customer's messages that can be decided on. */
  readonly written: number;
  readonly sent: Command[];
  readonly failedByReceipt: number[];
  /** Each try of a bot's turn, as it came to the bot. */
  readonly asked: BotTurn[];
}

export function createPlayer({ simulation, deskId, otherGroupId }: Stage): Player {
  const { pool, id, account } = simulation;
  const sent: Command[] = [];
  const failedByReceipt: number[] = [];
  let written = 0;
  const deferred: BotTurn[] = [];
  const asked: BotTurn[] = [];

  const date = (): Date => new Date(simulation.now());
  const agentId = (nth: number): string => required(account.agentIds[nth]);
  const state = () => simulation.actor.state;
  simulation.answerBot = (turn) => {
    const words = wordsOf(turn);
    asked.push(turn);
    if (words === 'deferred') deferred.push(turn);
    return words;
  };

  const targetOf = (to: 'agent' | 'group' | 'desk', agent: number) => {
    if (to === 'agent') return { kind: to, agentId: agentId((agent + 1) % 3) };
    return to === 'group' ? { kind: to, groupId: otherGroupId } : { kind: to, deskId };
  };

  /** What the API stores before the command. */
  const stored = async (type: Command['type'], agent: number, to: 'agent' | 'group' | 'desk'): Promise<object> => {
    const { phase } = state();
    switch (type) {
      case 'Reply':
        return { messageId: await simulation.draft(`agent ${agent}: ${sent.length}`) };
      case 'Forward':
        return { to: targetOf(to, agent) };
      case 'Assign':
        return { override: to === 'desk' };
      case 'Block': {
        const expiresAt = to === 'agent' ? null : simulation.now() + blockMs;
        return { blockId: await draftBlock(pool, id, 'rude', expiresAt, date()), expiresAt };
      }
      case 'RequestHandover': {
        const requestId = await writeRequest(pool, id, to === 'desk' ? deskId : null, date());
        return { request: { requestId, priority: agent } };
      }
      case 'AcceptOffer':
      case 'DeclineOffer':
        return { claimId: phase.name === 'queued' && phase.offer ? phase.offer.claimId : uuid() };
      default:
        return {};
    }
  };

  const command: Player['command'] = async (type, { agent = 0, to = 'agent' } = {}) => {
    const kind = type === 'Assign' || to === 'desk' ? 'supervisor' : 'agent';
    const ground = required(await acceptCommand(pool, account.accountId, id.conversationId, simulation.now()));
    const made = {
      type,
      key: `${id.conversationId}:${sent.length}`,
      by: { kind, agentId: agentId(agent) },
      agentId: agentId(agent),
      at: ground.at,
      after: ground.after,
      ...(await stored(type, agent, to)),
    } as Command;
    sent.push(made);
    simulation.send(made);
  };

  const deskSays = async ({ says, offer, stale }: Extract<Step, { do: 'desk' }>): Promise<void> => {
    simulation.answerOffer = offer;
    const handover = Math.max(0, (state().handover?.no ?? 0) - (stale ? 1 : 0));
    const messageId = says === 'Answered' ? { messageId: await simulation.draft('desk: good day') } : {};
    await simulation.put(`Desk${says}`, { deskId, personId: null, handover, ...messageId });
  };

  const poison = async (by: 'row' | 'command'): Promise<void> => {
    if (by === 'row') await simulation.put('CustomerWrote', { messageId: 'nobody wrote this' });
    else simulation.send({ type: 'Tag', key: uuid(), by: { kind: 'engine' }, add: ['no id'], remove: [] });
  };

  const receipt = async ({ nth, status }: Extract<Step, { do: 'receipt' }>): Promise<void> => {
    const heard = simulation.deliveries.filter(({ at }) => at === 'channel').toReversed()[nth];
    if (!heard) return;
    if (status === 'failed') failedByReceipt.push(Number(heard.key.split(':')[1]));
    await putReceipt(pool, account, { key: heard.key, status, at: date() });
  };

  const play = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'write':
        written += 1;
        await simulation.write(step.text);
        return;
      case 'cancel':
        await simulation.put('CustomerCancelled', {});
        return;
      case 'hand':
        return simulation.hand(Math.max(1, simulation.actor.stored.seq + 1 - step.back));
      case 'settle':
        if (step.all) await simulation.hand(simulation.actor.stored.seq + 1);
        Object.assign(simulation, { crash: step.crash, crashAfter: step.after, outDies: step.outDies });
        return simulation.settle();
      case 'work':
        return simulation.out.splice(step.nth % Math.max(1, simulation.out.length), 1)[0]?.finish(step.reply);
      case 'hold':
        return simulation.out[step.nth % Math.max(1, simulation.out.length)]?.start(step.door, step.reply);
      case 'time':
        return simulation.passTo(timeOf(simulation, step.to));
      case 'command':
        if (step.type !== 'again') return command(step.type, step);
        if (sent.length > 0) simulation.send(required(sent.at(-1)));
        return;
      case 'desk':
        return deskSays(step);
      case 'match':
        await matchTo(pool, id, { agentId: agentId(step.agent), offer: step.offer, at: date() });
        return;
      case 'leave': {
        const { agent, chats } = step;
        // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
        await simulation.put('AgentLeft', { agentId: agentId(agent), then: chats, groupId: otherGroupId });
        return;
      }
      case 'receipt':
        return receipt(step);
      case 'answer later': {
        const [turn, botId] = [deferred.pop(), state().session?.botId];
        if (!turn || !botId) return;
        const no = Number(turn.turnId.split(':t')[1]);
        await answerLater(pool, id, { turn: no, botId, words: says('bot: at last'), at: date() });
        return;
      }
      case 'poison':
        return poison(step.by);
      case 'restart':
        simulation.outDies = step.outDies;
        return simulation.restart();
    }
  };

  const rest = async (): Promise<void> => {
    simulation.crash = null;
    for (let waits = 0; waits < 200; waits += 1) {
      await simulation.finish();
      for (const one of sent) if (!simulation.outcomes.has(one.key)) simulation.send(one);
      await simulation.finish();
      if (conversationDecider.pending(state()).length === 0) return;
      simulation.passTo(required(simulation.actor.wakeAt()));
    }
    throw new Error(`Never comes to rest: ${JSON.stringify(conversationDecider.pending(state()))}`);
  };

  return {
    play,
    command,
    rest,
    async end() {
      for (let waits = 0; waits < 100 && !simulation.actor.isOver(); waits += 1) {
        simulation.passTo(required(simulation.actor.wakeAt()));
        await rest();
      }
    },
    get written() {
      return written;
    },
    sent,
    failedByReceipt,
    asked,
  };
}

const says = (text: string): BotWords => ({ messages: [{ text }], handover: null, intake: null });

/** It hands over who asks for a person, asks one question before that, and takes its time where it is told so. */
function wordsOf({ event, intake, turnId }: BotTurn): BotWords | 'deferred' {
  if (event.type !== 'messages') return says(`bot: ${event.type}`);
  const texts = event.messages.map((message) => message.content.text);
  if (intake) return { ...says('bot: thank you'), intake: { status: 'done', answers: [] } };
  if (texts.includes('person')) return { ...says('bot: one moment'), handover: { priority: 0 } };
  return texts.includes('slowly') ? 'deferred' : says(`bot: ${turnId}`);
}

/** By the nearest time at which the actor would look again by itself. */
function timeOf(simulation: Simulation, to: Extract<Step, { do: 'time' }>['to']): number {
  const next = simulation.actor.wakeAt() ?? simulation.now();
  switch (to) {
    case 'just before':
      return next - 1;
    case 'at':
      return next;
    case 'past':
      return next + 1_000;
    case 'far past':
      return simulation.now() + farMs;
  }
}
