import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount, type Transaction } from '../../store/connection.ts';
import { type Invariant, invariants, readViolations } from '../../store/invariants.ts';
import type { Outbound } from '../../workflows/conversation/state.ts';
import { matchTo } from '../support/conversation-rows.ts';
import { required } from '../support/required.ts';
import { type Account, type ConversationApi, createConversationApi } from './conversation-api.ts';

/** One conversation in each situation that a check looks at. */
interface World {
  account: Account;
  withBot: string;
  queued: string;
  claimed: string;
  held: string;
}

let api: ConversationApi;
let world: World;
beforeAll(async () => {
  api = await createConversationApi();
  const account = await api.ready({ agents: 2 });
  const { accountId } = account;
  const held = await api.held(account);
  await api.act(required(account.tokens[0]), held, 'reply', { text: 'Hello' });
  const withBot = (await api.write(account, uuid(), 'hello')).conversationId;
  await api.write(account, 'claimed', 'human');
  const claimed = (await api.write(account, 'claimed', 'anybody?')).conversationId;
  world = { account, held, withBot, claimed, queued: await api.queued(account) };
  const offer = { agentId: required(account.agentIds[1]), offer: true, at: new Date() };
  required(await matchTo(api.pool, { accountId, conversationId: claimed }, offer));
  await api.actors.settle(accountId);
});
afterAll(() => api.close());

/** An outbox of one message that is to be sent. */
const due = JSON.stringify([
  {
    seq: 1,
    to: { kind: 'channel' },
    what: { kind: 'message', messageId: uuid() },
    author: 'bot',
    epoch: 1,
    queuedAt: 0,
    attempt: 1,
    notBeforeAt: 0,
    ambiguous: false,
    unclear: 0,
  } satisfies Outbound,
]);

/** What an outside hand (or a bug) may leave behind: one change each, and the checks that find it, all of them. */
const damages: [what: string, found: Partial<Record<Invariant, keyof World | 'agent'>>, damage: Damage][] = [
  [
    'an owner who is nobody’s',
    { 'holder-fits-state': 'held', 'row-shows-state': 'held' },
    (tx, { held }) => set(tx, held, `holder_kind = 'bot'`),
  ],
  [
    'a chat that its queue has lost',
    { 'queued-has-entry': 'queued' },
    (tx, { queued }) => remove(tx, 'queue_entries', queued),
  ],
  [
    'a chat in the queue of a group to which it was not given',
    { 'queued-has-entry': 'queued' },
    (tx, { queued }) => change(tx, 'queue_entries', queued, `group_id = '${uuid()}'`),
  ],
  [
    'an assignment that is gone, with its place',
    { 'owner-is-assigned': 'held', 'capacity-adds-up': 'agent' },
    (tx, { held }) => remove(tx, 'assignments', held),
  ],
  [
    'a second owner in the row',
    { 'row-shows-state': 'held' },
    (tx, { held }) => set(tx, held, `agent_id = '${uuid()}'`),
  ],
  [
    'a place that nobody has',
    { 'capacity-adds-up': 'agent' },
    (tx, { account }) =>
      tx.query('UPDATE agents SET active = active + 1 WHERE account_id = $1 AND id = $2', [
        account.accountId,
        account.agentIds[0],
      ]),
  ],
  [
    'a claim that was declined by nobody',
    { 'claimed-entry-has-claim': 'claimed' },
    (tx, { claimed }) => change(tx, 'claims', claimed, 'entry = entry + 1'),
  ],
  [
    'a chat that nobody would ever look after again',
    { 'open-has-deadline': 'queued', 'woken-in-time': 'queued' },
    (tx, { queued }) => change(tx, 'actors', queued, 'wake_at = NULL'),
  ],
  [
    'a deadline that would be missed',
    { 'woken-in-time': 'queued' },
    (tx, { queued }) => change(tx, 'actors', queued, `wake_at = wake_at + interval '1 day'`),
  ],
  [
    'words that would be sent only when the session ends',
    { 'woken-in-time': 'withBot' },
    (tx, { withBot }) => change(tx, 'actors', withBot, `state = jsonb_set(state::jsonb, '{state,outbox}', '${due}')`),
  ],
  ['an epoch that has not risen', { 'row-shows-state': 'held' }, (tx, { held }) => set(tx, held, 'epoch = epoch - 1')],
  [
    'a message that is gone from the inbox',
    { 'inbox-without-gaps': 'claimed' },
    (tx, { claimed }) => remove(tx, 'inbox', claimed, 'AND seq = 2'),
  ],
  [
    'the last message gone, its place given out',
    { 'inbox-without-gaps': 'withBot' },
    (tx, { withBot }) => remove(tx, 'inbox', withBot),
  ],
  [
    'a place twice as far',
    { 'inbox-without-gaps': 'withBot' },
    (tx, { withBot }) => change(tx, 'inbox', withBot, 'seq = seq + 1'),
  ],
  [
    'time that runs backwards',
    { 'inbox-in-time': 'claimed' },
    (tx, { claimed }) => change(tx, 'inbox', claimed, `at = at - interval '1 hour'`, 'AND seq = 2'),
  ],
  [
    'an event cut off at the end',
    { 'events-without-gaps': 'held', 'head-is-last-link': 'held' },
    (tx, { held }) =>
      remove(tx, 'domain_events', held, 'AND no = (SELECT max(no) FROM domain_events WHERE conversation_id = $1)'),
  ],
  [
    'an event that the next one would not be chained to',
    { 'head-is-last-link': 'held' },
    (tx, { held }) => change(tx, 'actors', held, `head = reverse(head)`),
  ],
  [
    'an actor that took what was never stored',
    { 'actor-not-ahead-of-inbox': 'withBot' },
    (tx, { withBot }) => change(tx, 'actors', withBot, 'seq = seq + 1'),
  ],
  [
    'a message that would never be sent',
    { 'waiting-words-are-known': 'held' },
    (tx, { held }) => change(tx, 'outbound', held, `status = 'pending'`, `AND author_kind = 'agent'`),
  ],
  [
    'a bot that would speak beside an agent',
    { 'bot-is-silent-beside-people': 'held', 'waiting-words-are-known': 'held' },
    (tx, { held }) =>
      change(tx, 'outbound', held, `status = 'pending', author_kind = 'bot'`, `AND author_kind = 'agent'`),
  ],
];

test('nothing is found where nothing is wrong', async () => {
  const { body } = await api.call(world.account.key, 'GET', '/v1/invariants');
  expect(body).toEqual({ ok: true, checked: invariants, violations: [] });
});

test.each(damages)('%s', async (_, found, damage) => {
  const ids = { ...world, agent: required(world.account.agentIds[0]) };
  const expected = Object.entries(found).map(([invariant, of]) => ({ invariant, count: 1, ids: [ids[of]] }));
  const violations = await damaged(damage);
  expect(violations.toSorted(byName)).toEqual(expected.toSorted(byName));
});

test('each check finds something of this', () => {
  const checked = damages.flatMap(([, found]) => Object.keys(found));
  expect(new Set(checked)).toEqual(new Set(invariants));
});

test('over the API a violation is named, with the conversation', async () => {
  const other = await api.ready({ agents: 1 });
  const id = await api.held(other);
  await api.actors.settle(other.accountId); // what is under way would write the row again
  await api.rows(other.accountId, 'UPDATE conversations SET epoch = 0 WHERE account_id = $1');
  const { body } = await api.call(other.key, 'GET', '/v1/invariants');
  expect(body).toMatchObject({ ok: false, violations: [{ invariant: 'row-shows-state', count: 1, ids: [id] }] });
});

type Damage = (tx: Transaction, world: World) => Promise<unknown>;

/** What is found while the damage is there: nobody else ever sees it. */
async function damaged(damage: Damage): Promise<Awaited<ReturnType<typeof readViolations>>> {
  const { accountId } = world.account;
  let found: Awaited<ReturnType<typeof readViolations>> = [];
  const undone = new Error('undone');
  const done = inAccount(api.pool, accountId, async (tx) => {
    await damage(tx, world);
    found = await readViolations(tx, accountId);
    throw undone;
  });
  await expect(done).rejects.toBe(undone);
  return found;
}

const set = (tx: Transaction, id: string, assignment: string) =>
  tx.query(`UPDATE conversations SET ${assignment} WHERE id = $1`, [id]);
const change = (tx: Transaction, table: string, id: string, assignment: string, and = '') =>
  tx.query(`UPDATE ${table} SET ${assignment} WHERE conversation_id = $1 ${and}`, [id]);
const remove = (tx: Transaction, table: string, id: string, and = '') =>
  tx.query(`DELETE FROM ${table} WHERE conversation_id = $1 ${and}`, [id]);

const byName = (a: { invariant: string }, b: { invariant: string }) => (a.invariant < b.invariant ? -1 : 1);
