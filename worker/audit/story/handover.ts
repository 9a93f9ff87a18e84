import type { Sentences } from './sentence.ts';

export const handoverSentences: Sentences<
  | 'HandoverRequested'
  | 'PresenceChecked'
  | 'PrechatStarted'
  | 'FormAnswered'
  | 'FormAnswerRefused'
  | 'FormCancelled'
  | 'IntakeFinished'
  | 'WorkDelayed'
  | 'HandoverFailed'
  | 'CustomerTold'
  | 'ReturnedToBot'
  | 'HandoverEnded'
> = {
  HandoverRequested: ({ no, request, by }, tell) => {
    const reasons = tell.request(request.requestId);
    return `hand-over ${no} requested by the ${by}, priority ${request.priority}${reasons && `: ${reasons}`}`;
  },
  PresenceChecked: ({ agentStatus, failed }) =>
    `agents are ${agentStatus}${failed ? ' (the check failed, so they count as that)' : ''}`,
  PrechatStarted: ({ by }) => (by === 'bot' ? 'intake begins, with the bot' : 'intake begins, with the form'),
  FormAnswered: ({ field, upTo }) => `message ${upTo} answers field ${field + 1} of the form`,
  FormAnswerRefused: ({ field, upTo, tries }) =>
    `message ${upTo} is no valid answer to field ${field + 1} (try ${tries})`,
  FormCancelled: () => 'the customer cancelled the form',
  IntakeFinished: ({ no }, tell) => {
    const answers = tell.intake(no);
    return `intake finished${answers && `: ${answers}`}`;
  },
  WorkDelayed: ({ work, attempt, notBeforeAt }, tell) =>
    `${work} failed; attempt ${attempt} not before ${tell.time(notBeforeAt)}`,
  HandoverFailed: ({ no, step, class: why }) => `hand-over ${no} failed at ${step} (${why})`,
  CustomerTold: ({ situation }) => `the customer is told once: ${situation}`,
  ReturnedToBot: ({ because }) => `back to the bot: ${because}`,
  HandoverEnded: ({ no, because }) => `hand-over ${no} is over: ${because}`,
};
