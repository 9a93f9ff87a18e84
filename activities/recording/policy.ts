/** Events → the version of the policy by which a session begins or a chat is queued; the older, where they differ. */
import type { ConversationEvent } from '../../workflows/conversation/events.ts';

export function policyVersionOf(events: ConversationEvent[]): number | null {
  const versions = events.flatMap((event) =>
    event.type === 'SessionStarted' || event.type === 'ConversationQueued' ? [event.policy.version] : [],
  );
  return versions.length === 0 ? null : Math.min(...versions);
}
