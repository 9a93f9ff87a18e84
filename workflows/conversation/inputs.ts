import type { Policy } from './policy.ts';
import type { Refusal } from './refusals.ts';
import type { Situation, Target } from './state.ts';

/** Everything that can happen to a conversation. Five sources, one union; `decide` dispatches on `type`. */
export type Input = InboxInput | Command | DeadlinePassed | WorkDone;

// ---------------------------------------------------------------------------------------------- what nobody waits for

interface FromInbox {
  /** Place in the conversation's inbox. */
  seq: number;
  /** When it was stored, epoch ms; `now` of `decide` may be later, since time does not run backwards. */
  at?: number;
  /** It is recorded together with the rows from this place on: nothing that they led to has begun outside. */
  runFrom?: number;
  /** Facts read by the shell because `needsContext` said so. */
  context?: Context;
  /** The record refused what was decided first; decide the fallback. For no inbox row may there be no answer. */
  refused?: Refusal;
}

export type InboxInput = FromInbox &
  (
    | { type: 'CustomerWrote'; messageId: string }
    | { type: 'CustomerCancelled' }
    /** A bot's answer to a turn that it had deferred (202), or a try's answer that came through the API. */
    | { type: 'BotAnswered'; turn: number; answer: BotAnswer }
    | { type: 'DeskTook'; deskId: string; personId: string | null }
    /** `handover` 0 in what a desk says: it took the chat unasked and knows no number of ours. */
    | { type: 'DeskAccepted'; deskId: string; handover: number; personId: string | null }
    | { type: 'DeskRefused'; deskId: string; handover: number }
    | { type: 'DeskAnswered'; deskId: string; handover: number; personId: string | null; messageId: string }
    | { type: 'DeskClosed'; deskId: string; handover: number }
    /** The matcher chose. `offer`: the agent must accept first; else the chat is the agent's at once. */
    | { type: 'AgentClaimed'; claimId: string; entry: number; agentId: string; epoch: number; offer: boolean }
    /** An agent went offline and said (or the account says) what becomes of the chats in progress. */
    | { type: 'AgentLeft'; agentId: string; then: 'requeue' | 'forward' | 'close'; groupId: string | null }
    /** Of a send that the actor waits for: a failure, or the answer to an ambiguous one. */
    | { type: 'ReceiptCame'; outbound: number; status: 'sent' | 'failed'; class?: FailureClass }
    | { type: 'ContactBlocked'; blockId: string; expiresAt: number | null }
    | { type: 'ContactUnblocked'; blockId: string }
    | { type: 'PolicyChanged' }
    /** A hint to who waits in a group's queue: the last agent may have gone, or its hours are others. What is true is read with it. */
    | { type: 'AvailabilityChanged' }
  );

// --------------------------------------------------------------------------------------------------- what is asked for

export type By =
  | { kind: 'agent'; agentId: string }
  | { kind: 'supervisor'; agentId: string }
  | { kind: 'api'; keyId: string }
  | { kind: 'bot'; botId: string }
  | { kind: 'engine' };

interface Asked {
  by: By;
  /** Idempotency key; unique per account. */
  key: string;
  /** Digest of the request's body; stored beside the outcome, so that the key with another body is refused. */
  keyDigest?: string;
  /** When the API accepted it, epoch ms; the shell's own clock where a Temporal client signals without it. */
  at?: number;
  /** The conversation's last inbox place when the API accepted it; decided once that place is recorded. */
  after?: number;
  context?: Context;
  refused?: Refusal;
}

export type Command = Asked &
  (
    | { type: 'RequestHandover'; request: HandoverRequest }
    | { type: 'Join'; agentId: string }
    | { type: 'Assign'; agentId: string; override: boolean }
    | { type: 'Unassign' }
    | { type: 'Forward'; to: { kind: 'agent'; agentId: string } | Target }
    | { type: 'HandBack' }
    /** `messageId` points to a stored draft. */
    | { type: 'Reply'; agentId: string; messageId: string }
    | { type: 'Resolve' }
    | { type: 'Reopen'; agentId: string }
    /** `blockId` points to the stored reason and customer's message. */
    | { type: 'Block'; blockId: string; expiresAt: number | null }
    | { type: 'Unblock' }
    | { type: 'Tag'; add: string[]; remove: string[] }
    | { type: 'AcceptOffer'; agentId: string; claimId: string }
    | { type: 'DeclineOffer'; agentId: string; claimId: string }
  );

export type CommandName = Command['type'];

/** Every command's name: the actor registers one update and one signal for each. */
export const commandNames = [
  'RequestHandover',
  'Join',
  'Assign',
  'Unassign',
  'Forward',
  'HandBack',
  'Reply',
  'Resolve',
  'Reopen',
  'Block',
  'Unblock',
  'Tag',
  'AcceptOffer',
  'DeclineOffer',
] as const satisfies readonly CommandName[];

// ------------------------------------------------------------------------------------------------ what time brings

export type DeadlineKind =
  | 'session'
  | 'prechat-abandoned'
  | 'queue-wait'
  | 'offer'
  | 'first-reply'
  | 'idle-warning'
  | 'idle-close'
  | 'block-expiry'
  | 'bot-turn'
  | 'desk-lost'
  | 'held-too-long';

export interface Deadline {
  kind: DeadlineKind;
  at: number;
  /** A deadline of silence: its record refuses while an inbox row not later than it waits. */
  silence: boolean;
}

/** `now` of `decide` is the deadline itself, however late the code runs. */
export interface DeadlinePassed {
  type: 'DeadlinePassed';
  kind: DeadlineKind;
  context?: Context;
  refused?: Refusal;
}

// ----------------------------------------------------------------------------------------- what pending work brought

export type WorkDone = { type: 'WorkDone'; workId: string; context?: Context; refused?: Refusal } & WorkResult;

/** What an actor has to tell apart of what fails outside. */
export type FailureClass =
  | 'retryable'
  | 'throttled'
  | 'ambiguous'
  | 'window-closed'
  | 'recipient-unreachable'
  | 'content-rejected'
  | 'auth'
  | 'permanent';

export interface WorkFailure {
  kind: 'failed';
  class: FailureClass;
  /** Wait at least this long before the next attempt; binds where given. */
  retryAfterMs: number | null;
}

export type WorkResult =
  | { work: 'AskBot'; outcome: { kind: 'answered'; answer: BotAnswer } | { kind: 'deferred' } | WorkFailure }
  | { work: 'CheckPresence'; outcome: { kind: 'checked'; online: boolean } | WorkFailure }
  | { work: 'RouteHandover'; outcome: { kind: 'routed'; route: Route } | WorkFailure }
  | {
      work: 'CheckAnswer';
      /** `upTo`: inbox place of the message that was read as the answer. */
      outcome: { kind: 'valid' | 'invalid' | 'cancel'; upTo: number } | WorkFailure;
    }
  | { work: 'SendMessage'; outcome: SendOutcome }
  | { work: 'OpenAtDesk'; outcome: { kind: 'opened' } | { kind: 'refused' } | WorkFailure }
  | { work: 'SendToDesk'; outcome: SendOutcome }
  | { work: 'TellDesk'; outcome: { kind: 'told' } | WorkFailure };

/** What came of an attempt to send. `put-off`: none was made, the connection takes it later (its rate, a Retry-After). */
export type SendOutcome = { kind: 'sent' } | { kind: 'superseded' } | { kind: 'put-off'; forMs: number } | SendFailure;

/** `repeatable`: nobody knows what came of it, yet the next attempt does no harm: its key is honoured, or it asks first. */
export type SendFailure = WorkFailure & { repeatable?: true };

/** A bot's answer, already stored: drafts and facts by id. Which of several tries' answers wins is settled there. */
export interface BotAnswer {
  answerId: string;
  /** Drafts, in order. */
  messageIds: string[];
  handover: HandoverRequest | null;
  /** In prechat: the dialogue goes on, is finished (answers stored), or the customer gave up. */
  intake: 'open' | 'done' | 'cancelled' | null;
}

export interface HandoverRequest {
  /** Row with reason, group, skill, webstore, channel tag, history, data. */
  requestId: string;
  priority: number;
}

export interface Route {
  target: Target;
  /** What the customer is told; null: somebody is there, so nothing yet. */
  situation: Exclude<Situation, 'assigned'> | null;
  /** The policy in force for this target: the account's, with the group's values over it. */
  policy: Policy;
}

/** What is known beside an input: facts that were read for it, and what the record said of what was decided first. */
export interface Facts {
  context?: Context | undefined;
  refused?: Refusal | undefined;
}

/** What the shell asks Postgres for an input, because `needsContext` said so. */
export interface Question {
  /** The queue that the input may lead into; its facts are `Context.route`. null: into none. */
  target: Target | null;
  /** It is where the chat came from, not where somebody sends it: if it is gone, the channel's group or the account's default. */
  orDefault?: boolean;
}

/** What stands in Postgres and a decision depends on: the facts of a session's beginning, and those of a queue. */
export interface Context {
  /** The account's own. */
  policy: Policy;
  /** Of the target that was asked for, or of what stands for it; null where none was. */
  route: Route | null;
  mode: 'engagement' | 'business';
  /** Who answers first on this channel. */
  responsible: { kind: 'bot' } | { kind: 'managers'; requestId: string; route: Route };
  botId: string | null;
  block: { blockId: string; expiresAt: number | null } | null;
}
