import type { Command, DeadlinePassed, InboxInput, Input } from '../../inputs.ts';
import { awaited } from '../../pending.ts';
import type { ConversationState } from '../../state.ts';
import { giveUpHeld, receiptCame, sentToChannel, sentToDesk, toldDesk } from './outbound.ts';
import { add, begin, ignored, type Outcome } from './plan.ts';
import { endSession } from './session.ts';

/**
 * The rules that are the same in every state: words on their way, tags, policies, the end of the session. null: the
 * state has its own rule.
 */
export function everywhere(state: ConversationState, input: Input, now: number): Outcome | null {
  switch (input.type) {
    case 'Tag':
      return tag(state, input, now);
    case 'PolicyChanged':
      return applyPolicy(state, input, now);
    case 'ReceiptCame':
      return receiptCame(state, input, now);
    case 'DeadlinePassed':
      return deadlinePassed(state, input, now);
    case 'WorkDone':
      return sent(state, input, now);
    default:
      return null;
  }
}

function deadlinePassed(state: ConversationState, { kind, refused }: DeadlinePassed, now: number): Outcome | null {
  if (kind === 'session') return endSession(begin(state, now));
  return kind === 'held-too-long' ? giveUpHeld(begin(state, now), refused) : null;
}

function sent(state: ConversationState, input: Extract<Input, { type: 'WorkDone' }>, now: number): Outcome | null {
  const work = awaited(state).find(({ id }) => id === input.workId);
  if (work?.kind === 'SendMessage' && input.work === 'SendMessage') {
    return sentToChannel(state, now, work.outbound, input);
  }
  if (work?.kind === 'SendToDesk' && input.work === 'SendToDesk') {
    return sentToDesk(state, now, work, input);
  }
  if (work?.kind === 'TellDesk' && input.work === 'TellDesk') return toldDesk(state, now, work, input.outcome);
  return null;
}

function tag(state: ConversationState, command: Extract<Command, { type: 'Tag' }>, now: number): Outcome {
  const removed = state.tagIds.filter((id) => command.remove.includes(id));
  const wanted = command.add.filter((id, at) => command.add.indexOf(id) === at && !command.remove.includes(id));
  const added = wanted.filter((id) => !state.tagIds.includes(id));
  if (added.length === 0 && removed.length === 0) return ignored('tags-as-wanted');
  return add(begin(state, now), { type: 'TagsChanged', added, removed });
}

/** Bot and mode stay those of the session; numbers and switches change at once, and with them every armed deadline. */
function applyPolicy(
  state: ConversationState,
  input: Extract<InboxInput, { type: 'PolicyChanged' }>,
  now: number,
): Outcome {
  const { context } = input;
  if (state.session === null || context === undefined) return ignored('read-at-next-session');
  const { policy: accountPolicy, route } = context;
  if (accountPolicy.version === state.accountPolicy.version) return ignored('policy-in-force');
  return add(begin(state, now), { type: 'PolicyApplied', policy: route?.policy ?? accountPolicy, accountPolicy });
}
