/** A policy as people write it, with its limits, and the one that an account begins with. */
import { z } from 'zod';
import { usualNotices, type Notices } from '../store/notices.ts';
import type { PolicyValues } from '../store/policy-versions.ts';
import { effectivePolicy } from '../store/policies.ts';
import { attemptMs } from '../workflows/conversation/attempt-limits.ts';
import { defaultPolicy, type Policy } from '../workflows/conversation/policy.ts';
import { id, name, words } from './fields.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

const ms = (min: number, max: number, what: string) =>
  z.number().int().min(min).max(max).describe(`${what} Milliseconds, ${min} to ${max}.`);

const lock = z.object({
  sessionMs: ms(SECOND, 30 * DAY, 'Silence of customer and agent after which the session ends. Default 24 h.'),
  until: z
    .enum(['session-end', 'resolve'])
    .describe('How long the bot stays silent after a hand-over: to the end of the session, or to resolve.'),
});
const reopen = z.object({
  windowMs: ms(0, 3 * DAY, 'How long after resolve a message reopens the chat.')
    .nullable()
    .describe(
      'How long after resolve a message reopens the chat, at most 72 h; null (default): as long as the session.',
    ),
  to: z.enum(['same-agent', 'queue', 'bot']),
});
const intake = z.object({
  by: z.enum(['bot', 'form', 'none']).describe('Who asks before the hand-over: the bot’s dialogue, `form`, or nobody.'),
  maxTries: z.number().int().min(1).max(20).describe('Wrong answers to one field before the step counts as failed.'),
  abandonedMs: ms(
    SECOND,
    DAY,
    'Silence of the customer, once asked, after which the bot has them again. Default 10 min.',
  ),
});
const queue = z.object({
  waitMs: ms(SECOND, 7 * DAY, 'Wait after which `onWaitOver` applies. Default 30 min.'),
  onWaitOver: z.enum(['keep-waiting', 'bot', 'close']),
  onAllOffline: z.enum(['keep-waiting', 'bot']),
});
const offer = z.object({ acceptMs: ms(SECOND, HOUR, 'How long an agent has to accept an offer. Default 120 s.') });
const idle = z.object({
  warnMs: ms(SECOND, 7 * DAY, 'Silence of the customer before a warning. Default 10 min.').nullable(),
  closeMs: ms(SECOND, 7 * DAY, 'Silence of the customer before the chat is resolved. Default: never.').nullable(),
});
const bot = z.object({
  tries: z.number().int().min(1).max(10),
  timeoutMs: ms(100, attemptMs, 'How long one try may take. Default 3 s.'),
  turnMs: ms(SECOND, HOUR, 'How long a bot that answered 202 has for its later answer. Default 60 s.'),
  onFailure: z.enum(['hand-over', 'apologize']),
});
const desk = z.object({
  lostAfterMs: ms(SECOND, DAY, 'How long a desk may be out of reach before it loses the chat. Default 5 min.'),
  onLost: z.enum(['queue', 'bot']),
});
const delivery = z.object({
  onAmbiguous: z
    .enum(['at-most-once', 'at-least-once'])
    .describe('A send whose outcome nobody can tell: drop or repeat.'),
  maxAgeMs: ms(SECOND, 7 * DAY, 'How old a message may be and still be sent. Default 24 h.'),
});
const assignment = z.enum(['manual', 'automatic']).describe('Agents join, or chats are given to them.');
const firstReplyMs = ms(
  SECOND,
  DAY,
  'Time to the agent’s first reply before the chat goes back. Default: off.',
).nullable();
const maxTransfers = z
  .number()
  .int()
  .min(1)
  .max(100)
  .describe(
    'Forwards in a row without a reply to the customer, or returns to the bot without a word of theirs, before another is refused.',
  );

const numbers = z
  .object({ lock, reopen, intake, queue, assignment, offer, firstReplyMs, idle, bot, desk, maxTransfers, delivery })
  .meta({ id: 'PolicyNumbers' });

const someNumbers = z
  .strictObject({
    lock: lock.partial().strict(),
    reopen: reopen.partial().strict(),
    intake: intake.partial().strict(),
    queue: queue.partial().strict(),
    assignment,
    offer: offer.partial().strict(),
    firstReplyMs,
    idle: idle.partial().strict(),
    bot: bot.partial().strict(),
    desk: desk.partial().strict(),
    maxTransfers,
    delivery: delivery.partial().strict(),
  })
  .partial()
  .meta({ id: 'SomePolicyNumbers', description: 'The numbers that differ; what is left out keeps its default.' });

/** A form's questions stand in the form. */
export const noticeCodes = [
  'assigned',
  'all-offline',
  'all-busy',
  'out-of-hours',
  'queue-wait',
  'idle-warning',
  'resolved',
  'blocked',
  'bot-failed',
  'form-retry',
  'handover-failed',
] as const satisfies (keyof Notices)[];

const notices = z
  .partialRecord(z.enum(noticeCodes), z.string().max(4_000))
  .describe('What customers are told, by situation. Every text is needed.');

const formField = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z][\w-]{0,63}$/, 'Letters, digits, _ and -, a letter first'),
    label: name.exactOptional().describe('What colleagues and desks read beside the answer; without it the question.'),
    question: words(1_000),
    type: z.enum(['text', 'email', 'phone', 'number', 'choice']).default('text'),
    required: z.boolean().default(true).describe('An optional field can be passed over with `-` or `skip`.'),
    options: z.array(name).min(1).max(20).exactOptional().describe('Of `choice`.'),
    cancelWords: z.array(name).max(20).exactOptional().describe('Words by which the customer gives up.'),
  })
  .meta({ id: 'FormField', description: 'A question of the account’s own intake form.' });

const target = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('group'), groupId: id }),
    z.strictObject({ kind: z.literal('desk'), deskId: id }),
  ])
  .meta({ id: 'Target', description: 'Where a hand-over goes.' });

const routing = z
  .strictObject({
    rules: z
      .array(z.strictObject({ skill: name.exactOptional(), webstore: name.exactOptional(), target }))
      .max(500)
      .default([])
      .describe('The first rule all of whose facts are the request’s decides.'),
    default: target.nullable().default(null).describe('Where no rule fits and the channel has no group.'),
    webstores: z
      .array(z.strictObject({ pattern: words(500), webstore: name }))
      .max(500)
      .default([])
      .describe(
        'Which webstore a page belongs to; the first match counts. `pattern`: host and path, `*` for anything.',
      ),
  })
  .meta({ id: 'Routing' });

export const policyInput = z
  .strictObject({
    numbers: someNumbers.default({}),
    groups: z.record(id, someNumbers).default({}).describe('By group: the numbers that differ there.'),
    notices,
    form: z.array(formField).max(30).default([]).describe('Asked in order where `intake.by` is `form`.'),
    routing,
  })
  .meta({
    id: 'WholePolicy',
    description: 'A whole policy: what is left out gets its default, not what was there before.',
  });
export type PolicyInput = z.output<typeof policyInput>;

export const policyOutput = z
  .object({
    version: z.number().int(),
    createdAt: z.iso.datetime(),
    numbers,
    groups: z.record(id, z.looseObject({})),
    notices: z.partialRecord(z.enum(noticeCodes), z.string()),
    form: z.array(z.looseObject({ name: z.string(), question: z.string() })),
    routing: z.looseObject({ rules: z.array(z.looseObject({})) }),
  })
  .meta({ id: 'Policy', description: 'An immutable version.' });

/** The given numbers over the defaults. */
export function wholeNumbers(given: unknown): Policy {
  return effectivePolicy({ version: 0, numbers: given, groups: {}, form: [] }, null);
}

/** What an account begins with. */
export function firstPolicy(groupId: string): PolicyValues {
  return {
    numbers: wholeNumbers(defaultPolicy),
    groups: {},
    notices: usualNotices,
    form: [],
    routing: { rules: [], default: { kind: 'group', groupId }, webstores: [] },
  };
}
