import { startOwedIntake } from './intake.ts';
import { isOver } from './notices.ts';
import { run, type Plan, type Step } from './plan.ts';
import { cancel } from './release.ts';
import { openOwedTurn, supersedeStaleTurn } from './turns.ts';

/**
 * What follows from a decision whatever it was, so that no rule can forget it: a turn of an older epoch is void, the
 * bot's unsent words are never sent once a person has the chat (B-2), notices of a situation that is over are
 * cancelled, and the bot gets what it is owed.
 */
export function conclude(plan: Plan): Plan {
  return run(
    plan,
    supersedeStaleTurn,
    startOwedIntake,
    supersedeStaleTurn,
    silenceBot,
    cancelNoticesOver,
    openOwedTurn,
  );
}

const silenceBot: Step = (plan) =>
  plan.state.phase.name === 'assigned' ? cancelAll(plan, 'takeover', ({ author }) => author === 'bot') : plan;

const cancelNoticesOver: Step = (plan) =>
  cancelAll(plan, 'situation-over', ({ what }) => what.kind === 'notice' && isOver(what.situation, plan.state));

function cancelAll(
  plan: Plan,
  because: 'takeover' | 'situation-over',
  applies: (line: Plan['state']['outbox'][number]) => boolean,
): Plan {
  return plan.state.outbox.filter(applies).reduce((sofar, line) => cancel(sofar, line, because), plan);
}
