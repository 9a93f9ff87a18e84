import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** A new secret of the kind that both sides of a signed connection share. */
export function newSecret(): string {
  return `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64')}`;
}

/** Sends one item, or several in one body, as an outside system would. `id` is for sending the very same webhook again. */
export async function postSigned(
  url: string,
  secret: string,
  items: Item | Item[],
  id: string = randomUUID(),
): Promise<{ status: number; body: unknown }> {
  const at = new Date();
  const stamped = (item: Item) => ({ type: item.type, timestamp: at.toISOString(), data: item.data });
  const body = JSON.stringify(Array.isArray(items) ? items.map(stamped) : stamped(items));
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
    body,
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

export interface Item {
  type: string;
  data: Record<string, unknown>;
}
