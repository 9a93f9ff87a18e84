import { z } from 'zod';
import type { HandoverWords } from '../../contract/bot.ts';
import { count, freeData, historyWish, optionalText, present, priority } from '../../words.ts';

/**
 * The dialect of bots that ask for a person by an output `livechat: true`, with the facts beside it, flat and often as
 * text. What is empty counts as not said. `group` may be an id or a name; the account's rules decide what it means.
 */
export const livechatOutputs = z
  .object({
    skill: fact(),
    mscWebstore: fact(),
    mscChannel: fact(),
    group: fact(),
    reason: fact(),
    priority: z.union([priority, digits(3).pipe(priority), nothing()]).optional(),
    history: z.union([historyWish, digits(4).pipe(count).transform(last), nothing()]).optional(),
    data: z.union([freeData, nothing()]).optional(),
  })
  .transform(({ group, mscWebstore, mscChannel, ...rest }): HandoverWords =>
    present({ ...rest, groupId: group, webstore: mscWebstore, channelTag: mscChannel }),
  );

/** Without it the fields beside are none of ours, whatever they are called. */
export function asksForPerson({ livechat }: { livechat?: unknown; [other: string]: unknown }): boolean {
  return livechat === true || livechat === 'true';
}

function fact() {
  return z.union([optionalText(1000), z.number().transform(String)]).optional();
}

function digits(most: number) {
  return z
    .string()
    .regex(new RegExp(`^\\d{1,${most}}$`))
    .transform(Number);
}

function nothing() {
  return z.literal([null, '']).transform(() => undefined);
}

function last(no: number) {
  return { kind: 'last' as const, count: no };
}
