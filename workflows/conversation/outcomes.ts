/** What a command came to, as its sender reads it. Stored once under the command's key. */
import type { Answers } from '../actor/take/letter.ts';
import type { ConversationEvent } from './events.ts';
import type { Outcome } from './messages.ts';
import type { Rejection } from './rejections.ts';
import { projectConversation } from './project.ts';
import type { ConversationState } from './state.ts';

export const outcomes: Answers<ConversationState, ConversationEvent, Outcome> = {
  accepted(after, events, version) {
    const { phase, holderKind, holderId, epoch, handoverNo } = projectConversation(after);
    return {
      ok: true,
      version,
      phase,
      holder: { kind: holderKind, id: holderId },
      epoch,
      handover: handoverNo,
      outbound: events.flatMap((event) => (event.type === 'MessageQueued' ? [event.seq] : [])),
      events: events.map((event) => event.type),
    };
  },
  // The core's codes are the only ones that get here; the shell adds `parked` and the record's refusals, all of them codes.
  rejected: (rejection) => ({ ok: false, rejection: rejection as Rejection }),
};
