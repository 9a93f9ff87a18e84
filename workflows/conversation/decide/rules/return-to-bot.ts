import type { ReturnCause } from '../../state.ts';
import { tell } from './notices.ts';
import { add, type Plan } from './plan.ts';
import { letGo } from './release.ts';
import { openTurn, supersedeTurn } from './turns.ts';

/**
 * The customer is the bot's again: hand-over over, lock off, baton back, and a turn that says why is opened at once, so
 * the bot is awake before the customer writes (B-2). Every way back goes through here.
 *
 * A turn of the intake belongs to the hand-over and ends with it; another turn that is out (the hand-over was asked for
 * through the API meanwhile) goes on, since the baton did not move: the bot is awake already. Where the session has no
 * bot the engine holds the baton, and the customer's next message is answered by `noBot`.
 */
export function returnToBot(plan: Plan, because: ReturnCause): Plan {
  const { handover, phase } = plan.state;
  const released = letGo(plan, because, because === 'desk-refused' ? 'left' : 'lost');
  const ended: Plan = handover ? add(released, { type: 'HandoverEnded', no: handover.no, because }) : released;
  const returned = add(ended, { type: 'ReturnedToBot', no: handover?.no ?? null, because });
  const quiet = phase.name === 'prechat' ? supersedeTurn(returned) : returned;
  const told: Plan = handover && isFailure(because) ? tell(quiet, 'handover-failed', `handover:${handover.no}`) : quiet;
  return because === 'reopened' ? told : openTurn(told, { kind: 'returned', because });
}

/** Nobody will come although somebody was asked for: the customer is told that it goes on here. */
function isFailure(because: ReturnCause): boolean {
  return (
    because === 'handover-failed' || because === 'desk-refused' || because === 'desk-failed' || because === 'desk-lost'
  );
}
