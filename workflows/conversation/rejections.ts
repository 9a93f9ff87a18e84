import type { CommandName } from './inputs.ts';

/** Stable codes: clients branch on them. A code is never renamed, only added. */
export type RejectionCode =
  | 'wrong-state'
  | 'not-the-owner'
  | 'taken'
  | 'agent-at-limit'
  | 'agent-offline'
  | 'agent-not-in-group'
  | 'agent-unknown'
  | 'agent-not-for-this-bot'
  | 'group-unknown'
  | 'auto-assignment-enabled'
  | 'too-many-transfers'
  | 'lock-ended'
  | 'session-ended'
  | 'blocked'
  | 'not-blocked'
  | 'offer-gone'
  | 'draft-unknown'
  | 'unsupported-content'
  | 'no-bot'
  | 'contact-erased'
  | 'context-changed'
  | 'parked';

/** A "no" that changes nothing but the count of what was taken. Never thrown by the core: it is a value. */
export interface Rejection {
  code: RejectionCode;
  /** For people; holds no personal data. */
  reason: string;
  /** The commands that this state would consider now from who asked. */
  allowed: CommandName[];
  /** Who holds the conversation, where that is why. */
  ownerId?: string;
}
