/**
 * Whether an input that came through Temporal is one of ours, by its shape. Whoever has a Temporal client may send
 * anything, and a signal can't be refused: what can't be read is not decided on but parked, by itself, for people.
 */
import type { By, Command, CommandName, FailureClass, InboxInput, Input } from './inputs.ts';

type Check = (value: unknown) => boolean;
type Fields = Record<string, Check>;

/** Throws where a field is missing or is not what it has to be. */
export function requireReadable(input: Input): void {
  const { type } = input;
  const fields = Object.hasOwn(fieldsOf, type) ? fieldsOf[type] : undefined;
  if (fields === undefined) throw new UnreadableInput();
  if (!isLike(input, fields)) throw new UnreadableInput();
}

class UnreadableInput extends Error {
  override name = 'UnreadableInput';
}

function isLike(value: unknown, fields: Fields): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

/** Ids of ours, and keys made of them: short, and fit to be stored (no NUL, no half of a surrogate pair). */
const isId: Check = (value) => typeof value === 'string' && /^[^\0\p{Surrogate}]{0,200}$/u.test(value);
const isWhole: Check = (value) => Number.isSafeInteger(value);
const isFlag: Check = (value) => typeof value === 'boolean';
/** At most as many as the API takes at once. */
const isIds: Check = (value) => Array.isArray(value) && value.length <= 100 && value.every(isId);
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const like =
  (fields: Fields): Check =>
  (value) =>
    isLike(value, fields);
/** Of a union by `kind`. */
const kindOf =
  (kinds: Record<string, Fields>): Check =>
  (value) => {
    const kind = isLike(value, {}) ? (value as { kind?: unknown }).kind : undefined;
    return typeof kind === 'string' && Object.hasOwn(kinds, kind) && isLike(value, kinds[kind] ?? {});
  };

const by = kindOf({
  agent: { agentId: isId },
  supervisor: { agentId: isId },
  api: { keyId: isId },
  bot: { botId: isId },
  engine: {},
} satisfies Record<By['kind'], Fields>);

const request = like({ requestId: isId, priority: isWhole });
const to = kindOf({ agent: { agentId: isId }, group: { groupId: isId }, desk: { deskId: isId } });

const commands: Record<CommandName, Fields> = {
  RequestHandover: { by, request },
  Join: { by, agentId: isId },
  Assign: { by, agentId: isId, override: isFlag },
  Unassign: { by },
  Forward: { by, to },
  HandBack: { by },
  Reply: { by, agentId: isId, messageId: isId },
  Resolve: { by },
  Reopen: { by, agentId: isId },
  Block: { by, blockId: isId, expiresAt: orNull(isWhole) },
  Unblock: { by },
  Tag: { by, add: isIds, remove: isIds },
  AcceptOffer: { by, agentId: isId, claimId: isId },
  DeclineOffer: { by, agentId: isId, claimId: isId },
};

const answer = like({
  answerId: isId,
  messageIds: isIds,
  handover: orNull(request),
  intake: oneOf('open', 'done', 'cancelled', null),
});
const personId = orNull(isId);
const failureClasses: FailureClass[] = [
  'retryable',
  'throttled',
  'ambiguous',
  'window-closed',
  'recipient-unreachable',
  'content-rejected',
  'auth',
  'permanent',
];

const inboxRows: Record<InboxInput['type'], Fields> = {
  CustomerWrote: { messageId: isId },
  CustomerCancelled: {},
  BotAnswered: { turn: isWhole, answer },
  DeskTook: { deskId: isId, personId },
  DeskAccepted: { deskId: isId, handover: isWhole, personId },
  DeskRefused: { deskId: isId, handover: isWhole },
  DeskAnswered: { deskId: isId, handover: isWhole, personId, messageId: isId },
  DeskClosed: { deskId: isId, handover: isWhole },
  AgentClaimed: { claimId: isId, entry: isWhole, agentId: isId, epoch: isWhole, offer: isFlag },
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the row, never awaited
  AgentLeft: { agentId: isId, then: oneOf('requeue', 'forward', 'close'), groupId: orNull(isId) },
  ReceiptCame: { outbound: isWhole, status: oneOf('sent', 'failed'), class: oneOf(undefined, ...failureClasses) },
  ContactBlocked: { blockId: isId, expiresAt: orNull(isWhole) },
  ContactUnblocked: { blockId: isId },
  PolicyChanged: {},
  AvailabilityChanged: {},
};

/** The last two are the shell's own. */
const fieldsOf: Record<Input['type'], Fields> = { ...commands, ...inboxRows, DeadlinePassed: {}, WorkDone: {} };

/**
 * A command as its signal or update brought it, with the fields that it has and no others. What addresses it is made
 * sound here, since the shell goes by it before anything is decided.
 */
export function readCommand(name: CommandName, payload: unknown): Command {
  const given = (isLike(payload, {}) ? payload : {}) as Record<string, unknown>;
  const { key, keyDigest, at, after } = given;
  return {
    ...Object.fromEntries(Object.keys(commands[name]).map((field) => [field, given[field]])),
    key: isKey(key) ? key : '',
    ...(isKey(keyDigest) ? { keyDigest } : {}),
    ...(isWhole(at) ? { at } : {}),
    ...(isWhole(after) ? { after } : {}),
    type: name,
  } as Command;
}

/** Visible ASCII, as the API takes it. */
function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value);
}
