import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Call, Failure } from '../../contract/call.ts';
import type { DeskAdapter, Opened } from '../../contract/desk.ts';
import { exchange } from '../../exchange.ts';
import { readJson } from '../../json.ts';
import { failure, repeatable } from '../../outcomes.ts';
import { person, present } from '../../words.ts';
import { httpDeskSettings } from './settings.ts';

/**
 * One attempt per call. A desk takes two calls with one `webhook-id` as one, so whatever may have arrived already can
 * be sent again (`retryable`).
 */
type Calls = Pick<DeskAdapter, 'presence' | 'open' | 'post' | 'tell'>;

/** Asked anew each time, so each has an id of its own. */
export const presence: Calls['presence'] = async (facts, call) => {
  const answer = await tellDesk('desk.presence.requested', randomUUID(), facts, call);
  if (!answer.ok) return answer;
  const read = online.safeParse(answer.value);
  return read.success ? { ok: true, online: read.data.online } : failure('permanent', 'answer-unreadable');
};

/** An answer that says neither is no refusal: the desk has the offer, and an event will say what became of it. */
export const open: Calls['open'] = async (offer, key, call): Promise<Opened | Failure> => {
  const answer = await tellDesk('desk.handover.offered', key, offer, call);
  if (!answer.ok) return answer;
  const { refused, accepted } = taken.safeParse(answer.value).data ?? {};
  if (refused) return { ok: true, refused: true };
  return { ok: true, refused: false, ...present({ accepted }) };
};

export const post: Calls['post'] = async (line, call) => {
  const answer = await tellDesk('desk.message', line.key, line, call);
  return answer.ok ? { ok: true } : answer;
};

export const tell: Calls['tell'] = async ({ handoverId, kind, key }, call) => {
  const answer = await tellDesk(`desk.chat.${kind}`, key, { handoverId }, call);
  return answer.ok ? { ok: true } : answer;
};

const online = z.object({ online: z.boolean() });

const taken = z.object({
  refused: z.boolean().nullish(),
  accepted: z
    .union([
      z.literal(true).transform(() => ({})),
      z.object({ person: person.optional().catch(undefined) }).transform(present),
      z.literal([false, null]).transform(() => undefined),
    ])
    .optional(),
});

/** `value`: what the desk answered, undefined where that is no JSON. */
async function tellDesk(
  type: string,
  id: string,
  data: unknown,
  call: Call,
): Promise<{ ok: true; value: unknown } | Failure> {
  const settings = httpDeskSettings.safeParse(call.connection.settings);
  if (!settings.success) return failure('permanent', 'settings-unusable');
  const answer = await exchange({ url: settings.data.url, id, type, data }, call);
  if (!answer.ok) return repeatable(answer);
  if (answer.body === null) return failure('retryable', 'answer-lost');
  const json = readJson(answer.body);
  return { ok: true, value: json.ok ? json.value : undefined };
}
