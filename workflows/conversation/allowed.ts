import { mayAct } from './by.ts';
import { ownerOf } from './evolve/ownership.ts';
import type { By, CommandName } from './inputs.ts';
import type { ConversationState } from './state.ts';

/**
 * The commands that this state would consider now, from whoever may give them: what is listed here is never rejected as
 * `wrong-state`.
 */
export function allowed(state: ConversationState): CommandName[] {
  return [...ofPhase(state), 'Tag'];
}

/**
 * Those of them that this party may give. Clients draw their buttons from it, and every rejection carries it: what is listed
 * may still fail for want of a free place, but never because of whose the conversation is. Roles and scopes are the API's.
 */
export function allowedTo(state: ConversationState, by: By, { contactErased = false } = {}): CommandName[] {
  return allowed(state).filter((name) => isFor(state, name, by) && (!contactErased || onlyEnds(name)));
}

/**
 * Of a contact who was erased a conversation can be brought to its end, and nothing else: there is nobody to have it with. That
 * they were erased stands in Postgres alone, so it is the record that refuses the other commands (`contact-erased`).
 */
export function onlyEnds(name: CommandName): boolean {
  return name === 'Resolve' || name === 'Unassign' || name === 'Unblock' || name === 'DeclineOffer';
}

function isFor(state: ConversationState, name: CommandName, by: By): boolean {
  const owner = ownerOf(state);
  switch (name) {
    case 'Reply':
      // A key speaks for the agent whom it names; an agent, whatever their role, only as themselves.
      return by.kind === 'api' || (owner?.kind === 'agent' && isAgent(by, owner.agentId));
    case 'Unassign':
    case 'Forward':
    case 'HandBack':
    case 'Resolve':
      return owner === null || mayAct(owner, by);
    case 'Assign':
      if (owner !== null) return by.kind !== 'agent' && by.kind !== 'bot';
      return by.kind !== 'agent' || state.policy.assignment === 'manual';
    case 'AcceptOffer':
    case 'DeclineOffer':
      return by.kind === 'api' || isAgent(by, offeredTo(state));
    case 'RequestHandover':
      return by.kind !== 'bot' || !isOfAnotherBot(state, by.botId);
    default:
      return true;
  }
}

function isAgent(by: By, agentId: string | null): boolean {
  return (by.kind === 'agent' || by.kind === 'supervisor') && by.agentId === agentId;
}

function offeredTo({ phase }: ConversationState): string | null {
  return phase.name === 'queued' ? (phase.offer?.agentId ?? null) : null;
}

function isOfAnotherBot({ baton: { holder } }: ConversationState, botId: string): boolean {
  return holder.kind === 'bot' && holder.botId !== botId;
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
