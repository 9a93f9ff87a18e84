import { z } from 'zod';
import type { Call, FailureClass } from '../../contract/call.ts';
import type { Sending, Sent } from '../../contract/channel.ts';
import { exchange } from '../../exchange.ts';
import { readJson } from '../../json.ts';
import { failure } from '../../outcomes.ts';
import { externalId } from '../../words.ts';
import { asDeclared, failureClass } from './failure-class.ts';
import { httpSettings } from './settings.ts';

/**
 * One attempt, one call. The send key is the `webhook-id`; where the answer names no id of the backend's own, the key
 * is the provider's id.
 */
export async function send(sending: Sending, call: Call): Promise<Sent> {
  const settings = httpSettings.safeParse(call.connection.settings);
  if (!settings.success) return failure('permanent', 'settings-unusable');
  const { key, thread, contactExternalId, author, content } = sending;
  const data = { key, thread, contact: { id: contactExternalId }, author, content };
  const classOf = (body: Uint8Array | null) => classIn(body, settings.data);
  const answer = await exchange({ url: settings.data.url, id: key, type: 'message.send', data, classOf }, call);
  if (!answer.ok) return answer;
  return { ok: true, providerId: idIn(answer.body) ?? key };
}

function idIn(body: Uint8Array | null): string | undefined {
  return inBody(accepted, body)?.id;
}

function classIn(body: Uint8Array | null, settings: unknown): FailureClass | null {
  const told = inBody(refused, body)?.class;
  return told === undefined ? null : asDeclared(told, settings);
}

function inBody<T>(schema: z.ZodType<T>, body: Uint8Array | null): T | undefined {
  const json = body && readJson(body);
  return json?.ok ? schema.safeParse(json.value).data : undefined;
}

const accepted = z.object({ id: externalId });
const refused = z.object({ class: failureClass });
