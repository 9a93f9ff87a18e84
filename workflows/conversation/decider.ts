import type { Decider } from '../actor/decider.ts';
import { complete } from './complete.ts';
import { deadlines } from './deadlines.ts';
import { decide } from './decide.ts';
import { beginning, question } from './decide/rules/question.ts';
import type { ConversationEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { initialState } from './initial.ts';
import type { Context, DeadlineKind, Input, WorkDone } from './inputs.ts';
import { pending } from './pending.ts';
import { requireReadable } from './readable.ts';
import type { Refusal } from './refusals.ts';
import type { ConversationState } from './state.ts';
import type { ConversationWork } from './work.ts';

/** The pure core, as the shell sees it: it keeps the promises of `Decider`, and the shell knows nothing else of it. */
export const conversationDecider: Decider<ConversationState, Input, ConversationEvent, ConversationWork> = {
  initial: initialState,
  complete,
  decide(state, input, now) {
    requireReadable(input);
    return decide(state, input, now);
  },
  evolve,
  deadlines,
  onDeadline: (deadline) => ({ type: 'DeadlinePassed', kind: deadline.kind as DeadlineKind }),
  pending,
  // What the activity of a kind returns is declared in `WorkResult`; the shell carries it without looking.
  onDone: (work, outcome) => ({ type: 'WorkDone', workId: work.id, work: work.kind, outcome }) as WorkDone,
  needsContext(state, input) {
    // What can't be read is asked no question for either: Postgres would be asked for what is none of ours.
    requireReadable(input);
    return question(state, input);
  },
  loadAnswers: beginning,
  withContext: (input, context) => ({ ...input, context: context as Context }),
  inRun: (input, runFrom) => ({ ...input, runFrom }),
  withRefusal: (input, refusal) => ({ ...input, refused: refusal as Refusal }),
};
