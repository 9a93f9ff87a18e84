/**
 * What a record asks of the contact: a command that does more than end something is refused where the contact was erased. While
 * a person has the conversation, or is awaited, nobody is erased (0061), so the row is locked only where nobody is.
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

export function contactOf({ before, events }: Asked, blocks: ReturnType<typeof blocksOf>): OfContact {
  const refuseErased = events.some(({ cause }) => cause.kind === 'command' && !onlyEnds(cause.name as CommandName));
  const mayBeErased = ['bot', 'resolved', 'blocked'].includes(before.phase.name);
  const { lockContact } = blocks;
  return { ...blocks, refuseErased, lockContact: lockContact ?? (refuseErased && mayBeErased ? 'share' : null) };
}
