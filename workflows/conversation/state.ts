import type { Policy } from './policy.ts';

/**
 * What a conversation is. Plain JSON only: it is stored in Postgres, carried through continue-as-new and replayed for
 * years. It holds ids, kinds, times (epoch ms), counters and codes; never a word that a person wrote.
 *
 * Numbers (`turn`, `handover`, `entry`, outbound `seq`, `session`) count up within the conversation; with its id they
 * are unique everywhere, so the pure core can make ids without chance or clock.
 */
export interface ConversationState {
  phase: Phase;
  baton: Baton;
  /** null: no session runs; the next message of the customer begins one. */
  session: Session | null;
  /** The account's own numbers, of the newest version that the conversation was told of. */
  accountPolicy: Policy;
  /**
   * The numbers in force. While a group has the conversation or is to get it (it waits in its queue, an agent or a desk
   * took it from there, it was resolved there), they are the group's; in any other case the account's: with the bot, in
   * the intake, blocked, for a target that is a desk, and from the beginning of a session on.
   */
  policy: Policy;
  /** The open hand-over: from the request for a person to its resolve, or its return to the bot. */
  handover: Handover | null;
  /** The bot's turn that is out, or between two tries. At most one. */
  turn: Turn | null;
  /** Inbox places of customer messages that the bot (or the form) has not been given yet. */
  waiting: Range | null;
  /**
   * What was written before a form began to ask, oldest first: it answers nothing there, and is the bot's, before `waiting`,
   * when the customer is. What was read as answers in between is in none of them.
   */
  setAside: Range[];
  /** The last turns that were answered, and by what: a second report of the same answer is a repeat, not a late word. */
  answers: { turn: number; answerId: string }[];
  /** What has been decided to be sent and is not settled, oldest first. */
  outbox: Outbound[];
  /** The last that left it otherwise than sent: an attempt may have been under way, and a late report of it is the truth. */
  takenBack: number[];
  window: Window;
  block: Block | null;
  tagIds: string[];
  /** The last session whose customer was told that there is no bot; 0: none. */
  apologizedIn: number;
  /** Last number given out, per kind. */
  count: { session: number; handover: number; turn: number; entry: number; outbound: number; deskNotice: number };
  /** Forwards, and what programs take from an owner, in a row without a reply or a resolve (loop guard). */
  transfers: number;
  /** Returns to the bot in a row, without a word of the customer or a person (the other loop guard). */
  returns: number;
  /** The desk that must still be told that it lost, or that the chat is closed; oldest first. */
  deskNotices: DeskNotice[];
}

export type PhaseName = 'bot' | 'prechat' | 'queued' | 'assigned' | 'resolved' | 'blocked';

export type Phase =
  | { name: 'bot' }
  | {
      name: 'prechat';
      by: 'bot' | 'form';
      since: number;
      /** When the customer was last asked something. */
      askedAt: number;
      /** The form as it was when the intake began: a later policy changes the next one. */
      form: Form;
      /** The form's field that is being asked, from 0. */
      field: number;
      /** Wrong answers to this field so far. */
      tries: number;
    }
  | {
      name: 'queued';
      target: Target;
      /** Number of the queue entry; a claim is for the very entry that it was made for. */
      entry: number;
      /** When this entry was made. */
      since: number;
      /** When the customer began to wait; kept through unassign and requeue, so that age orders the queue. */
      waitingSince: number;
      /** The queue-wait deadline fired once and the policy said to keep waiting. */
      waitOver: boolean;
      /** An offer that is out (made by the matcher). */
      offer: Offer | null;
      /** The agent who just gave the chat up and doesn't get it straight back. */
      notTo: string | null;
    }
  | {
      name: 'assigned';
      owner: Owner;
      since: number;
      waitingSince: number;
      /** How the chat came to its owner. */
      by: AssignedBy;
      /** Used by a supervisor's override: one more for this agent and this chat. */
      override: boolean;
      /** The first public reply of this owner has been accepted. */
      replied: boolean;
      /** When the owner last wrote and the customer has not answered since; null: the customer wrote last. */
      silentSince: number | null;
      /** The idle warning for this silence has been sent. */
      warned: boolean;
      /** Since when the desk that holds the chat can't be reached; null: it can. */
      deskLostSince: number | null;
      /** Where it goes back to when given up. */
      target: Target;
    }
  | {
      name: 'resolved';
      at: number;
      cause: ResolveCause;
      lastOwner: Owner | null;
      /** Where a reopened conversation is queued, and how urgently. */
      target: Target | null;
      priority: number;
    }
  | { name: 'blocked' };

/** What of an account's form is decided by; its fields stand in Postgres under the same version. */
export interface Form {
  /** Of the policy whose fields are asked, and whose words ask them. */
  version: number;
  fields: number;
  maxTries: number;
}

/** One state of the conversation, and a conversation known to be in it. */
export type PhaseOf<N extends PhaseName> = Extract<Phase, { name: N }>;
export type In<N extends PhaseName> = ConversationState & { phase: PhaseOf<N> };

export type AssignedBy = 'join' | 'assign' | 'forward' | 'claim' | 'offer' | 'reopen' | 'desk-accepted' | 'desk-took';
export type ResolveCause = 'agent' | 'api' | 'idle' | 'session-end' | 'desk-closed' | 'queue-wait' | 'agent-offline';

/** Who may speak to the customer, and how often that has changed. The epoch fences authorship. */
export interface Baton {
  holder: Holder;
  epoch: number;
}

export type Owner = { kind: 'agent'; agentId: string } | { kind: 'desk'; deskId: string; personId: string | null };
export type Holder = { kind: 'bot'; botId: string } | Owner | { kind: 'engine' };
export type Target = { kind: 'group'; groupId: string } | { kind: 'desk'; deskId: string };

export interface Session {
  no: number;
  startedAt: number;
  /** Last message of customer or agent; the system's own don't move it. */
  lastActivityAt: number;
  /** Fixed for the session, whatever the channel's settings say later. */
  mode: 'engagement' | 'business';
  /** The bot of this session; null where managers are responsible and no bot is configured. */
  botId: string | null;
  /** From `queued` on, until the session ends or the customer is given back: the bot receives nothing. */
  locked: boolean;
}

export interface Handover {
  no: number;
  /** Row of the request in Postgres: reason, group, skill, webstore, channel tag, data. */
  requestId: string;
  by: 'bot' | 'api' | 'agent' | 'engine';
  step: 'presence' | 'intake' | 'routing' | 'waiting' | 'held';
  requestedAt: number;
  priority: number;
  agentStatus: 'online' | 'offline' | null;
  /** Situations for which the customer has been told, once each. */
  told: Situation[];
  /** Attempt of the work that this step waits for (presence, routing, opening at the desk). */
  attempt: number;
  /** How many of the attempts failed in nothing, because what they found had changed before it was recorded. */
  outdated?: number;
  notBeforeAt: number;
  /** The desk has been asked (`OpenAtDesk` is done). */
  opened: boolean;
  /** Desks that were asked under this number: to be asked anew, they need a new one. */
  askedDesks: string[];
}

export type Situation = 'assigned' | 'all-offline' | 'all-busy' | 'out-of-hours';

export interface Turn {
  no: number;
  botId: string;
  about: TurnAbout;
  /** Customer messages of this turn, by inbox place; null for a turn that is only an event. */
  messages: Range | null;
  epoch: number;
  /** Tries begun, from 1. All share the turn's id; the first answer wins. */
  attempt: number;
  notBeforeAt: number;
  /** Set while a bot that answered 202 owes its later answer. */
  deferredUntil: number | null;
}

/** `messages`: the customer wrote. `prechat`: intake begins. `returned`: the customer is the bot's again, because. */
export type TurnAbout =
  | { kind: 'messages' }
  | { kind: 'prechat'; agentStatus: 'online' | 'offline' }
  | { kind: 'returned'; because: ReturnCause };

export type ReturnCause =
  | 'hand-back'
  | 'desk-refused'
  | 'desk-failed'
  | 'desk-lost'
  | 'customer-cancelled'
  | 'queue-wait'
  | 'all-offline'
  | 'handover-failed'
  | 'intake-abandoned'
  | 'reopened';

/** Inclusive places of the conversation's inbox. */
export interface Range {
  from: number;
  to: number;
}

export interface Outbound {
  seq: number;
  to: { kind: 'channel' } | { kind: 'desk'; deskId: string; handover: number };
  /** The words, or the code of a notice whose words the record takes from the policy. */
  what: { kind: 'message'; messageId: string } | { kind: 'notice'; notice: Notice; situation: BoundTo };
  author: 'customer' | 'bot' | 'agent' | 'desk' | 'engine';
  /** Epoch under which it was accepted. */
  epoch: number;
  queuedAt: number;
  attempt: number;
  /** How many of the attempts were none, because the connection took it only later. */
  putOff?: number;
  notBeforeAt: number;
  /** The last attempt's outcome is unknown; it is being reconciled, or waits for a receipt. */
  ambiguous: boolean;
  /** Attempts whose outcome stayed unknown, and after which another could do harm. */
  unclear: number;
}

/** In which the channel takes what isn't a template. */
export interface Window {
  /** Since a send failed because it was closed; null: it is open, as far as anybody knows. */
  closedAt: number | null;
  /** The last outbound seq when the customer last wrote: how it or an earlier one failed says nothing of the window now. */
  wroteAfter: number;
}

export type Notice =
  | 'assigned'
  | 'all-offline'
  | 'all-busy'
  | 'out-of-hours'
  | 'queue-wait'
  | 'idle-warning'
  | 'resolved'
  | 'blocked'
  | 'bot-failed'
  | 'form-question'
  | 'form-retry'
  | 'handover-failed';

/** What a notice speaks of, kind first, and which of its kind: while unsent it is cancelled once that is over. */
export type BoundTo =
  | `queued:${number}`
  | `assigned:${number}`
  | `idle:${number}`
  | `field:${number}`
  | `resolved:${number}`
  | `block:${string}`
  | `turn:${number}`
  | `session:${number}`
  | `handover:${number}`;

export interface Offer {
  claimId: string;
  agentId: string;
  expiresAt: number;
}

export interface Block {
  blockId: string;
  expiresAt: number | null;
}

export interface DeskNotice {
  no: number;
  deskId: string;
  handover: number;
  /** `closed`: resolved here. `taken`: somebody else has the chat. */
  kind: 'closed' | 'taken';
  attempt: number;
  notBeforeAt: number;
  since: number;
}
