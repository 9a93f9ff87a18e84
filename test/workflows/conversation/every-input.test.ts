/**
 * R12 in small: what every state makes of every input. Each cell is written out and was judged on its own; where a state
 * lacks what an input is about (`cells.ts` looks for a scene that has it), the cell says how it is turned away.
 */
import { expect, test } from 'vitest';
import { commandNames } from '../../../workflows/conversation/inputs.ts';
import type { PhaseName } from '../../../workflows/conversation/state.ts';
import { cell, columns, scenes } from './cells.ts';

const expected: Record<string, Record<PhaseName, string>> = {
  CustomerWrote: {
    bot: 'CustomerMessageAccepted MessageHeldForBot',
    prechat: 'CustomerMessageAccepted MessageHeldForBot',
    queued: 'CustomerMessageAccepted',
    assigned: 'CustomerMessageAccepted',
    resolved:
      'CustomerMessageAccepted ConversationReopened HandoverRequested ConversationAssigned CustomerTold MessageQueued → assigned',
    blocked: 'CustomerMessageAccepted MessageHeldForBot',
  },
  CustomerCancelled: {
    bot: 'InputDiscarded',
    prechat: 'HandoverEnded ReturnedToBot BotTurnSuperseded BotTurnOpened → bot',
    queued: 'OfferEnded HandoverEnded ReturnedToBot BotTurnOpened → bot',
    assigned: 'InputDiscarded',
    resolved: 'InputDiscarded',
    blocked: 'InputDiscarded',
  },
  BotAnswered: {
    bot: 'BotTurnAnswered MessageQueued',
    prechat: 'BotTurnAnswered MessageQueued',
    queued: 'InputDiscarded DraftDiscarded',
    assigned: 'InputDiscarded DraftDiscarded',
    resolved: 'InputDiscarded DraftDiscarded',
    blocked: 'BotTurnAnswered MessageQueued',
  },
  DeskTook: {
    bot: 'HandoverRequested ConversationAssigned CustomerTold MessageQueued BotTurnSuperseded → assigned',
    prechat: 'ConversationAssigned CustomerTold MessageQueued BotTurnSuperseded → assigned',
    queued: 'OfferEnded ConversationAssigned CustomerTold MessageQueued → assigned',
    assigned: 'OwnerReleased ConversationAssigned CustomerTold MessageQueued',
    resolved: 'ConversationReopened HandoverRequested ConversationAssigned CustomerTold MessageQueued → assigned',
    blocked: 'InputDiscarded',
  },
  DeskAccepted: {
    bot: 'InputDiscarded',
    prechat: 'InputDiscarded',
    queued:
      'ConversationAssigned CustomerTold MessageQueued MessageCancelled MessageCancelled MessageCancelled → assigned',
    assigned: 'InputDiscarded',
    resolved: 'InputDiscarded',
    blocked: 'InputDiscarded',
  },
  DeskRefused: {
    bot: 'InputDiscarded',
    prechat: 'InputDiscarded',
    queued: 'HandoverEnded ReturnedToBot MessageQueued BotTurnOpened → bot',
    assigned: 'InputDiscarded',
    resolved: 'InputDiscarded',
    blocked: 'InputDiscarded',
  },
  DeskAnswered: {
    bot: 'InputDiscarded DraftDiscarded',
    prechat: 'InputDiscarded DraftDiscarded',
    queued: 'InputDiscarded DraftDiscarded',
    assigned: 'MessageQueued OwnerReplied',
    resolved: 'InputDiscarded DraftDiscarded',
    blocked: 'InputDiscarded DraftDiscarded',
  },
  DeskClosed: {
    bot: 'InputDiscarded',
    prechat: 'InputDiscarded',
    queued: 'ConversationResolved HandoverEnded MessageQueued → resolved',
    assigned:
      'OwnerReleased MessageCancelled ConversationResolved HandoverEnded MessageQueued MessageCancelled → resolved',
    resolved: 'InputDiscarded',
    blocked: 'InputDiscarded',
  },
  AgentClaimed: {
    bot: 'ClaimDeclined',
    prechat: 'ClaimDeclined',
    queued: 'ConversationAssigned CustomerTold MessageQueued → assigned',
    assigned: 'ClaimDeclined',
    resolved: 'ClaimDeclined',
    blocked: 'ClaimDeclined',
  },
  AgentLeft: {
    bot: '- not-their-conversation',
    prechat: '- not-their-conversation',
    queued: 'OfferEnded',
    assigned: 'OwnerReleased ConversationQueued → queued',
    resolved: '- not-their-conversation',
    blocked: '- not-their-conversation',
  },
  ReceiptCame: {
    bot: 'MessageSettled',
    prechat: 'MessageSettled',
    queued: 'MessageSettled',
    assigned: 'MessageSettled',
    resolved: 'MessageSettled',
    blocked: 'MessageSettled',
  },
  ContactBlocked: {
    bot: 'ConversationBlocked → blocked',
    prechat: 'HandoverEnded BotTurnSuperseded ConversationBlocked → blocked',
    queued: 'OfferEnded HandoverEnded ConversationBlocked → blocked',
    assigned: 'OwnerReleased HandoverEnded ConversationBlocked → blocked',
    resolved: 'ConversationBlocked → blocked',
    blocked: 'ConversationBlocked',
  },
  ContactUnblocked: {
    bot: '- not-blocked',
    prechat: '- not-blocked',
    queued: '- not-blocked',
    assigned: '- not-blocked',
    resolved: '- not-blocked',
    blocked: 'ConversationUnblocked → bot',
  },
  PolicyChanged: {
    bot: 'PolicyApplied',
    prechat: 'PolicyApplied',
    queued: 'PolicyApplied',
    assigned: 'PolicyApplied',
    resolved: 'PolicyApplied',
    blocked: 'PolicyApplied',
  },
  RequestHandover: {
    bot: 'HandoverRequested',
    prechat: '- handover-open',
    queued: '- handover-open',
    assigned: '- handover-open',
    resolved: 'no wrong-state',
    blocked: 'MessageQueued',
  },
  Join: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'OfferEnded ConversationAssigned CustomerTold MessageQueued → assigned',
    assigned: 'no taken',
    resolved: 'no wrong-state',
    blocked: 'no blocked',
  },
  Assign: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'OfferEnded ConversationAssigned CustomerTold MessageQueued → assigned',
    assigned: 'OwnerReleased ConversationAssigned CustomerTold MessageQueued',
    resolved: 'no wrong-state',
    blocked: 'no blocked',
  },
  Unassign: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'no wrong-state',
    assigned: 'OwnerReleased ConversationQueued → queued',
    resolved: 'no wrong-state',
    blocked: 'no blocked',
  },
  Forward: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'no wrong-state',
    assigned: 'OwnerReleased ConversationQueued → queued',
    resolved: 'no wrong-state',
    blocked: 'no blocked',
  },
  HandBack: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'no wrong-state',
    assigned: 'OwnerReleased HandoverEnded ReturnedToBot BotTurnOpened → bot',
    resolved: 'no wrong-state',
    blocked: 'no blocked',
  },
  Reply: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'no wrong-state',
    assigned: 'MessageQueued OwnerReplied',
    resolved: 'no wrong-state',
    blocked: 'no blocked',
  },
  Resolve: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'OfferEnded ConversationResolved HandoverEnded MessageQueued → resolved',
    assigned: 'OwnerReleased ConversationResolved HandoverEnded MessageQueued → resolved',
    resolved: '- already-resolved',
    blocked: 'no blocked',
  },
  Reopen: {
    bot: 'no wrong-state',
    prechat: 'no wrong-state',
    queued: 'no wrong-state',
    assigned: 'no wrong-state',
    resolved: 'ConversationReopened HandoverRequested ConversationAssigned CustomerTold MessageQueued → assigned',
    blocked: 'no blocked',
  },
  Block: {
    bot: 'ConversationBlocked MessageQueued → blocked',
    prechat: 'HandoverEnded BotTurnSuperseded ConversationBlocked MessageQueued → blocked',
    queued: 'OfferEnded HandoverEnded ConversationBlocked MessageQueued → blocked',
    assigned: 'OwnerReleased HandoverEnded ConversationBlocked MessageQueued → blocked',
    resolved: 'ConversationBlocked MessageQueued → blocked',
    blocked: 'no blocked',
  },
  Unblock: {
    bot: 'no not-blocked',
    prechat: 'no not-blocked',
    queued: 'no not-blocked',
    assigned: 'no not-blocked',
    resolved: 'no not-blocked',
    blocked: 'ConversationUnblocked → bot',
  },
  Tag: {
    bot: 'TagsChanged',
    prechat: 'TagsChanged',
    queued: 'TagsChanged',
    assigned: 'TagsChanged',
    resolved: 'TagsChanged',
    blocked: 'TagsChanged',
  },
  AcceptOffer: {
    bot: 'no offer-gone',
    prechat: 'no offer-gone',
    queued: 'ConversationAssigned CustomerTold MessageQueued → assigned',
    assigned: 'no offer-gone',
    resolved: 'no offer-gone',
    blocked: 'no blocked',
  },
  DeclineOffer: {
    bot: 'no offer-gone',
    prechat: 'no offer-gone',
    queued: 'OfferEnded',
    assigned: 'no offer-gone',
    resolved: 'no offer-gone',
    blocked: 'no blocked',
  },
  session: {
    bot: 'SessionEnded BotTurnSuperseded',
    prechat: 'HandoverEnded SessionEnded BotTurnSuperseded → bot',
    queued: 'OfferEnded ConversationResolved HandoverEnded SessionEnded → resolved',
    assigned: 'OwnerReleased ConversationResolved HandoverEnded SessionEnded → resolved',
    resolved: 'SessionEnded',
    blocked: 'SessionEnded BotTurnSuperseded',
  },
  'prechat-abandoned': {
    bot: '- not-due',
    prechat: 'HandoverEnded ReturnedToBot BotTurnSuperseded BotTurnOpened → bot',
    queued: '- not-due',
    assigned: '- not-due',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  'queue-wait': {
    bot: '- not-due',
    prechat: '- not-due',
    queued: 'QueueWaitPassed MessageQueued',
    assigned: '- not-due',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  offer: {
    bot: '- not-due',
    prechat: '- not-due',
    queued: 'OfferEnded',
    assigned: '- not-due',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  'first-reply': {
    bot: '- not-due',
    prechat: '- not-due',
    queued: '- not-due',
    assigned: 'OwnerReleased ConversationQueued MessageCancelled → queued',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  'idle-warning': {
    bot: '- not-due',
    prechat: '- not-due',
    queued: '- not-due',
    assigned: 'IdleWarned MessageQueued',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  'idle-close': {
    bot: '- not-due',
    prechat: '- not-due',
    queued: '- not-due',
    assigned: 'OwnerReleased ConversationResolved HandoverEnded MessageQueued → resolved',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  'block-expiry': {
    bot: '- not-due',
    prechat: '- not-due',
    queued: '- not-due',
    assigned: '- not-due',
    resolved: '- not-due',
    blocked: 'ConversationUnblocked MessageCancelled → bot',
  },
  'bot-turn': {
    bot: 'BotTurnFailed MessageQueued',
    prechat: 'BotTurnFailed HandoverFailed HandoverEnded ReturnedToBot MessageQueued BotTurnOpened → bot',
    queued: '- not-due',
    assigned: '- not-due',
    resolved: '- not-due',
    blocked: 'BotTurnFailed MessageQueued',
  },
  'desk-lost': {
    bot: '- not-due',
    prechat: '- not-due',
    queued: '- not-due',
    assigned:
      'OwnerReleased MessageCancelled DeskNoticeQueued HandoverEnded HandoverRequested ConversationQueued MessageCancelled → queued',
    resolved: '- not-due',
    blocked: '- not-due',
  },
  AskBot: {
    bot: 'BotTurnAnswered MessageQueued',
    prechat: 'BotTurnAnswered MessageQueued',
    queued: 'InputDiscarded DraftDiscarded',
    assigned: 'InputDiscarded DraftDiscarded',
    resolved: 'InputDiscarded DraftDiscarded',
    blocked: 'BotTurnAnswered MessageQueued',
  },
  CheckPresence: {
    bot: 'PresenceChecked PrechatStarted BotTurnOpened → prechat',
    prechat: '- stale-result',
    queued: '- stale-result',
    assigned: '- stale-result',
    resolved: '- stale-result',
    blocked: '- stale-result',
  },
  RouteHandover: {
    bot: 'ConversationQueued → queued',
    prechat: 'ConversationQueued → queued',
    queued: '- stale-result',
    assigned: '- stale-result',
    resolved: '- stale-result',
    blocked: '- stale-result',
  },
  CheckAnswer: {
    bot: '- stale-result',
    prechat: 'FormAnswered MessageQueued MessageCancelled',
    queued: '- stale-result',
    assigned: '- stale-result',
    resolved: '- stale-result',
    blocked: '- stale-result',
  },
  SendMessage: {
    bot: 'MessageSettled',
    prechat: 'MessageSettled',
    queued: 'MessageSettled',
    assigned: 'MessageSettled',
    resolved: 'MessageSettled',
    blocked: 'MessageSettled',
  },
  OpenAtDesk: {
    bot: '- stale-result',
    prechat: '- stale-result',
    queued: 'DeskOpened',
    assigned: '- stale-result',
    resolved: '- stale-result',
    blocked: '- stale-result',
  },
  SendToDesk: {
    bot: '- settled-before',
    prechat: '- settled-before',
    queued: 'MessageSettled',
    assigned: 'MessageSettled DeskFound',
    resolved: 'MessageSettled',
    blocked: 'MessageSettled',
  },
  TellDesk: {
    bot: 'DeskNoticeSettled',
    prechat: '- stale-result',
    queued: 'DeskNoticeSettled',
    assigned: 'DeskNoticeSettled',
    resolved: 'DeskNoticeSettled',
    blocked: 'DeskNoticeSettled',
  },
};

const phases: PhaseName[] = ['bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked'];

test('the table has a row for every input and no other', () => {
  expect(Object.keys(expected)).toEqual(Object.keys(columns));
  expect(Object.keys(columns)).toEqual(expect.arrayContaining([...commandNames]));
  expect(Object.keys(columns)).toHaveLength(14 + 14 + 10 + 8);
});

test.each(phases)('the scenes of %s are in that state', (phase) => {
  expect(scenes[phase].map(({ state }) => state.phase.name)).toEqual(scenes[phase].map(() => phase));
});

const cells = Object.keys(expected).flatMap((input) => phases.map((phase) => [input, phase] as const));

test.each(cells)('%s in %s comes to exactly what the table says', (input, phase) => {
  const column = columns[input];
  expect(column && cell(phase, column)).toBe(expected[input]?.[phase]);
});
