/** A webhook as a network sends it: signed, and the same again until it is acknowledged. */
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Item } from '../../dev/demo/signed-post.ts';
import type { ChaosAccount } from './account.ts';
import type { Answer, Ledger, Said } from './ledger.ts';

type Sent = Pick<Answer, 'status' | 'retryAfter'>;

/** Once; never throws. */
export async function post(url: string, secret: string, { id, items }: { id: string; items: Item[] }): Promise<Sent> {
  const at = new Date();
  const body = JSON.stringify(items.map(({ type, data }) => ({ type, timestamp: at.toISOString(), data })));
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, at, body),
      },
      body,
      signal: AbortSignal.timeout(20_000),
    });
    await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch {
    return { status: 'broken', retryAfter: null };
  }
}

const isAcknowledged = ({ status }: Sent): boolean => typeof status === 'number' && status < 300;

const itemOf = ({ id, thread, text }: Said): Item => ({
  type: 'message.received',
  data: { id, thread, contact: { id: thread, name: thread }, content: { text } },
});

/** Networks wait longer. */
const againMs = 100;

/** Resolves when it is acknowledged, or nobody insists on it; `copies` of it are out at once. */
export async function write(account: ChaosAccount, ledger: Ledger, said: Said, copies = 1): Promise<void> {
  while (!ledger.isAbandoned && !(await offer(account, ledger, said, copies))) await pause(againMs);
}

/** False: it was not acknowledged. */
export async function offer({ channels }: ChaosAccount, ledger: Ledger, said: Said, copies = 1): Promise<boolean> {
  const { webhookUrl, backend } = channels[said.channel];
  const send = (): Promise<Sent> => post(webhookUrl, backend.secret, { id: said.id, items: [itemOf(said)] });
  const sent = await Promise.all(Array.from({ length: copies }, send));
  for (const one of sent) ledger.answered({ call: 'webhook', ...one });
  const isTaken = sent.some(isAcknowledged);
  if (isTaken) ledger.acknowledge(said);
  return isTaken;
}
