import { z } from 'zod';
import type { RawRequest } from '../../contract/call.ts';
import type { DeskEvent } from '../../contract/desk.ts';
import { bodyOf, readItems } from '../../items.ts';
import { content, externalId, optionalText, person, present } from '../../words.ts';

/** What a desk may tell. README.md of this folder describes it for those who write one. */
export function parse(request: RawRequest): DeskEvent[] {
  return readItems<DeskEvent>(request, readers);
}

const who = person.nullish().transform((one) => one ?? undefined);
const chat = { id: externalId, handoverId: externalId };

/** The kind is part of the id: many desks know a chat by one id from the offer to its end. */
function event<K extends string, T extends { id: string }>(kind: K, { id, ...rest }: T) {
  return { kind, externalId: `${kind}:${id}`, ...present(rest) };
}

const readers: Record<string, z.ZodType<DeskEvent>> = {
  'desk.accepted': z.object({ ...chat, person: who }).transform((it) => event('accepted', it)),
  'desk.refused': z.object({ ...chat, code: optionalText(100) }).transform((it) => event('refused', it)),
  'desk.answered': z.object({ ...chat, person: who, content }).transform((it) => event('answered', it)),
  'desk.closed': z.object(chat).transform((it) => event('closed', it)),
  'desk.took': z
    .object({ id: externalId, conversationId: externalId, person: who })
    .transform((it) => event('took', it)),
};

export const body = bodyOf(readers);
