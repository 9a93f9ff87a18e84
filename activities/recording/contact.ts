/**
 * What a record asks of the contact: where the contact was erased, a command that does more than end something is refused, and
 * so is whatever would bring the conversation to a person: there is nobody to talk to. While a person has it, or is awaited, nobody
 * is erased (0061), so the row is locked only where nobody is.
 */
import { onlyEnds } from '../../workflows/conversation/allowed.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { CommandName } from '../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { Recording } from '../../workflows/actor/record.ts';
import type { DecisionRecord } from '../../store/record.ts';
import type { blocksOf } from './blocks.ts';

type Asked = Pick<Recording<ConversationState, ConversationEvent>, 'before' | 'events'>;
type OfContact = ReturnType<typeof blocksOf> & Pick<DecisionRecord, 'refuseErased'>;

const mayBeErased = new Set<ConversationState['phase']['name']>(['bot', 'prechat', 'resolved', 'blocked']);
const bringsToPerson = new Set<ConversationEvent['type']>(['ConversationQueued', 'ConversationAssigned']);

export function contactOf({ before, events }: Asked, blocks: ReturnType<typeof blocksOf>): OfContact {
  const isAsked = events.some(({ cause }) => cause.kind === 'command' && !onlyEnds(cause.name as CommandName));
  const mayBe = mayBeErased.has(before.phase.name);
  const refuseErased = isAsked || (mayBe && events.some(({ event }) => bringsToPerson.has(event.type)));
  const { lockContact } = blocks;
  return { ...blocks, refuseErased, lockContact: lockContact ?? (refuseErased && mayBe ? 'share' : null) };
}
