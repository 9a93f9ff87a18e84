/**
 * The key under which a message goes out: the same for every attempt, so that a channel can tell a repeat and a receipt
 * can name it. No dot in it (signed webhooks separate by dots).
 */
export function sendKey(conversationId: string, seq: number): string {
  return `${conversationId}:${seq}`;
}

/**
 * Of a part, from 1, where the channel takes the message only in parts. The last has the message's own key: what is said
 * of it is said of the whole.
 */
export function partKey(conversationId: string, seq: number, part: number, parts: number): string {
  const key = sendKey(conversationId, seq);
  return part < parts ? `${key}:${part}` : key;
}
