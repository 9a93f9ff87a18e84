import { z } from 'zod';
import type { HandoverWords } from '../../contract.ts';
import { count, freeData, historyWish, optionalText, present, priority } from '../../words.ts';

/**
 * The dialect of bots that ask for a person by an output `livechat: true`, with the facts beside it, flat and often as
 * text. What is empty counts as not said. `group` may be an id or a name; the account's rules decide what it means.
 */
export const livechatOutputs = z.object({
  livechat: z.union([z.literal([true, 'true']).transform(() => true), z.unknown().transform(() => false)]),
  skill: fact(),
  mscWebstore: fact(),
  mscChannel: fact(),
  group: fact(),
  reason: fact(),
  priority: z
    .union([
      priority,
      z
        .string()
        .regex(/^\d{1,3}$/)
        .transform(Number)
        .pipe(priority),
      nothing(),
    ])
    .optional(),
  history: z
    .union([
      historyWish,
      z
        .string()
        .regex(/^\d{1,4}$/)
        .transform(Number)
        .pipe(count)
        .transform(last),
      nothing(),
    ])
    .optional(),
  data: z.union([freeData, nothing()]).optional(),
});

/** null where the outputs ask for nobody. */
export function handoverInOutputs(outputs: z.infer<typeof livechatOutputs>): HandoverWords | null {
  if (!outputs.livechat) return null;
  const { skill, reason, history, data } = outputs;
  const [groupId, webstore, channelTag] = [outputs.group, outputs.mscWebstore, outputs.mscChannel];
  return present({ reason, groupId, skill, webstore, channelTag, priority: outputs.priority, history, data });
}

function fact() {
  return z.union([optionalText(1000), z.number().transform(String)]).optional();
}

function nothing() {
  return z.literal([null, '']).transform(() => undefined);
}

function last(no: number) {
  return { kind: 'last' as const, count: no };
}
