/**
 * Every error that leaves the API is an RFC 9457 problem with a code of this one table. Clients branch on codes: none is
 * ever renamed, only added. Nothing of an error's own text, stack or class goes out; see `errors.ts`.
 */
import { z } from 'zod';
import type { Rejection, RejectionCode } from '../workflows/conversation/rejections.ts';

interface Kind {
  status: number;
  title: string;
  /** Where whoever answers has none of their own. */
  detail?: string;
}

/** What the core answers a command that it can't accept: all of them 409, by the core's own codes. */
const rejections: Record<RejectionCode, Kind> = {
  'wrong-state': { status: 409, title: 'The conversation is in a state that does not allow this' },
  'not-the-owner': { status: 409, title: 'Somebody else holds the conversation' },
  taken: { status: 409, title: 'Somebody else was faster' },
  'agent-at-limit': { status: 409, title: 'The agent has as many chats as the limit allows' },
  'agent-offline': { status: 409, title: 'The agent is not online' },
  'agent-not-in-group': { status: 409, title: 'The agent does not serve this group' },
  'agent-unknown': { status: 409, title: 'There is no such agent' },
  'agent-not-for-this-bot': { status: 409, title: 'The agent does not serve this bot' },
  'group-unknown': { status: 409, title: 'There is no such group' },
  'auto-assignment-enabled': { status: 409, title: 'Chats of this group are assigned automatically' },
  'too-many-transfers': { status: 409, title: 'The conversation has been passed on too often' },
  'lock-ended': { status: 409, title: 'The session lock has ended' },
  'session-ended': { status: 409, title: 'The session has ended' },
  blocked: { status: 409, title: 'The contact is blocked' },
  'not-blocked': { status: 409, title: 'The contact is not blocked' },
  'offer-gone': { status: 409, title: 'The offer is gone' },
  'no-bot': { status: 409, title: 'The conversation has no bot to go back to' },
  'draft-unknown': { status: 409, title: 'There is no such draft' },
  'unsupported-content': { status: 409, title: 'The channel can not carry this content' },
  'contact-erased': { status: 409, title: 'The contact was erased: the conversation can only be brought to its end' },
  'context-changed': { status: 409, title: 'What this was decided by kept changing; ask again' },
  parked: { status: 409, title: 'The command could not be decided; people have been told' },
};

/** What a command may be answered with, whichever it is. */
export const rejectionCodes = Object.keys(rejections) as RejectionCode[];

export const problems = {
  'invalid-request': { status: 400, title: 'The request is not well-formed' },
  unauthenticated: { status: 401, title: 'A valid API key or token is needed' },
  'wrong-kind-of-key': { status: 403, title: 'This asks for a key of the other kind' },
  'missing-scope': { status: 403, title: 'The key or role lacks a scope' },
  forbidden: { status: 403, title: 'This is not yours to do' },
  'not-found': { status: 404, title: 'There is nothing here', detail: 'This leads nowhere.' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'This contradicts what is stored' },
  'choice-required': { status: 409, title: 'Say first what becomes of the chats in progress' },
  'conversation-open': { status: 409, title: 'A person has a conversation of the contact, or is awaited in one' },
  'in-use': { status: 409, title: 'Something else still needs this' },
  ...rejections,
  'version-mismatch': { status: 412, title: 'It has been changed meanwhile' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported here' },
  'expectation-failed': { status: 417, title: 'The expectation can not be met' },
  'invalid-settings': { status: 422, title: 'The settings are not acceptable; nothing was saved' },
  'unknown-reference': { status: 422, title: 'The request names something that does not exist' },
  'configured-on-platform': { status: 422, title: 'In business mode this is configured on the platform' },
  'client-message-id-reused': { status: 422, title: 'The client message id was used for other words' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Temporarily not available' },
  'backlog-full': { status: 503, title: 'Too much is waiting to be handled' },
  overloaded: { status: 503, title: 'The server is overloaded' },
  unanswered: { status: 504, title: 'The conversation has not answered in time' },
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof problems;
const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** One thing that is wrong with the input. `path` leads to it: `body`, `query`, `params` or `headers` first. */
export const issueSchema = z
  .object({
    path: z.array(z.union([z.string(), z.number()])),
    message: z.string(),
  })
  .meta({ id: 'Issue' });
export type Issue = z.output<typeof issueSchema>;

export const problemSchema = z
  .looseObject({
    type: z.string().describe('Identifies the code, and leads to its description.'),
    title: z.string().describe('The code in words, for people.'),
    status: z.number().int(),
    code: z.enum(codes).describe('Stable: branch on this.'),
    detail: z.string().optional(),
    requestId: z.string().optional().describe('As in the header `x-request-id` and in our logs.'),
    issues: z.array(issueSchema).optional().describe('What is wrong with the input, and where.'),
    scope: z.string().optional().describe('The scope that is missing.'),
    allowed: z
      .array(z.string())
      .optional()
      .describe('The commands that the conversation would consider now from who asked.'),
    ownerId: z.string().optional().describe('Who holds the conversation, where that is why.'),
    retryAfterSeconds: z.number().int().optional().describe('As in the header `Retry-After`.'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

/** Members beside the code: `detail` in words without personal data, and whatever a client can act on. */
export interface ProblemMembers {
  detail?: string | undefined;
  issues?: Issue[] | undefined;
  retryAfterSeconds?: number | undefined;
  [member: string]: unknown;
}

/** Thrown by routes; `errors.ts` turns it into the response. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly members: ProblemMembers;

  constructor(code: ProblemCode, members: ProblemMembers = {}) {
    super(problems[code].title);
    this.name = 'Problem';
    this.code = code;
    this.members = members;
  }
}

/** What the core said no to, as a problem: `allowed` and the owner stand in it. */
export function rejected(rejection: Rejection): Problem {
  const { code, reason, allowed, ownerId } = rejection;
  return new Problem(code, { detail: reason, allowed, ...(ownerId === undefined ? {} : { ownerId }) });
}

/** Says which kind of thing was asked for, and the same of an id that nobody has and one of another account. */
export const notFound = (what: string): Problem =>
  new Problem('not-found', { detail: `There is no such ${what} in this account.` });

/** The row, or the 404. `what`: the kind of thing, for people. */
export function found<T>(row: T | null | undefined, what: string): T {
  if (row === null || row === undefined) throw notFound(what);
  return row;
}

export function problemBody(code: ProblemCode, members: ProblemMembers, requestId?: string): Record<string, unknown> {
  const { status, title, detail }: Kind = problems[code];
  return {
    type: `/v1/problems/${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...members,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

export const problemType = 'application/problem+json';
