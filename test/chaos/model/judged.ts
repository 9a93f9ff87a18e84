/** What the API answered to a command, held against what the core says of it in the state that it came to. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { allowedTo } from '../../../workflows/conversation/allowed.ts';
import { conversationDecider as core } from '../../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';
import type { Live } from './live.ts';
import type { Move } from './moves.ts';

export interface Answered {
  status: number;
  body: { code?: string; allowed?: string[]; events?: string[] };
}

export interface Taken {
  before: Live;
  after: Live;
  /** Recorded in between. */
  events: ConversationEvent[];
}

/** What is wrong, a line each. */
export function judgeCommand(
  { command, actor: { by } }: Move,
  { status, body }: Answered,
  taken: Taken,
  now: number,
): string[] {
  const { state } = taken.before;
  const wrong: string[] = [...judgeFold(taken)];
  if (status === 200) {
    const expected = expectedOf(state, command, now);
    if (expected?.kind === 'rejected') wrong.push(`accepted, and the core says ${expected.code}`);
    if (expected?.kind === 'accepted' && !isDeepStrictEqual(expected.types, body.events))
      wrong.push(`led to ${body.events?.join()}, and the core says ${expected.types.join()}`);
    return wrong;
  }
  if (status !== 409 && status !== 403) return [...wrong, `answered ${status} ${body.code ?? ''}`];
  if (taken.events.length > 0)
    wrong.push(`${status} ${body.code}, and yet ${taken.events.map(({ type }) => type).join()}`);
  if (!isDeepStrictEqual(state, taken.after.state)) wrong.push(`${status} ${body.code}, and yet another state`);
  if (status === 403) return wrong;
  const expected = expectedOf(state, command, now);
  if (expected !== null && (expected.kind !== 'rejected' || expected.code !== body.code))
    wrong.push(`409 ${body.code}, and the core says ${expected.kind === 'rejected' ? expected.code : expected.kind}`);
  if (!isDeepStrictEqual(body.allowed, allowedTo(state, by)))
    wrong.push(`409 ${body.code} allows ${body.allowed?.join()}, and the core ${allowedTo(state, by).join()}`);
  return wrong;
}

/** What is stored is what the events make of what was stored before. */
export function judgeFold({ before, after, events }: Taken): string[] {
  const folded = events.reduce((state, event) => core.evolve(state, event), before.state);
  return isDeepStrictEqual(JSON.parse(JSON.stringify(folded)), JSON.parse(JSON.stringify(after.state)))
    ? []
    : [`${events.map(({ type }) => type).join()} do not lead to the state that is stored`];
}

type Expected = { kind: 'accepted'; types: string[] } | { kind: 'rejected'; code: string } | null;

/** Null: it depends on what stands in Postgres besides. */
function expectedOf(state: ConversationState, command: Move['command'], now: number): Expected {
  if (core.needsContext(state, command) !== null) return null;
  const decision = core.decide(state, command, now);
  if (decision.kind === 'rejected') return { kind: 'rejected', code: decision.rejection.code };
  return { kind: 'accepted', types: decision.kind === 'accepted' ? decision.events.map(({ type }) => type) : [] };
}
