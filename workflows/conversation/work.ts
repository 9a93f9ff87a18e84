import type { Handover, Outbound, Range, TurnAbout } from './state.ts';

/**
 * Work that stands in the state until an activity has done it, one kind per activity. `id` names the attempt
 * (`SendMessage:17:2`), `lane` what it must not overtake: the channel, a desk, or the bot (`ask`).
 */
export type ConversationWork = { id: string; notBeforeAt: number } & (
  | {
      kind: 'AskBot';
      lane: 'ask';
      turn: number;
      botId: string;
      about: TurnAbout;
      messages: Range | null;
      epoch: number;
      attempt: number;
      timeoutMs: number;
      deferMs: number;
    }
  | { kind: 'CheckPresence'; lane: 'ask'; handover: number; requestId: string }
  | { kind: 'RouteHandover'; lane: 'ask'; handover: number; requestId: string; agentStatus: Handover['agentStatus'] }
  | {
      kind: 'CheckAnswer';
      lane: 'ask';
      handover: number;
      requestId: string;
      policyVersion: number;
      field: number;
      messages: Range;
    }
  | { kind: 'SendMessage'; lane: 'channel'; outbound: Outbound; attempt: number }
  | { kind: 'OpenAtDesk'; lane: `desk:${string}`; deskId: string; handover: number; requestId: string; attempt: number }
  | {
      kind: 'SendToDesk';
      lane: `desk:${string}`;
      deskId: string;
      handover: number;
      outbound: Outbound;
      attempt: number;
    }
  | {
      kind: 'TellDesk';
      lane: `desk:${string}`;
      deskId: string;
      handover: number;
      no: number;
      news: 'closed' | 'taken';
      attempt: number;
    }
);

export type WorkKind = ConversationWork['kind'];
