import type { CommandName } from './inputs.ts';
import type { ConversationState } from './state.ts';

/**
 * The commands that this state would consider now; who asks is judged apart. Clients draw their buttons from it and
 * every rejection carries it: what is listed here is never rejected as `wrong-state`.
 */
export function allowed(state: ConversationState): CommandName[] {
  return [...ofPhase(state), 'Tag'];
}

function ofPhase(state: ConversationState): CommandName[] {
  const { phase, policy, session } = state;
  switch (phase.name) {
    case 'bot':
    case 'prechat':
      return ['RequestHandover', 'Block'];
    case 'queued': {
      const joins: CommandName[] = phase.target.kind === 'group' && policy.assignment === 'manual' ? ['Join'] : [];
      const offers: CommandName[] = phase.offer ? ['AcceptOffer', 'DeclineOffer'] : [];
      return ['RequestHandover', ...joins, 'Assign', ...offers, 'Resolve', 'Block'];
    }
    case 'assigned': {
      const back: CommandName[] = session?.botId ? ['HandBack'] : [];
      return ['RequestHandover', 'Assign', 'Unassign', 'Forward', ...back, 'Reply', 'Resolve', 'Block'];
    }
    case 'resolved':
      if (session === null) return ['RequestHandover', 'Resolve', 'Block'];
      return session.locked ? ['Resolve', 'Reopen', 'Block'] : ['Resolve', 'Block'];
    case 'blocked':
      return ['RequestHandover', 'Unblock'];
  }
}
