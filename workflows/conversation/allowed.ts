import { mayAct } from './decide/by.ts';
import type { By, CommandName } from './inputs.ts';
import type { ConversationState, Owner } from './state.ts';

/**
 * The commands that this state would consider now; who asks is judged apart. Clients draw their buttons from it and
 * every rejection carries it: what is listed here is never rejected as `wrong-state`.
 */
export function allowed(state: ConversationState): CommandName[] {
  return [...ofPhase(state), 'Tag'];
}

/** What only the owner's side may do: anybody else is told `not-the-owner`. */
const ofTheOwner: ReadonlySet<CommandName> = new Set(['Unassign', 'Forward', 'HandBack', 'Resolve']);

/** The same for one party, where somebody has the conversation. Only the agent who has it speaks there. */
export function allowedTo(state: ConversationState, owner: Owner, by: By): CommandName[] {
  const speaks = by.kind === 'agent' || by.kind === 'supervisor' ? isAgent(owner, by.agentId) : by.kind === 'api';
  const acts = mayAct(owner, by);
  return allowed(state).filter((name) => (name === 'Reply' ? speaks : acts || !ofTheOwner.has(name)));
}

function isAgent(owner: Owner, agentId: string): boolean {
  return owner.kind === 'agent' && owner.agentId === agentId;
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
      // At a desk, whoever answers does so there.
      const words: CommandName[] = phase.owner.kind === 'agent' ? ['Reply'] : [];
      return ['RequestHandover', 'Assign', 'Unassign', 'Forward', ...back, ...words, 'Resolve', 'Block'];
    }
    case 'resolved':
      if (session === null) return ['RequestHandover', 'Resolve', 'Block'];
      return session.locked ? ['Resolve', 'Reopen', 'Block'] : ['Resolve', 'Block'];
    case 'blocked':
      return ['RequestHandover', 'Unblock'];
  }
}
