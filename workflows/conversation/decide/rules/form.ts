import type { WorkFailure } from '../../inputs.ts';
import type { In } from '../../state.ts';
import { failHandover } from './handover.ts';
import { askField } from './intake.ts';
import { tell } from './notices.ts';
import { add, begin, type Plan } from './plan.ts';
import { returnToBot } from './return-to-bot.ts';
import { retryStep } from './routing.ts';

/**
 * The account's own form, asked by the engine: one field after another, each message read as one answer. What a valid
 * answer is stands in Postgres; here stands what becomes of it.
 */
export function readAnswer(
  state: In<'prechat'>,
  now: number,
  outcome: { kind: 'valid' | 'invalid' | 'cancel'; upTo: number } | WorkFailure,
): Plan {
  const plan = begin(state, now);
  const no = state.handover?.no ?? 0;
  const { field } = state.phase;
  switch (outcome.kind) {
    case 'valid':
      return afterField(add(plan, { type: 'FormAnswered', no, field, upTo: outcome.upTo }), no);
    case 'invalid':
      return afterWrongAnswer(state, plan, no, outcome.upTo);
    case 'cancel':
      return returnToBot(add(plan, { type: 'FormCancelled', no, field, upTo: outcome.upTo }), 'customer-cancelled');
    case 'failed':
      return retryStep(plan, 'intake', 'CheckAnswer', outcome);
  }
}

function afterField(plan: Plan, no: number): Plan {
  const { phase } = plan.state;
  const more = phase.name === 'prechat' && phase.field < phase.form.fields;
  return more ? askField(plan) : add(plan, { type: 'IntakeFinished', no, answerId: null });
}

function afterWrongAnswer(state: In<'prechat'>, plan: Plan, no: number, upTo: number): Plan {
  const { field, form } = state.phase;
  const tries = state.phase.tries + 1;
  const refused = add(plan, { type: 'FormAnswerRefused', no, field, upTo, tries });
  if (tries >= form.maxTries) return failHandover(refused, 'intake', 'content-rejected');
  return tell(refused, 'form-retry', `field:${field}`);
}
