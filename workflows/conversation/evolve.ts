import type { ConversationEvent } from './events.ts';
import * as bot from './evolve/bot.ts';
import * as desk from './evolve/desk.ts';
import * as handover from './evolve/handover.ts';
import * as outbox from './evolve/outbox.ts';
import * as ownership from './evolve/ownership.ts';
import * as session from './evolve/session.ts';
import type { ConversationState } from './state.ts';

/**
 * What an event makes of the state. It never refuses and never mutates: what was recorded happened. The actor, what reads
 * its rows and the audit all fold with this one function, so they can't differ.
 */
export function evolve(state: ConversationState, event: ConversationEvent): ConversationState {
  switch (event.type) {
    case 'SessionStarted':
      return session.sessionStarted(state, event);
    case 'SessionEnded':
      return session.sessionEnded(state);
    case 'PolicyApplied':
      return session.policyApplied(state, event);
    case 'CustomerMessageAccepted':
      return session.customerMessageAccepted(state, event);
    case 'TagsChanged':
      return session.tagsChanged(state, event);
    case 'MessageHeldForBot':
      return bot.messageHeldForBot(state, event);
    case 'MessageSetAside':
      return bot.messageSetAside(state, event);
    case 'BotMissing':
      return bot.botMissing(state, event);
    case 'BotTurnOpened':
      return bot.turnOpened(state, event);
    case 'BotTurnWidened':
      return bot.turnWidened(state, event);
    case 'BotTurnRetried':
      return bot.turnRetried(state, event);
    case 'BotTurnDeferred':
      return bot.turnDeferred(state, event);
    case 'BotTurnAnswered':
      return bot.turnAnswered(state, event);
    case 'BotTurnFailed':
    case 'BotTurnSuperseded':
      return bot.turnOver(state);
    case 'HandoverRequested':
      return handover.handoverRequested(state, event);
    case 'PresenceChecked':
      return handover.presenceChecked(state, event);
    case 'PrechatStarted':
      return handover.prechatStarted(state, event);
    case 'FormAnswered':
      return handover.formAnswered(state, event);
    case 'FormAnswerRefused':
      return handover.formAnswerRefused(state, event);
    case 'FormCancelled':
      return handover.formCancelled(state, event);
    case 'IntakeFinished':
      return handover.intakeFinished(state);
    case 'WorkDelayed':
      return handover.workDelayed(state, event);
    case 'RouteOutdated':
      return handover.routeOutdated(state, event);
    case 'CustomerTold':
      return handover.customerTold(state, event);
    case 'HandoverEnded':
      return handover.handoverEnded(state);
    case 'ConversationQueued':
      return ownership.queued(state, event);
    case 'QueueWaitPassed':
      return ownership.queueWaitPassed(state);
    case 'OfferMade':
      return ownership.offerMade(state, event);
    case 'OfferEnded':
      return ownership.offerEnded(state, event);
    case 'ConversationAssigned':
      return ownership.assigned(state, event);
    case 'OwnerReplied':
      return ownership.ownerReplied(state, event);
    case 'IdleWarned':
      return ownership.idleWarned(state);
    case 'ConversationResolved':
      return ownership.resolved(state, event);
    case 'ReturnedToBot':
      return ownership.returnedToBot(state);
    case 'ConversationBlocked':
      return ownership.blocked(state, event);
    case 'ConversationUnblocked':
      return ownership.unblocked(state);
    case 'DeskOpened':
      return desk.deskOpened(state);
    case 'DeskLost':
      return desk.deskLost(state, event);
    case 'DeskFound':
      return desk.deskFound(state);
    case 'DeskNoticeQueued':
      return desk.deskNoticeQueued(state, event);
    case 'DeskNoticeDelayed':
      return desk.deskNoticeDelayed(state, event);
    case 'DeskNoticeSettled':
      return desk.deskNoticeSettled(state, event);
    case 'MessageQueued':
      return outbox.messageQueued(state, event);
    case 'SendDelayed':
      return outbox.sendDelayed(state, event);
    case 'SendPutOff':
      return outbox.sendPutOff(state, event);
    case 'SendUnclear':
      return outbox.sendUnclear(state, event);
    case 'MessageSettled':
      return outbox.messageSettled(state, event);
    case 'MessageCancelled':
      return outbox.messageCancelled(state, event);
    case 'WindowClosed':
      return outbox.windowClosed(state, event);
    case 'WindowOpened':
      return outbox.windowOpened(state);
    // Facts for the record and the audit; the event that follows them in the same decision moves the state.
    case 'HandoverFailed':
    case 'OwnerReleased':
    case 'ConversationReopened':
    case 'ClaimDeclined':
    case 'DraftDiscarded':
    case 'InputDiscarded':
      return state;
  }
}
