import type { FailureClass, HandoverRequest } from './inputs.ts';
import type { Policy } from './policy.ts';
import type {
  AssignedBy,
  Block,
  Handover,
  Offer,
  Outbound,
  Owner,
  Range,
  ResolveCause,
  ReturnCause,
  Session,
  Situation,
  Target,
  TurnAbout,
} from './state.ts';

/**
 * Domain events: what was decided. Append-only, hash-chained, kept for years; a type or a field is never renamed, only
 * added. `at` is the time of the input, epoch ms. All ids and codes, no words.
 */
export type ConversationEvent = { at: number } & (
  | { type: 'SessionStarted'; session: Session; policy: Policy }
  | { type: 'SessionEnded'; no: number }
  /** `policy`: the numbers in force from here, of the conversation's group or the account's. */
  | { type: 'PolicyApplied'; policy: Policy; accountPolicy: Policy }
  | { type: 'CustomerMessageAccepted'; messageId: string; place: number }
  /** A customer's message for a bot (or form): it waits for the next turn. */
  | { type: 'MessageHeldForBot'; place: number }
  /** A customer's message that was written before a form asked its first question: it answers nothing there. */
  | { type: 'MessageSetAside'; place: number }
  // ------------------------------------------------------------------------------------------------- bot
  /** The customer wrote to a bot that isn't there, and is told so: once in a session. */
  | { type: 'BotMissing'; session: number }
  | { type: 'BotTurnOpened'; no: number; botId: string; about: TurnAbout; messages: Range | null; epoch: number }
  /** Its messages go up to `to`: this one is recorded together with the turn, of which no try has begun. */
  | { type: 'BotTurnWidened'; no: number; to: number }
  | { type: 'BotTurnRetried'; no: number; attempt: number; notBeforeAt: number; class: FailureClass }
  | { type: 'BotTurnDeferred'; no: number; until: number }
  /** `handover`: what the customer told the bot in this answer's dialogue stands with it. */
  | { type: 'BotTurnAnswered'; no: number; answerId: string; handover: number | null }
  | { type: 'BotTurnFailed'; no: number; class: FailureClass }
  | { type: 'BotTurnSuperseded'; no: number }
  // ------------------------------------------------------------------------------------------------- hand-over
  | { type: 'HandoverRequested'; no: number; request: HandoverRequest; by: Handover['by'] }
  | { type: 'PresenceChecked'; no: number; agentStatus: 'online' | 'offline'; failed: boolean }
  | { type: 'PrechatStarted'; no: number; by: 'bot' | 'form' }
  | { type: 'FormAnswered'; no: number; field: number; upTo: number }
  | { type: 'FormAnswerRefused'; no: number; field: number; upTo: number; tries: number }
  | { type: 'FormCancelled'; no: number; field: number; upTo: number }
  | { type: 'IntakeFinished'; no: number; answerId: string | null }
  | { type: 'WorkDelayed'; no: number; work: DelayedWork; attempt: number; notBeforeAt: number }
  /** What it was routed by has changed meanwhile: it is routed again. Nothing has failed. */
  | { type: 'RouteOutdated'; no: number; attempt: number; notBeforeAt: number }
  | { type: 'HandoverFailed'; no: number; step: Handover['step']; class: FailureClass | 'no-dialogue' }
  | { type: 'CustomerTold'; no: number; situation: Situation }
  | {
      type: 'ConversationQueued';
      no: number;
      entry: number;
      target: Target;
      waitingSince: number;
      policy: Policy;
      because: 'handover' | 'unassign' | 'forward' | 'agent-left' | 'no-reply' | 'desk-lost' | 'reopen' | 'responsible';
      notTo: string | null;
      /** A program took it from its owner: that counts like a forward. */
      isTransfer?: boolean;
    }
  | { type: 'QueueWaitPassed'; entry: number }
  | { type: 'OfferMade'; entry: number; offer: Offer }
  | { type: 'OfferEnded'; claimId: string; agentId: string; because: 'declined' | 'expired' | 'gone' }
  | { type: 'ClaimDeclined'; claimId: string; agentId: string; because: 'stale' | 'taken' }
  | {
      type: 'ConversationAssigned';
      no: number;
      owner: Owner;
      by: AssignedBy;
      /** The matcher's claim that this confirms; its place was taken when it was made. */
      claimId: string | null;
      override: boolean;
      /** Where it goes back to when given up. */
      target: Target;
      waitingSince: number;
      /** A program took it from its owner for this one: that counts like a forward. */
      isTransfer?: boolean;
    }
  | { type: 'OwnerReleased'; owner: Owner; because: string }
  | { type: 'DeskOpened'; no: number; deskId: string }
  | { type: 'DeskLost'; deskId: string }
  | { type: 'DeskFound'; deskId: string }
  | { type: 'DeskNoticeQueued'; no: number; deskId: string; handover: number; kind: 'closed' | 'taken' }
  | { type: 'DeskNoticeDelayed'; no: number; attempt: number; notBeforeAt: number }
  | { type: 'DeskNoticeSettled'; no: number; told: boolean }
  | { type: 'ReturnedToBot'; no: number | null; because: ReturnCause }
  | { type: 'HandoverEnded'; no: number; because: HandoverEnd }
  | { type: 'ConversationResolved'; cause: ResolveCause; by: string | null }
  | { type: 'ConversationReopened'; by: 'customer' | 'agent' | 'desk' }
  | { type: 'ConversationBlocked'; block: Block; here: boolean }
  | { type: 'ConversationUnblocked'; blockId: string; because: 'unblock' | 'expired' }
  | { type: 'TagsChanged'; added: string[]; removed: string[] }
  // ------------------------------------------------------------------------------------------------- words going out
  | {
      type: 'MessageQueued';
      seq: number;
      to: Outbound['to'];
      what: Outbound['what'];
      author: Outbound['author'];
      epoch: number;
    }
  | { type: 'SendDelayed'; seq: number; attempt: number; notBeforeAt: number; class: FailureClass }
  /** Nothing was tried: the connection takes it only then. */
  | { type: 'SendPutOff'; seq: number; attempt: number; notBeforeAt: number }
  /** `repeatable`: the next attempt does no harm, and doesn't count among those that can't tell. */
  | { type: 'SendUnclear'; seq: number; attempt: number; notBeforeAt: number; repeatable?: true }
  | { type: 'MessageSettled'; seq: number; as: 'sent' | 'failed' | 'unknown'; class: FailureClass | null }
  | { type: 'MessageCancelled'; seq: number; because: 'takeover' | 'situation-over' | 'desk-lost-chat' | 'superseded' }
  /** The channel refused this one because the customer has been silent for too long; later ones are held. */
  | { type: 'WindowClosed'; seq: number }
  | { type: 'WindowOpened' }
  | { type: 'DraftDiscarded'; messageId: string; because: 'not-the-holder' | 'turn-superseded' }
  | { type: 'OwnerReplied' }
  | { type: 'IdleWarned' }
  // ------------------------------------------------------------------------------------------------- what had no effect
  /** Words or events of a party that doesn't hold the baton: discarded, visibly. */
  | { type: 'InputDiscarded'; input: string; because: string; ref: string | null }
);

/** `continued`: it goes on under a new number, because a desk is asked that was asked before. */
export type HandoverEnd = 'resolved' | 'blocked' | 'session-end' | 'continued' | ReturnCause;

/** Steps of a hand-over that are tried again. */
export type DelayedWork = 'CheckAnswer' | 'RouteHandover' | 'OpenAtDesk';

export type EventOf<T extends ConversationEvent['type']> = Extract<ConversationEvent, { type: T }>;
