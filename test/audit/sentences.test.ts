/** How the story reads: every type of event as an operator sees it, after “who:”. */
import { describe, expect, test } from 'vitest';
import { sentenceOf } from '../../worker/audit/story/sentences.ts';
import { createTeller } from '../../worker/audit/story/teller.ts';
import type { Who } from '../../worker/audit/story/who.ts';
import type { StoredConversation } from '../../worker/audit/stored.ts';
import type { ConversationEvent, EventOf } from '../../workflows/conversation/events.ts';

const tell = createTeller({
  names: {
    bot: 'Max',
    ada: 'Ada',
    bo: 'Bo',
    support: 'Support',
    crm: 'CRM',
    dora: 'Dora',
    vip: 'VIP',
    late: 'late',
  },
  messages: [
    { id: 'hello', content: { text: 'hello' }, outbound: 7 },
    { id: 'files', content: { text: 'look', attachments: [{}, {}] }, outbound: null },
    { id: 'gone', content: null, outbound: null },
  ],
  requests: [
    { id: 'wish', reason: 'wants a person', skill: 'billing', webstore: null },
    { id: 'bare', reason: null, skill: null, webstore: null },
    { id: 'engine:2', reason: null, skill: null, webstore: null },
  ],
  answers: [
    { handover: 1, name: 'name', value: 'Carla' },
    { handover: 1, name: 'subject', value: null },
  ],
  blocks: [{ id: 'spam', reason: 'Spam' }],
} as unknown as StoredConversation);

const at = Date.UTC(2026, 0, 2, 3, 4, 5);
const customer: Who = { kind: 'customer', id: null };
const engine: Who = { kind: 'engine', id: null };
const channel: Who = { kind: 'channel', id: null };
const bot: Who = { kind: 'bot', id: 'bot' };
const ada: Who = { kind: 'agent', id: 'ada' };
const sam: Who = { kind: 'supervisor', id: 'sam' };
const key: Who = { kind: 'api', id: 'key' };
const desk: Who = { kind: 'desk', id: 'dora' };

const toCustomer = { to: { kind: 'channel' }, epoch: 1, seq: 7 } as const;
const hello = { kind: 'message', messageId: 'hello' } as const;
const support = { kind: 'group', groupId: 'support' } as const;
const agentAda = { kind: 'agent', agentId: 'ada' } as const;
const doraOfCrm = { kind: 'desk', deskId: 'crm', personId: 'dora' } as const;
const queued = { no: 1, entry: 2, target: support, waitingSince: at, policy: {}, notTo: null } as object;
const assigned = {
  no: 1,
  owner: agentAda,
  claimId: null,
  override: false,
  target: support,
  waitingSince: at,
} as object;

type Row = [who: Who, values: object, sentence: string];
/** Of an event the fields that its sentence reads. */
const rows: Record<ConversationEvent['type'], Row[]> = {
  SessionStarted: [
    [customer, { session: { no: 1, botId: 'bot' } }, 'session 1 begins, with bot Max'],
    [customer, { session: { no: 2, botId: null } }, 'session 2 begins, without a bot'],
  ],
  SessionEnded: [[engine, { no: 1 }, 'session 1 ends']],
  PolicyApplied: [[engine, { policy: { version: 3 } }, 'policy 3 is in force from here']],
  CustomerMessageAccepted: [
    [customer, { messageId: 'hello', place: 1 }, 'wrote “hello”'],
    [customer, { messageId: 'files', place: 1 }, 'wrote “look” +2 attached'],
    [customer, { messageId: 'gone', place: 1 }, 'wrote (words erased)'],
  ],
  MessageHeldForBot: [[customer, { place: 1 }, 'inbox place 1 waits to be answered']],
  MessageSetAside: [
    [customer, { place: 1 }, 'inbox place 1 was written before the form asked, and answers nothing there'],
  ],
  BotMissing: [[customer, { session: 1 }, 'there is no bot to answer; the customer is told so once in the session']],
  BotTurnOpened: [
    [
      customer,
      { no: 1, botId: 'bot', about: { kind: 'messages' }, messages: { from: 2, to: 2 } },
      'bot Max is asked (turn 1) about inbox place 2',
    ],
    [
      bot,
      { no: 2, botId: 'bot', about: { kind: 'messages' }, messages: { from: 3, to: 5 } },
      'bot Max is asked (turn 2) about inbox places 3 to 5',
    ],
    [
      engine,
      { no: 3, botId: 'bot', about: { kind: 'prechat', agentStatus: 'offline' }, messages: null },
      'bot Max is asked (turn 3) to begin the intake, with agents offline',
    ],
    [
      ada,
      { no: 4, botId: 'bot', about: { kind: 'returned', because: 'hand-back' }, messages: null },
      'bot Max is asked (turn 4) as the customer is with it again: it is given back',
    ],
  ],
  BotTurnWidened: [[customer, { no: 2, to: 5 }, 'turn 2 takes inbox place 5 as well']],
  BotTurnRetried: [
    [
      bot,
      { no: 1, attempt: 2, notBeforeAt: at, class: 'retryable' },
      'turn 1 got no answer (retryable); try 2 follows',
    ],
  ],
  BotTurnDeferred: [[bot, { no: 1, until: at }, 'turn 1 will be answered later, by 2026-01-02 03:04:05 UTC']],
  BotTurnAnswered: [[bot, { no: 1, answerId: 'a' }, 'turn 1 is answered']],
  BotTurnFailed: [[bot, { no: 1, class: 'timeout' }, 'turn 1 is given up, no answer came (timeout)']],
  BotTurnSuperseded: [[ada, { no: 1 }, 'turn 1 counts no longer: somebody else speaks now']],
  HandoverRequested: [
    [
      bot,
      { no: 1, request: { requestId: 'wish', priority: 0 }, by: 'bot' },
      'asks for a person (hand-over 1): “wants a person”, skill billing',
    ],
    [
      key,
      { no: 1, request: { requestId: 'bare', priority: 5 }, by: 'api' },
      'asks for a person with priority 5 (hand-over 1)',
    ],
    [
      customer,
      { no: 2, request: { requestId: 'engine:2', priority: 0 }, by: 'engine' },
      'a hand-over begins (hand-over 2)',
    ],
  ],
  PresenceChecked: [
    [engine, { no: 1, agentStatus: 'online', failed: false }, 'has looked who is there: agents are online'],
    [
      engine,
      { no: 1, agentStatus: 'offline', failed: true },
      'has looked who is there: agents are offline (nobody could say, so they count as that)',
    ],
  ],
  PrechatStarted: [
    [engine, { no: 1, by: 'bot' }, 'the intake begins: the bot asks'],
    [engine, { no: 1, by: 'form' }, 'the intake begins: the form asks'],
  ],
  FormAnswered: [[engine, { no: 1, field: 0, upTo: 3 }, 'inbox place 3 answers question 1 of the form']],
  FormAnswerRefused: [
    [engine, { no: 1, field: 1, upTo: 3, tries: 2 }, 'inbox place 3 is no answer to question 2 of the form (try 2)'],
  ],
  FormCancelled: [[customer, { no: 1, field: 1, upTo: 3 }, 'cancels the form']],
  IntakeFinished: [
    [bot, { no: 1, answerId: 'a' }, 'the intake is done: name “Carla”, subject (erased)'],
    [engine, { no: 2, answerId: null }, 'the intake is done'],
  ],
  WorkDelayed: [
    [
      engine,
      { no: 1, work: 'RouteHandover', attempt: 2, notBeforeAt: at },
      'finding the group or desk did not succeed; attempt 2 not before 2026-01-02 03:04:05 UTC',
    ],
  ],
  RouteOutdated: [
    [
      engine,
      { no: 1, attempt: 2, notBeforeAt: at },
      'what the group or desk was found by has changed meanwhile; it is looked for again (attempt 2)',
    ],
  ],
  HandoverFailed: [
    [bot, { no: 1, step: 'intake', class: 'no-dialogue' }, 'hand-over 1 failed at its step “intake” (no-dialogue)'],
  ],
  CustomerTold: [[engine, { no: 1, situation: 'all-offline' }, 'the customer is told, once, that nobody is there']],
  ReturnedToBot: [[ada, { no: 1, because: 'hand-back' }, 'the bot has the chat again: it is given back']],
  HandoverEnded: [[ada, { no: 1, because: 'resolved' }, 'hand-over 1 is over: the chat is resolved']],
  ConversationQueued: [
    [engine, { ...queued, because: 'handover' }, 'queued for group Support (queue entry 2): a person was asked for'],
    [
      ada,
      { ...queued, because: 'unassign', notTo: 'ada' },
      'queued for group Support (queue entry 2): the agent gives it up; not straight back to Ada',
    ],
    [
      engine,
      { ...queued, target: { kind: 'desk', deskId: 'crm' }, because: 'handover' },
      'queued for desk CRM (queue entry 2): a person was asked for',
    ],
  ],
  QueueWaitPassed: [[engine, { entry: 2 }, 'queue entry 2 has waited as long as it may']],
  OfferMade: [
    [
      { kind: 'routing', id: null },
      { entry: 2, offer: { agentId: 'ada', expiresAt: at } },
      'offered to Ada until 2026-01-02 03:04:05 UTC',
    ],
  ],
  OfferEnded: [
    [engine, { claimId: 'c', agentId: 'ada', because: 'expired' }, 'the offer to Ada is over: not answered in time'],
  ],
  ClaimDeclined: [
    [engine, { claimId: 'c', agentId: 'ada', because: 'stale' }, 'not given to Ada: the chat had moved on'],
  ],
  ConversationAssigned: [
    [ada, { ...assigned, by: 'join' }, 'has the chat now: joined'],
    [sam, { ...assigned, by: 'assign', override: true }, 'agent Ada has the chat now: assigned, above the limit'],
    [customer, { ...assigned, by: 'reopen' }, 'agent Ada has the chat now: had it before'],
    [desk, { ...assigned, owner: doraOfCrm, by: 'desk-took' }, 'has the chat now: took it unasked'],
  ],
  OwnerReleased: [
    [ada, { owner: agentAda, because: 'agent' }, 'no longer has the chat: the chat is resolved'],
    [
      engine,
      { owner: doraOfCrm, because: 'desk-lost' },
      'desk CRM (Dora) no longer has the chat: the desk is out of reach',
    ],
    [sam, { owner: agentAda, because: 'assign' }, 'agent Ada no longer has the chat: somebody else was chosen'],
    [engine, { owner: agentAda, because: 'no-reply' }, 'agent Ada no longer has the chat: no reply came in time'],
    [ada, { owner: agentAda, because: 'blocked' }, 'no longer has the chat: the contact is blocked'],
  ],
  DeskOpened: [[desk, { no: 1, deskId: 'crm' }, 'hand-over 1 is laid before desk CRM']],
  DeskLost: [[engine, { deskId: 'crm' }, 'desk CRM is out of reach']],
  DeskFound: [[desk, { deskId: 'crm' }, 'desk CRM is within reach again']],
  DeskNoticeQueued: [
    [ada, { no: 1, deskId: 'crm', handover: 1, kind: 'closed' }, 'desk CRM is to be told that hand-over 1 is closed'],
  ],
  DeskNoticeDelayed: [
    [
      desk,
      { no: 1, attempt: 2, notBeforeAt: at },
      'the desk could not be told; attempt 2 not before 2026-01-02 03:04:05 UTC',
    ],
  ],
  DeskNoticeSettled: [
    [desk, { no: 1, told: true }, 'the desk is told'],
    [desk, { no: 1, told: false }, 'the desk could not be told, and will not be'],
  ],
  ConversationResolved: [
    [ada, { cause: 'agent', by: 'ada' }, 'resolved'],
    [engine, { cause: 'idle', by: null }, 'resolved: the customer was silent'],
  ],
  ConversationReopened: [[customer, { by: 'customer' }, 'reopened by the customer']],
  ConversationBlocked: [
    [
      ada,
      { block: { blockId: 'spam', expiresAt: at }, here: true },
      'the contact is blocked, because “Spam”, until 2026-01-02 03:04:05 UTC',
    ],
    [
      engine,
      { block: { blockId: 'spam', expiresAt: null }, here: false },
      'the contact is blocked (in another conversation), because “Spam”',
    ],
  ],
  ConversationUnblocked: [
    [engine, { blockId: 'spam', because: 'expired' }, 'the block is over'],
    [ada, { blockId: 'spam', because: 'unblock' }, 'the contact is no longer blocked'],
  ],
  TagsChanged: [
    [ada, { added: ['vip'], removed: [] }, 'adds tag VIP'],
    [ada, { added: ['vip', 'late'], removed: ['bo'] }, 'adds tags VIP, late, removes tag Bo'],
  ],
  MessageQueued: [
    [bot, { ...toCustomer, what: hello, author: 'bot' }, 'message 7 to the customer: “hello”'],
    [sam, { ...toCustomer, what: hello, author: 'agent' }, 'message 7 to the customer: “hello”'],
    [key, { ...toCustomer, what: hello, author: 'agent' }, 'message 7 to the customer from the agent: “hello”'],
    [
      ada,
      { ...toCustomer, what: { kind: 'notice', notice: 'assigned', situation: 's' }, author: 'engine' },
      'message 7 to the customer (notice assigned): “hello”',
    ],
    [
      customer,
      { ...toCustomer, to: { kind: 'desk', deskId: 'crm', handover: 1 }, what: hello, author: 'customer' },
      'message 7 to desk CRM: “hello”',
    ],
  ],
  SendDelayed: [
    [
      channel,
      { seq: 7, attempt: 2, notBeforeAt: at, class: 'throttled' },
      'message 7 is not sent yet (throttled); attempt 2 follows',
    ],
  ],
  SendPutOff: [
    [
      channel,
      { seq: 7, attempt: 2, notBeforeAt: at },
      'message 7 waits for its turn on the connection, until 2026-01-02 03:04:05 UTC',
    ],
  ],
  SendUnclear: [[channel, { seq: 7, attempt: 1, notBeforeAt: at }, 'message 7: nobody knows whether it arrived']],
  MessageSettled: [
    [channel, { seq: 7, as: 'sent', class: null }, 'message 7 is sent'],
    [channel, { seq: 7, as: 'failed', class: 'permanent' }, 'message 7 has failed for good (permanent)'],
    [channel, { seq: 7, as: 'unknown', class: null }, 'message 7 may have arrived, or not: nobody can tell'],
  ],
  MessageCancelled: [[ada, { seq: 7, because: 'takeover' }, 'message 7 will not be sent: somebody else speaks now']],
  WindowClosed: [
    [
      channel,
      { seq: 7 },
      'the channel takes nothing until the customer writes (message 7); what comes after it is held',
    ],
  ],
  WindowOpened: [[customer, {}, 'the customer wrote, so the channel takes messages again']],
  DraftDiscarded: [
    [
      bot,
      { messageId: 'hello', because: 'not-the-holder' },
      'not sent, as its author does not hold the baton: “hello”',
    ],
  ],
  OwnerReplied: [[ada, {}, 'the customer has a reply, and none is due']],
  IdleWarned: [[engine, {}, 'the customer was asked whether they are still there']],
  InputDiscarded: [
    [bot, { input: 'BotAnswered', because: 'turn-over', ref: null }, 'BotAnswered has no effect: the turn was over'],
    [desk, { input: 'DeskAnswered', because: 'something-new', ref: null }, 'DeskAnswered has no effect: something-new'],
  ],
};

describe('B-10: the story says', () => {
  test.each(
    Object.entries(rows).flatMap(([type, told]) =>
      told.map(([who, values, sentence]) => ({ type, subject: who.kind, who, values, sentence })),
    ),
  )('$type: “$subject: $sentence”', ({ type, who, values, sentence }) => {
    const event = { at, type, ...values } as EventOf<'SessionEnded'>;
    expect(sentenceOf(event, tell, who)).toBe(sentence);
  });
});
