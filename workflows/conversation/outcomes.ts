/** What a command came to, as its sender reads it. Stored once under the command's key. */
import type { Answers } from '../actor/actor.ts';
import type { ConversationEvent } from './events.ts';
import type { Outcome } from './messages.ts';
import type { Rejection } from './rejections.ts';
import type { ConversationState, Holder } from './state.ts';

export const outcomes: Answers<ConversationState, ConversationEvent, Outcome> = {
  accepted: (after, events, version) => ({
    ok: true,
    version,
    phase: after.phase.name,
    holder: { kind: after.baton.holder.kind, id: holderId(after.baton.holder) },
    epoch: after.baton.epoch,
    handover: after.handover?.no ?? null,
    outbound: events.flatMap((event) => (event.type === 'MessageQueued' ? [event.seq] : [])),
    events: events.map((event) => event.type),
  }),
  // The core's codes are the only ones that get here; the shell adds `parked` and the record's refusals, all of them codes.
  rejected: (rejection) => ({ ok: false, rejection: rejection as Rejection }),
  isRejected: (outcome) => !outcome.ok,
};

export function holderId(holder: Holder): string | null {
  switch (holder.kind) {
    case 'bot':
      return holder.botId;
    case 'agent':
      return holder.agentId;
    case 'desk':
      return holder.deskId;
    case 'engine':
      return null;
  }
}
