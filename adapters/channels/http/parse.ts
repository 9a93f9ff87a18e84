import { z } from 'zod';
import type { Connection, RawRequest } from '../../contract/call.ts';
import type { Inbound } from '../../contract/channel.ts';
import { bodyOf, readItems } from '../../items.ts';
import { contact, content, externalId, optionalText, present } from '../../words.ts';
import { asDeclared, failureClass } from './failure-class.ts';

/** What a backend may tell; README.md of this folder is its description for those who write one. */
export function parse(request: RawRequest, { settings }: Pick<Connection, 'settings'>): Inbound[] {
  return readItems<Inbound>(request, readers).map((item) =>
    item.kind === 'receipt' && item.class ? { ...item, class: asDeclared(item.class, settings) } : item,
  );
}

const received = z
  .object({ id: externalId, thread: externalId, contact, content, endChannel: optionalText(255) })
  .transform(({ id, ...rest }): Inbound => ({ kind: 'message', externalId: id, ...present(rest) }));

/** A prefix, because a backend may well use the id of the message that it takes back. */
const cancelled = z
  .object({ id: externalId, thread: externalId })
  .transform(({ id, thread }): Inbound => ({ kind: 'cancel', externalId: `cancelled:${id}`, thread }));

/** `id` is the backend's own (of its answer), `key` our `webhook-id`; a backend without ids of its own gives the key. */
const receipt = (status: 'sent' | 'delivered' | 'read' | 'failed') =>
  z
    .object({ id: externalId.optional(), key: externalId.optional(), class: failureClass.catch('permanent') })
    .transform(({ id, key, class: told }, context): Inbound => {
      const providerId = id ?? key;
      if (providerId === undefined) {
        context.addIssue({ code: 'custom', message: 'id-or-key' });
        return z.NEVER;
      }
      const failed = status === 'failed' ? { class: told } : {};
      return { kind: 'receipt', externalId: null, providerId, ...present({ key }), status, ...failed };
    });

const readers: Record<string, z.ZodType<Inbound>> = {
  'message.received': received,
  'message.cancelled': cancelled,
  'receipt.sent': receipt('sent'),
  'receipt.delivered': receipt('delivered'),
  'receipt.read': receipt('read'),
  'receipt.failed': receipt('failed'),
};

export const body = bodyOf(readers);
