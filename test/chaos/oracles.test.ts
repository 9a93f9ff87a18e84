/** The oracles can object: for each of them something wrong is planted in good books, and it names it. */
import { expect, test } from 'vitest';
import type { Delivery } from '../support/fake-channel.ts';
import type { Evidence } from './evidence.ts';
import { createLedger } from './ledger.ts';
import { judgeBooks, namedUnknown } from './oracles/books.ts';
import type { BookOracle } from './oracles/names.ts';
import type { StoredOutbound, StoredThread } from './stored.ts';

const agent = { id: 'ada', maxChats: 1 };

const heardAs = (kind: string, text: string): Delivery => ({
  key: text,
  thread: '',
  contactId: '',
  author: { kind },
  content: { text },
  text,
  id: text,
});
const outbound = (author: string, text: string): StoredOutbound => ({
  key: text,
  author,
  text,
  status: 'sent',
  attempts: 1,
  unclear: 0,
});

/** One thread with the bot, on a channel that takes repeats for new, and one with an agent. */
function goodBooks(): Evidence & { bot: StoredThread; served: StoredThread } {
  const threads: Evidence['threads'] = [
    { name: 'bot', channel: 'forgetful', servedBy: null, texts: ['one', 'two'] },
    { name: 'served', channel: 'knowing', servedBy: 0, texts: ['a person'] },
  ];
  const ledger = createLedger();
  for (const { name, channel, texts } of threads)
    for (const text of texts) ledger.acknowledge({ channel, thread: name, text, id: `${name}/${text}` });
  ledger.replied({ thread: 'served', text: 're: one' });
  ledger.answered({ call: 'webhook', status: 503, retryAfter: '1' });
  const echoes = ['echo: one', 'echo: two'];
  const common = { id: '', flagged: false };
  const bot: StoredThread = {
    ...common,
    thread: 'bot',
    channel: 'forgetful',
    phase: 'bot',
    holder: { kind: 'bot', id: 'b' },
    received: ['bot/one', 'bot/two'],
    accepted: [1, 2],
    outbound: echoes.map((text) => outbound('bot', text)),
  };
  const served: StoredThread = {
    ...common,
    thread: 'served',
    channel: 'knowing',
    phase: 'assigned',
    holder: { kind: 'agent', id: agent.id },
    received: ['served/a person'],
    accepted: [1],
    outbound: [outbound('agent', 're: one')],
  };
  const heard = new Map([
    ['bot', echoes.map((text) => heardAs('bot', text))],
    ['served', [heardAs('agent', 're: one')]],
  ]);
  const stored = new Map([bot, served].map((one) => [one.thread, one]));
  return { threads, ledger, agents: [agent], heard, stored, drained: { ms: 1, left: null }, bot, served };
}

test('nobody objects to good books', () => {
  expect(judgeBooks(goodBooks())).toEqual([]);
});

type Books = ReturnType<typeof goodBooks>;

/** What a defect of the product leaves behind. */
const planted: [defect: string, objecting: BookOracle[], plant: (books: Books) => unknown][] = [
  [
    'a courier that forgets its cursor: a message is never decided on nor answered',
    ['lost', 'decidedOnce'],
    ({ bot, heard }) => {
      bot.accepted.pop();
      bot.outbound.pop();
      heard.get('bot')?.pop();
    },
  ],
  ['a channel’s send that is lost', ['lost', 'ambiguous'], ({ heard }) => heard.get('bot')?.pop()],
  [
    'a webhook that is answered 2xx before it is stored',
    ['falseAcknowledgement', 'decidedOnce'],
    ({ bot }) => {
      bot.received.pop();
      bot.accepted.pop();
    },
  ],
  [
    'a key that is not looked at: words leave twice',
    ['duplicate'],
    ({ heard }) => heard.get('served')?.push(heardAs('agent', 're: one')),
  ],
  [
    'a send of unknown fate that is repeated blindly',
    ['duplicate', 'ambiguous'],
    ({ bot, heard }) => {
      Object.assign(bot.outbound[0] ?? {}, { unclear: 1, attempts: 2 });
      heard.get('bot')?.push(heardAs('bot', 'echo: one'));
    },
  ],
  ['a place that is decided on twice', ['decidedOnce'], ({ bot }) => bot.accepted.push(2)],
  ['places that are decided on out of order', ['decidedOnce'], ({ bot }) => bot.accepted.reverse()],
  ['answers that leave in another order', ['order'], ({ heard }) => heard.get('bot')?.reverse()],
  ['a conversation that is nobody’s', ['owner'], ({ served }) => (served.phase = 'queued')],
  [
    'an outbox that does not look at the epoch: a bot is heard beside a person',
    ['owner'],
    ({ heard }) => heard.get('served')?.push(heardAs('bot', 'still here')),
  ],
  ['a claim without the limit', ['limit'], ({ served, stored }) => stored.set('other', { ...served, thread: 'other' })],
  [
    'a webhook that is refused without a word of coming again',
    ['answers'],
    ({ ledger }) => ledger.answered({ call: 'webhook', status: 500, retryAfter: null }),
  ],
  [
    'a 503 without Retry-After',
    ['answers'],
    ({ ledger }) => ledger.answered({ call: 'webhook', status: 503, retryAfter: null }),
  ],
  [
    'a 429 without Retry-After',
    ['answers'],
    ({ ledger }) => ledger.answered({ call: 'webhook', status: 429, retryAfter: null }),
  ],
  [
    'work that never comes to rest',
    ['backlog'],
    (books) => (books.drained = { ms: 60_000, left: { undecided: 1, unsent: 0, due: 0 } }),
  ],
];

test.each(planted)('planted, %s: %j', (_, objecting, plant) => {
  const books = goodBooks();
  plant(books);
  const found = new Set(judgeBooks(books).map(({ oracle }) => oracle));
  expect([...found].toSorted()).toEqual([...objecting].toSorted());
});

test('a send whose fate nobody knows is named, and is not lost', () => {
  const books = goodBooks();
  Object.assign(books.bot.outbound[1] ?? {}, { status: 'unknown', unclear: 1 });
  books.heard.get('bot')?.pop();
  expect(judgeBooks(books)).toEqual([]);
  expect(namedUnknown(books)).toEqual(['bot: “echo: two” (echo: two)']);
});
