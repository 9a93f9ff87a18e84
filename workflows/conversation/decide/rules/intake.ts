import type { WorkFailure } from '../../inputs.ts';
import type { ConversationState } from '../../state.ts';
import { tell } from './notices.ts';
import { add, begin, type Plan, type Step } from './plan.ts';
import { openTurn } from './turns.ts';

/** Presence and the beginning of the intake: steps two and three of a hand-over. */

/** A check that fails or takes too long means that nobody is there; it never stops the hand-over (S3-2). */
export function checkPresence(
  state: ConversationState,
  now: number,
  outcome: { kind: 'checked'; online: boolean } | WorkFailure,
): Plan {
  const plan = begin(state, now);
  if (state.handover === null) return plan;
  const online = outcome.kind === 'checked' && outcome.online;
  const agentStatus = online ? 'online' : 'offline';
  const failed = outcome.kind === 'failed';
  return add(plan, { type: 'PresenceChecked', no: state.handover.no, agentStatus, failed });
}

/** The intake is owed once presence is known; the bot's begins when no other turn of its is out. */
export const startOwedIntake: Step = (plan) => {
  const { handover, phase, turn } = plan.state;
  if (handover === null || handover.step !== 'intake' || phase.name !== 'bot') return plan;
  const by = intakeBy(plan.state);
  if (by === 'none') return add(plan, { type: 'IntakeFinished', no: handover.no, answerId: null });
  if (by === 'form') return askField(add(plan, { type: 'PrechatStarted', no: handover.no, by }));
  if (turn !== null) return plan;
  const started = add(plan, { type: 'PrechatStarted', no: handover.no, by });
  return openTurn(started, { kind: 'prechat', agentStatus: handover.agentStatus ?? 'offline' });
};

/** The engine asks for the form's present field. */
export function askField(plan: Plan): Plan {
  const { phase } = plan.state;
  return phase.name === 'prechat' ? tell(plan, 'form-question', `field:${phase.field}`) : plan;
}

/**
 * Who asks: the account's choice. A bot that isn't there asks nothing, and neither does one that has just failed (the engine
 * then asks for a person by itself) or an empty form.
 */
function intakeBy({ policy, session, handover }: ConversationState): 'bot' | 'form' | 'none' {
  const { by, fields } = policy.intake;
  if (by === 'bot') return session?.botId && handover?.by !== 'engine' ? 'bot' : 'none';
  return by === 'form' && fields > 0 ? 'form' : 'none';
}
