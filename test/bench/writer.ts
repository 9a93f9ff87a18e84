/** Webhooks as a backend with the signed HTTP channel sends them, over connections that stay open. */
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Pool as HttpPool } from 'undici';

export interface Writer {
  /** A customer writes in this thread; resolves when the webhook is acknowledged. The number stands in the text. */
  write(thread: string, number: number): Promise<void>;
  /** What became of a message, by the backend's id; resolves when that is acknowledged. */
  confirm(status: 'delivered' | 'read', messageId: string): Promise<void>;
}

/** The number in a text that `write` made, or in one that repeats it. */
export const numberIn = (text: string): number => Number(/number (\d+)/.exec(text)?.[1]);

export function createWriter(http: HttpPool, path: string, secret: string): Writer {
  const webhook = new Webhook(secret);
  const post = async (id: string, type: string, data: object): Promise<void> => {
    const at = new Date();
    const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
    const response = await http.request({
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': webhook.sign(id, at, body),
      },
      body,
    });
    await response.body.dump();
    if (response.statusCode >= 300) throw new Error(`not acknowledged: ${response.statusCode}`);
  };
  return {
    write(thread, number) {
      const id = `${thread}/${number}`;
      const text = `Message number ${number}: where is my parcel? It should have come last week.`;
      return post(id, 'message.received', {
        id,
        thread,
        contact: { id: thread, name: 'Ann' },
        content: { text },
      });
    },
    confirm: (status, id) => post(randomUUID(), `receipt.${status}`, { id }),
  };
}
