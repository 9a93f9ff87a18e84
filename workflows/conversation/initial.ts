import { defaultPolicy } from './policy.ts';
import type { ConversationState } from './state.ts';

/** A conversation before anything happened: no session, and the engine holds the baton. Every fold begins here. */
export const initialState: ConversationState = {
  phase: { name: 'bot' },
  baton: { holder: { kind: 'engine' }, epoch: 0 },
  session: null,
  accountPolicy: defaultPolicy,
  policy: defaultPolicy,
  handover: null,
  turn: null,
  waiting: null,
  setAside: [],
  answers: [],
  outbox: [],
  takenBack: [],
  window: { closedAt: null, wroteAfter: 0 },
  block: null,
  tagIds: [],
  apologizedIn: 0,
  count: { session: 0, handover: 0, turn: 0, entry: 0, outbound: 0, deskNotice: 0 },
  transfers: 0,
  returns: 0,
  deskNotices: [],
};
