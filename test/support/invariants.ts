/**
 * What must hold of one conversation whatever happened to it, read from Postgres alone and in one snapshot: the
 * invariants of the actor. Asked at any moment, also while it is at work.
 */
import { expect } from 'vitest';
import type { Pool, Transaction } from '../../store/connection.ts';
import { effectivePolicy, readPolicy } from '../../store/policies.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { targetOf } from '../../workflows/conversation/evolve/ownership.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { projectConversation } from '../../workflows/conversation/project.ts';
import type { ConversationState, PhaseName } from '../../workflows/conversation/state.ts';
import { chainOf, readRecorded, type Recorded } from './recorded.ts';

export async function expectInvariants(pool: Pool, id: ActorId): Promise<ConversationEvent[]> {
  return inSnapshot(pool, id.accountId, async (tx) => {
    const recorded = await readRecorded(tx, id);
    const { state } = recorded;
    // What Postgres says happened is what the state is folded from.
    const events = recorded.events.map(({ event }) => event);
    expect(events.reduce(conversationDecider.evolve, conversationDecider.initial)).toEqual(state);
    expectChained(recorded);
    expectTimesRise(recorded);
    expectRow(recorded);
    expectOneHolder(recorded);
    expectSpeakers(recorded);
    expectArmed(recorded);
    expectTakenOnce(recorded);
    expectOneEffect(recorded);
    expectFates(recorded);
    await expectPolicy(tx, id.accountId, state);
    await expectCapacity(tx, id.accountId);
    return events;
  });
}

/** One view of all tables, whatever an actor records meanwhile. */
async function inSnapshot<T>(pool: Pool, accountId: string, read: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query("SELECT set_config('baton.account', $1, true)", [accountId]);
    return await read(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/** Every customer message that has its place was accepted once, in the order of the places. */
export function expectInOrder(events: ConversationEvent[], written: number): void {
  const places = events.flatMap((event) => (event.type === 'CustomerMessageAccepted' ? [event.place] : []));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  expect(places).toHaveLength(written);
}

function expectChained({ actor, events }: Recorded): void {
  expect(chainOf(events)).toEqual(events.map(({ link }) => link));
  expect(events.at(-1)?.link ?? '').toBe(actor.head);
  expect(events.map(({ no }) => no)).toEqual(events.map((_, index) => index + 1));
  expect(actor.event_no).toBe(events.length);
}

/** Time never runs backwards, and nothing that time brings is recorded before its time. */
function expectTimesRise({ events, actor }: Recorded): void {
  const times = events.map(({ event }) => event.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(actor.last_at ?? 0).toBeGreaterThanOrEqual(times.at(-1) ?? 0);
  const early = events.filter(({ event, cause, recordedAt }) => cause.kind === 'deadline' && event.at > recordedAt);
  expect(early).toEqual([]);
}

/** The read model's row is the projection of the state. */
function expectRow({ state, row }: Recorded): void {
  const { phase, holderKind, holderId, epoch, sessionNo, locked, handoverNo, agentId, deskId, groupId, archived } =
    projectConversation(state);
  const folded = { phase, epoch, locked, archived, holder_kind: holderKind, holder_id: holderId };
  const ids = { session_no: sessionNo, handover_no: handoverNo, agent_id: agentId, desk_id: deskId, group_id: groupId };
  // Before the first record the row has the table's defaults.
  if (sessionNo > 0) expect(row).toEqual({ ...folded, ...ids });
}

const speakers: Partial<Record<PhaseName, string[]>> = {
  assigned: ['agent', 'desk'],
  queued: ['engine'],
  resolved: ['engine'],
};

/**
 * After each record: a bot, one agent, one desk, or the engine where nobody speaks. While a person has the baton, nothing
 * that a bot said waits to be sent; the same record took it back (B-2).
 */
function expectSpeakers({ events }: Recorded): void {
  let state = conversationDecider.initial;
  for (const [index, { event, version }] of events.entries()) {
    state = conversationDecider.evolve(state, event);
    if (events[index + 1]?.version === version) continue;
    const { phase, baton, outbox } = state;
    expect(speakers[phase.name] ?? ['bot', 'engine']).toContain(baton.holder.kind);
    if (phase.name !== 'assigned') continue;
    expect(baton.holder).toEqual(phase.owner);
    expect(outbox.filter(({ author }) => author === 'bot')).toEqual([]);
  }
}

/** Who has a place, and who waits, is who the state says. */
function expectOneHolder({ state, assignments, entries }: Recorded): void {
  const { phase, baton } = state;
  const agent = phase.name === 'assigned' && phase.owner.kind === 'agent' ? phase.owner.agentId : null;
  const { epoch } = baton;
  const override = phase.name === 'assigned' && phase.override;
  expect(assignments).toEqual(agent === null ? [] : [{ agent_id: agent, epoch, override }]);

  const { queue } = projectConversation(state);
  const { entry, groupId, deskId, priority, notTo } = queue ?? {};
  const waits = { entry, epoch, group_id: groupId, desk_id: deskId, priority, not_to: notTo };
  expect(entries.map(({ claim_id: _, ...place }) => place)).toEqual(queue === null ? [] : [waits]);
}

/** Whatever is open has a time at which somebody looks after it, and not later than it is due; nothing open has none. */
function expectArmed({ state, actor }: Recorded): void {
  const { name } = state.phase;
  const due = conversationDecider.deadlines(state).map(({ at }) => at);
  // Of each lane the first piece of work: what is behind it waits for it.
  const pending = conversationDecider.pending(state);
  const heads = pending.filter(({ lane }, index) => pending.findIndex((one) => one.lane === lane) === index);
  const work = heads.map(({ notBeforeAt }) => Math.max(notBeforeAt, actor.last_at ?? 0));
  const times = [...due, ...work];
  if (['prechat', 'queued', 'assigned'].includes(name)) expect(times).not.toEqual([]);
  if (times.length === 0) expect(actor.wake_at).toBeNull();
  else expect(actor.wake_at ?? Infinity).toBeLessThanOrEqual(Math.min(...times));
}

/** Inbox rows have places without gaps, are decided on in their order, and each in one record; none is dropped. */
function expectTakenOnce({ actor, events, inbox, parked }: Recorded): void {
  expect(inbox.map(({ seq }) => seq)).toEqual(inbox.map((_, index) => index + 1));
  expect(actor.last_seq).toBe(inbox.length);
  expect(actor.seq).toBeLessThanOrEqual(actor.last_seq);
  const taken = events.flatMap(({ cause, version }) => (cause.kind === 'inbox' ? [{ seq: cause.seq, version }] : []));
  const places = taken.map(({ seq }) => seq);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.max(0, ...places)).toBeLessThanOrEqual(actor.seq);
  const records = new Set(taken.map(({ seq, version }) => `${seq} in ${version}`));
  expect(records.size).toBe(new Set(places).size);

  const accepted = events.flatMap(({ event }) => (event.type === 'CustomerMessageAccepted' ? [event.place] : []));
  expect(accepted).toEqual([...new Set(accepted)]);
  const answered = [...accepted, ...parked.map(({ seq }) => seq), ...discardedPlaces(events)];
  const written = inbox.filter(({ type, seq }) => type === 'CustomerWrote' && seq <= actor.seq);
  expect(written.map(({ seq }) => seq).filter((seq) => !answered.includes(seq))).toEqual([]);
}

function discardedPlaces(events: Recorded['events']): number[] {
  return events.flatMap(({ event, cause }) =>
    event.type === 'InputDiscarded' && cause.kind === 'inbox' ? [cause.seq] : [],
  );
}

/** A command with the same key has one effect, and its answer is kept. */
function expectOneEffect({ events, keys }: Recorded): void {
  const versions = new Map<string, Set<number>>();
  for (const { cause, version } of events) {
    if (cause.kind === 'command') versions.set(cause.key, (versions.get(cause.key) ?? new Set()).add(version));
  }
  for (const [key, { size }] of versions)
    expect({ key, size, kept: keys.includes(key) }).toEqual({ key, size: 1, kept: true });
}

/** What each row of the outbox may say, by what was decided last. A late report of a sending is the truth, whatever was. */
const arrived = ['sent', 'delivered', 'read'];
const statuses: Record<string, string[]> = {
  queued: ['pending', 'sending', 'ambiguous', 'failed', ...arrived],
  sent: ['failed', ...arrived],
  failed: ['failed', ...arrived],
  unknown: ['unknown', 'failed', ...arrived],
  cancelled: ['cancelled', 'sending', 'unknown', 'failed', ...arrived],
};

/** Words are queued once, under numbers without gaps; delivery goes on from what was decided, and never against it. */
function expectFates({ state, events, outbound }: Recorded): void {
  const fates = fatesOf(events.map(({ event }) => event));
  expect([...fates.keys()]).toEqual([...fates.keys()].map((_, index) => index + 1));
  expect(outbound.map(({ seq }) => seq)).toEqual([...fates.keys()]);
  for (const { seq, status } of outbound) {
    const fate = fates.get(seq) ?? '';
    expect({ seq, fate, allowed: statuses[fate], status }).toEqual({
      seq,
      fate,
      allowed: expect.arrayContaining([status]) as string[],
      status,
    });
  }
  const open = [...fates].filter(([, fate]) => fate === 'queued').map(([seq]) => seq);
  expect(state.outbox.map(({ seq }) => seq)).toEqual(open);
  const words = events.flatMap(({ event }) =>
    event.type === 'MessageQueued' && event.what.kind === 'message' && event.to.kind === 'channel'
      ? [event.what.messageId]
      : [],
  );
  expect(words).toEqual([...new Set(words)]);
}

export type Fate = 'queued' | 'sent' | 'failed' | 'unknown' | 'cancelled';

/** What was decided last of each outbound message, in the order of their numbers. */
export function fatesOf(events: ConversationEvent[]): Map<number, Fate> {
  const fates = new Map<number, Fate>();
  for (const event of events) {
    if (event.type === 'MessageQueued') fates.set(event.seq, 'queued');
    if (event.type === 'MessageSettled') fates.set(event.seq, event.as);
    if (event.type === 'MessageCancelled') fates.set(event.seq, 'cancelled');
  }
  return fates;
}

/** In force are the numbers of the group that has the conversation or is to get it, else the account's. */
async function expectPolicy(tx: Transaction, accountId: string, state: ConversationState): Promise<void> {
  if (state.count.session === 0) return;
  const { policy, accountPolicy } = state;
  const target = targetOf(state);
  const groupId = target?.kind === 'group' ? target.groupId : null;
  expect(policy).toEqual(effectivePolicy(await readPolicy(tx, accountId, policy.version), groupId));
  expect(accountPolicy).toEqual(effectivePolicy(await readPolicy(tx, accountId, accountPolicy.version), null));
}

async function expectCapacity(tx: Transaction, accountId: string): Promise<void> {
  const { rows } = await tx.query<{ active: number; taken: number; max_chats: number; overrides: number }>(
    `SELECT a.active, a.max_chats,
       (SELECT count(*)::int FROM assignments s WHERE s.account_id = a.account_id AND s.agent_id = a.id) +
       (SELECT count(*)::int FROM claims c WHERE c.account_id = a.account_id AND c.agent_id = a.id AND c.status = 'open')
         AS taken,
       (SELECT count(*)::int FROM assignments s WHERE s.account_id = a.account_id AND s.agent_id = a.id AND s.override)
         AS overrides
     FROM agents a WHERE a.account_id = $1`,
    [accountId],
  );
  for (const { active, taken, max_chats, overrides } of rows) {
    expect(active).toBe(taken);
    expect(taken).toBeLessThanOrEqual(max_chats + overrides);
  }
}
