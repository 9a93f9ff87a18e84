/** Inputs as they come, with what a test doesn't care about filled in. Rows get their place from the scene. */
import type { BotAnswer, By, Command, InboxInput, Route, WorkFailure } from '../../workflows/conversation/inputs.ts';
import { policyOf, type PolicyChange } from './given.ts';

type Row<T extends InboxInput['type']> = Extract<InboxInput, { type: T }>;
type Asked<T extends Command['type']> = Extract<Command, { type: T }>;
/** What a test says of an input: its own fields, and what it wants otherwise than usual. */
type Own<I> = Omit<I, 'type' | 'seq' | 'by' | 'key'> & { by?: By; key?: string };

const seq = 0;

export const agent = (agentId: string): By => ({ kind: 'agent', agentId });
export const supervisor: By = { kind: 'supervisor', agentId: 'sue' };
export const api: By = { kind: 'api', keyId: 'key-1' };

export const wrote = (messageId: string, more: Partial<Row<'CustomerWrote'>> = {}): Row<'CustomerWrote'> => ({
  type: 'CustomerWrote',
  seq,
  messageId,
  ...more,
});

export function row<T extends InboxInput['type']>(type: T, own: Omit<Row<T>, 'type' | 'seq'>): Row<T> {
  return { type, seq, ...own } as Row<T>;
}

/** A command of the backend's, unless `by` says otherwise. */
export function asks<T extends Command['type']>(type: T, own: Own<Asked<T>>): Asked<T> {
  return { type, by: api, key: `key-of-${type}`, ...own } as unknown as Asked<T>;
}

export const requested = asks('RequestHandover', { request: { requestId: 'request-1', priority: 0 } });
export const join = (agentId: string) => asks('Join', { agentId, by: agent(agentId) });
export const replies = (agentId: string, messageId: string) =>
  asks('Reply', { agentId, messageId, by: agent(agentId) });
export const resolves = (by: By = api) => asks('Resolve', { by });
export const blocks = (expiresAt: number | null = null) => asks('Block', { blockId: 'block-1', expiresAt });

let answers = 0;

/** A bot's answer; `says` are its drafts. */
export function answer(says: string[], more: Partial<BotAnswer> = {}): BotAnswer {
  answers += 1;
  return { answerId: `answer-${answers}`, messageIds: says, handover: null, intake: null, ...more };
}

export const answered = (says: string[], more: Partial<BotAnswer> = {}) =>
  ({ kind: 'answered', answer: answer(says, more) }) as const;

export const wantsPerson = { handover: { requestId: 'request-1', priority: 0 } };

export function failed(failure: WorkFailure['class'] = 'retryable', retryAfterMs: number | null = null): WorkFailure {
  return { kind: 'failed', class: failure, retryAfterMs };
}

export const toGroup = { kind: 'group', groupId: 'group-1' } as const;
export const toDesk = { kind: 'desk', deskId: 'desk-1' } as const;

export function routed(more: Partial<Route> = {}, policy: PolicyChange = {}) {
  const route: Route = { target: toGroup, situation: null, policy: policyOf(policy), ...more };
  return { kind: 'routed', route } as const;
}
