export interface Sending {
  conversationId: string;
  seq: number;
  /** Of the store when the message was queued: one that was put back from a backup counts its messages anew. */
  generation: number;
}

/**
 * The key under which a message goes out: the same for every attempt, so that a channel can tell a repeat and a receipt
 * can name it. No dot in it (signed webhooks separate by dots).
 */
export function sendKey({ conversationId, seq, generation }: Sending): string {
  return `${conversationId}:${seq}${generation === 1 ? '' : `g${generation}`}`;
}

/**
 * Of a part, from 1, where the channel takes the message only in parts. The last has the message's own key: what is said
 * of it is said of the whole.
 */
export function partKey(sending: Sending, part: number, parts: number): string {
  const key = sendKey(sending);
  return part < parts ? `${key}:${part}` : key;
}
