import { allowed, allowedTo } from './allowed.ts';
import { assigned } from './decide/assigned.ts';
import { blocked } from './decide/blocked.ts';
import { bot } from './decide/bot.ts';
import { conclude } from './decide/rules/conclude.ts';
import { everywhere } from './decide/rules/everywhere.ts';
import type { Decision, Outcome } from './decide/rules/plan.ts';
import { prechat } from './decide/prechat.ts';
import { queued } from './decide/queued.ts';
import { resolved } from './decide/resolved.ts';
import { stale } from './decide/rules/stale.ts';
import type { Input } from './inputs.ts';
import type { ConversationState } from './state.ts';

/**
 * What an input makes happen, given what is true. Pure, and total: every state has an answer to every input, as a value.
 * This file only dispatches; what a state does is read in the file of its name.
 */
export function decide(state: ConversationState, input: Input, now: number): Decision {
  const outcome = stale(state, input, now) ?? everywhere(state, input, now) ?? ofPhase(state, input, now);
  if (outcome.kind === 'ignored') return outcome;
  if (outcome.kind === 'rejected') {
    const contactErased = outcome.rejection.code === 'contact-erased';
    const instead = 'by' in input ? allowedTo(state, input.by, { contactErased }) : allowed(state);
    return { kind: 'rejected', rejection: { ...outcome.rejection, allowed: instead } };
  }
  const { events } = conclude(outcome);
  return events.length > 0 ? { kind: 'accepted', events } : { kind: 'ignored', because: 'no-effect' };
}

function ofPhase(state: ConversationState, input: Input, now: number): Outcome {
  const { phase } = state;
  switch (phase.name) {
    case 'bot':
      return bot({ ...state, phase }, input, now);
    case 'prechat':
      return prechat({ ...state, phase }, input, now);
    case 'queued':
      return queued({ ...state, phase }, input, now);
    case 'assigned':
      return assigned({ ...state, phase }, input, now);
    case 'resolved':
      return resolved({ ...state, phase }, input, now);
    case 'blocked':
      return blocked({ ...state, phase }, input, now);
  }
}
