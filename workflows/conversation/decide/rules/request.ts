import type { By, Command } from '../../inputs.ts';
import type { ConversationState, Handover } from '../../state.ts';
import { goesRound, request } from './handover.ts';
import { tell } from './notices.ts';
import { ignored, type Outcome } from './plan.ts';
import { rejected, wrongState } from './rejected.ts';
import { inSession } from './session.ts';

/**
 * `RequestHandover` through the API or by a bot that calls it. Asked again while a hand-over is open it has no further
 * effect (S0-4); where no session runs it begins one; in `blocked` the customer gets the block message again.
 */
export function requestHandover(
  state: ConversationState,
  command: Extract<Command, { type: 'RequestHandover' }>,
  now: number,
): Outcome {
  const { holder } = state.baton;
  if (command.by.kind === 'bot' && holder.kind === 'bot' && holder.botId !== command.by.botId) {
    return rejected(state, 'not-the-owner', 'another bot holds the conversation');
  }
  if (state.handover !== null) return ignored('handover-open');
  const plan = inSession(state, command, now);
  if (plan === null) return ignored('no-context');
  const { phase, handover, block } = plan.state;
  if (phase.name === 'blocked') return tell(plan, 'blocked', `block:${block?.blockId ?? ''}`);
  if (phase.name === 'resolved') return wrongState(state, command);
  if (command.by.kind === 'bot' && goesRound(plan.state)) {
    return rejected(state, 'too-many-transfers', 'the customer came back too often without a word');
  }
  return handover === null ? request(plan, command.request, sourceOf(command.by)) : plan;
}

function sourceOf(by: By): Handover['by'] {
  return by.kind === 'supervisor' ? 'agent' : by.kind;
}
