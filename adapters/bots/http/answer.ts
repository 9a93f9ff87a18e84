import { z } from 'zod';
import type { BotWords } from '../../contract/bot.ts';
import type { Content } from '../../contract/content.ts';
import {
  content,
  externalId,
  freeData,
  historyWish,
  issuesOf,
  LONGEST_TEXT,
  optionalText,
  present,
  priority,
} from '../../words.ts';
import { asksForPerson, livechatOutputs } from './livechat.ts';

/**
 * A bot's answer, native or in the `livechat` dialect (their fields don't collide, so both are read in every answer; a
 * native hand-over wins). It is taken whole or refused whole: half an answer could be a question without its buttons, or
 * a promise of a person without the hand-over.
 */
export function readAnswer(body: unknown): { ok: true; words: BotWords } | { ok: false; issues: string[] } {
  const read = answer.safeParse(body ?? {});
  if (!read.success) return { ok: false, issues: issuesOf(read.error) };
  const { messages, answer: words, handover, outputs, intake } = read.data;
  const all = [...messages, ...words];
  return { ok: true, words: { messages: all, handover: handover ?? outputs, intake: intake ?? null } };
}

/**
 * A plain string is a text; an empty one is no message. Made anew for each place: of one that stands in two, the OpenAPI
 * document shows no branch.
 */
const message = () =>
  z.union([
    z
      .string()
      .max(LONGEST_TEXT)
      .transform((text): Content[] => (text.trim() === '' ? [] : [{ text }])),
    content.transform((one): Content[] => [one]),
  ]);

const messages = () =>
  z
    .union([z.array(message()).max(50), message().transform((one) => [one])])
    .nullish()
    .transform((all) => (all ?? []).flat());

const handover = z.union([
  z.literal(true).transform(() => ({})),
  z.literal([false, null]).transform(() => null),
  z
    .object({
      reason: optionalText(1000),
      groupId: optionalText(255),
      deskId: optionalText(255),
      skill: optionalText(255),
      webstore: optionalText(255),
      channelTag: optionalText(255),
      priority: priority.optional(),
      history: historyWish.optional(),
      data: freeData.optional(),
    })
    .transform(present),
]);

const value = z.union([z.string().max(10_000), z.number().transform(String), z.boolean().transform(String)]);

const intake = z
  .object({
    status: z.enum(['open', 'done', 'cancelled']),
    answers: z
      .union([
        z.array(z.object({ name: externalId, label: optionalText(255), value }).transform(present)).max(100),
        z
          .record(z.string().min(1).max(255), value)
          .transform((all) => Object.entries(all).map(([name, one]) => ({ name, value: one }))),
      ])
      .default([]),
  })
  .nullable();

/** `answer` is the dialect's word for `messages`; where both stand, both are said. */
export const answer = z
  .looseObject({ messages: messages(), answer: messages(), handover: handover.optional(), intake: intake.optional() })
  .transform((body, context) => {
    if (!asksForPerson(body)) return { ...body, outputs: null };
    const outputs = livechatOutputs.safeParse(body);
    if (outputs.success) return { ...body, outputs: outputs.data };
    outputs.error.issues.forEach(({ path, code }) => context.addIssue({ code: 'custom', path, message: code }));
    return z.NEVER;
  });
