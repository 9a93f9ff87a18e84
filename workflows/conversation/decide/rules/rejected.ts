import type { Command } from '../../inputs.ts';
import { ownerOf } from '../../evolve/ownership.ts';
import type { Refusal } from '../../refusals.ts';
import type { RejectionCode } from '../../rejections.ts';
import type { ConversationState } from '../../state.ts';
import type { Outcome } from './plan.ts';

/** Every "no" that a command can get. It is a value with a stable code; `decide` adds what is allowed instead. */
export function rejected(state: ConversationState, code: RejectionCode, reason: string): Outcome {
  const rejection = { code, reason };
  const ownerId = ownerIdOf(state);
  const names = code === 'taken' || code === 'not-the-owner' || code === 'offer-gone';
  return { kind: 'rejected', rejection: names && ownerId !== null ? { ...rejection, ownerId } : rejection };
}

export function notTheOwner(state: ConversationState): Outcome {
  return rejected(state, 'not-the-owner', 'somebody else has the conversation');
}

export function wrongState(state: ConversationState, command: Command): Outcome {
  return rejected(
    state,
    'wrong-state',
    `${command.type} is not possible while the conversation is ${state.phase.name}`,
  );
}

/** The record refused what a command needs; the caller gets the reason, and nothing has changed. */
export function refusedByRecord(state: ConversationState, refusal: Refusal): Outcome {
  switch (refusal) {
    case 'claim-gone':
      return rejected(state, 'offer-gone', 'the offer is no longer open');
    case 'inbox-waiting':
      return rejected(state, 'wrong-state', 'a message that came first is not decided yet');
    case 'agent-at-limit':
      return rejected(state, 'agent-at-limit', 'the agent has no free place');
    case 'agent-offline':
      return rejected(state, 'agent-offline', 'the agent is not online');
    case 'agent-not-in-group':
      return rejected(state, 'agent-not-in-group', 'the agent does not serve this group');
    case 'agent-not-for-this-bot':
      return rejected(state, 'agent-not-for-this-bot', 'the agent does not serve this bot');
    case 'agent-unknown':
      return rejected(state, 'agent-unknown', 'there is no such agent');
    case 'group-unknown':
      return rejected(state, 'group-unknown', 'there is no such group');
    case 'blocked':
      return rejected(state, 'blocked', 'the contact is blocked');
    case 'draft-unknown':
      return rejected(state, 'draft-unknown', 'there is no such draft');
    case 'contact-erased':
      return rejected(state, 'contact-erased', 'the contact was erased');
    case 'another-attempt':
      return rejected(state, 'context-changed', 'words that were to count as failed are being sent');
    case 'context-changed':
      return rejected(state, 'context-changed', 'what it was decided by kept changing');
    case 'unrecordable':
      return rejected(state, 'parked', 'it names what can not be');
  }
}

function ownerIdOf(state: ConversationState): string | null {
  const owner = ownerOf(state);
  if (owner === null) return null;
  return owner.kind === 'agent' ? owner.agentId : owner.deskId;
}
