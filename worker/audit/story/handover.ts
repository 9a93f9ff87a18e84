import type { DelayedWork } from '../../../workflows/conversation/events.ts';
import type { Situation } from '../../../workflows/conversation/state.ts';
import { reason } from './reasons.ts';
import type { Sentences } from './sentence.ts';

const situations: Record<Situation, string> = {
  assigned: 'an agent takes over',
  'all-offline': 'nobody is there',
  'all-busy': 'everybody is busy',
  'out-of-hours': 'it is out of hours',
};

const delayed: Record<DelayedWork, string> = {
  CheckAnswer: 'checking the answer',
  RouteHandover: 'finding the group or desk',
  OpenAtDesk: 'laying it before the desk',
};

export const handoverSentences: Sentences<
  | 'HandoverRequested'
  | 'PresenceChecked'
  | 'PrechatStarted'
  | 'FormAnswered'
  | 'FormAnswerRefused'
  | 'FormCancelled'
  | 'IntakeFinished'
  | 'WorkDelayed'
  | 'RouteOutdated'
  | 'HandoverFailed'
  | 'CustomerTold'
  | 'ReturnedToBot'
  | 'HandoverEnded'
> = {
  // The engine asks where a bot has failed, a chat goes on, or a desk took it: there the cause says all.
  HandoverRequested: ({ no, request, by }, tell) => {
    const priority = request.priority === 0 ? '' : ` with priority ${request.priority}`;
    const facts = by === 'engine' ? '' : tell.request(request.requestId);
    return `${by === 'engine' ? 'a hand-over begins' : 'asks for a person'}${priority} (hand-over ${no})${facts && `: ${facts}`}`;
  },
  PresenceChecked: ({ agentStatus, failed }) =>
    `has looked who is there: agents are ${agentStatus}${failed ? ' (nobody could say, so they count as that)' : ''}`,
  PrechatStarted: ({ by }) => (by === 'bot' ? 'the intake begins: the bot asks' : 'the intake begins: the form asks'),
  FormAnswered: ({ field, upTo }) => `inbox place ${upTo} answers question ${field + 1} of the form`,
  FormAnswerRefused: ({ field, upTo, tries }) =>
    `inbox place ${upTo} is no answer to question ${field + 1} of the form (try ${tries})`,
  FormCancelled: () => 'cancels the form',
  IntakeFinished: ({ no }, tell) => {
    const answers = tell.intake(no);
    return `the intake is done${answers && `: ${answers}`}`;
  },
  WorkDelayed: ({ work, attempt, notBeforeAt }, tell) =>
    `${delayed[work]} did not succeed; attempt ${attempt} not before ${tell.time(notBeforeAt)}`,
  RouteOutdated: ({ attempt }) =>
    `what the group or desk was found by has changed meanwhile; it is looked for again (attempt ${attempt})`,
  HandoverFailed: ({ no, step, class: why }) => `hand-over ${no} failed at its step “${step}” (${why})`,
  CustomerTold: ({ situation }) => `the customer is told, once, that ${situations[situation]}`,
  ReturnedToBot: ({ because }) => `the bot has the chat again: ${reason(because)}`,
  HandoverEnded: ({ no, because }) => `hand-over ${no} is over: ${reason(because)}`,
};
