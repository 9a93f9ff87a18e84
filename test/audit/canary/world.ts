/**
 * Baton whole, and everything around it says words that are nowhere else: networks, bots and desks with their errors, and
 * a worker whose databases and providers fail. All that the processes log can be read.
 */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Activities } from '../../../activities/contract.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import type { ActorId } from '../../../workflows/conversation/messages.ts';
import { startOutside, type Connected, type Outside } from '../../api/outside/outside.ts';
import type { Canaries } from './canaries.ts';

export interface CanaryWorld {
  canaries: Canaries;
  outside: Outside;
  /** Of every process. */
  logs(): string;
  /** With a key or token, or none. Throws where the status is another. */
  call(status: number, by: string | null, method: string, path: string, said?: Said): Promise<Record<string, string>>;
  /** Waits until this has happened so often in the conversation of a thread. */
  sees(account: Connected, thread: string, type: ConversationEvent['type'], nth?: number): Promise<ActorId>;
}

export interface Said {
  body?: unknown;
  headers?: Record<string, string>;
}

export async function openCanaryWorld(canaries: Canaries): Promise<CanaryWorld> {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const outside = await startOutside({ logger: pino({ level: 'trace' }, sink), around: failForAWhile(canaries) });
  const { stack, api } = outside;
  return {
    canaries,
    outside,
    logs: () => [...lines, ...api.logs].join(''),
    async call(status, by, method, path, { body, headers = {} } = {}) {
      const answer = await api.call(by, method, path, body, headers);
      if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.body as unknown as Record<string, string>;
    },
    async sees({ accountId, conversation }, thread, type, nth = 1) {
      const actor = { accountId, conversationId: await conversation(thread) };
      await stack.sees(actor, type, nth);
      return actor;
    },
  };
}

/** What databases and providers say when they fail has words in it, too. */
function failForAWhile(canaries: Canaries): (activities: Activities) => Activities {
  // Three tries near by, then one that Temporal repeats.
  const left = { record: 4, send: 1 };
  const fail = (which: keyof typeof left): void => {
    if (left[which] === 0) return;
    left[which] -= 1;
    throw new Error(`${canaries.of(`${which}failed`)} is not valid`);
  };
  return (activities) => ({
    ...activities,
    async record(actor, recording) {
      if (recording.events.some(({ event }) => event.type === 'BotTurnAnswered')) fail('record');
      return activities.record(actor, recording);
    },
    async sendMessage(actor, work) {
      fail('send');
      return activities.sendMessage(actor, work);
    },
  });
}
