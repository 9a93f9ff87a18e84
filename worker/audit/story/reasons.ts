/** Codes of why something was decided, in words that stand after a colon. One that is new here stands as it is. */
const reasons: Record<string, string> = {
  // why a chat is queued, or its owner no longer has it
  handover: 'a person was asked for',
  responsible: 'people serve this channel',
  reopen: 'the chat goes on',
  reopened: 'the chat goes on',
  join: 'an agent joined',
  assign: 'somebody else was chosen',
  forward: 'it is passed on',
  unassign: 'the agent gives it up',
  'agent-left': 'the agent went offline',
  'agent-offline': 'the agent went offline',
  'no-reply': 'no reply came in time',
  // why it is with the bot again
  'hand-back': 'it is given back',
  'customer-cancelled': 'the customer no longer waits',
  'all-offline': 'nobody is there',
  'handover-failed': 'the hand-over failed',
  'intake-abandoned': 'the questions were left unanswered',
  // why it is at an end
  agent: 'the chat is resolved',
  api: 'the chat is resolved',
  resolved: 'the chat is resolved',
  idle: 'the customer was silent',
  'session-end': 'the session ended',
  'queue-wait': 'the wait was over',
  blocked: 'the contact is blocked',
  continued: 'it goes on under a new number',
  // desks
  'desk-accepted': 'the desk accepted',
  'desk-took': 'a desk took it',
  'desk-refused': 'the desk refused',
  'desk-closed': 'the desk closed it',
  'desk-failed': 'the desk failed',
  'desk-lost': 'the desk is out of reach',
  'desk-lost-chat': 'the desk no longer has the chat',
  // offers and claims
  declined: 'declined',
  expired: 'not answered in time',
  gone: 'the chat went another way',
  stale: 'the chat had moved on',
  taken: 'somebody else has it',
  // what had no effect
  takeover: 'somebody else speaks now',
  superseded: 'somebody else speaks now',
  'turn-superseded': 'somebody else speaks now',
  'turn-over': 'the turn was over',
  'situation-over': 'it is no longer so',
  'not-the-holder': 'its author does not hold the baton',
  'too-many-transfers': 'it came back too often without a word',
  'wrong-state': 'the state does not allow it',
};

export const reason = (code: string): string => reasons[code] ?? code;
