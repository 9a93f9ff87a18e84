/** R17: whatever is decided, tried and heard of a message, its row follows from it. Postgres's own functions are the oracle. */
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import type { StoredEvent } from '../../store/event-log.ts';
import { acceptInbound } from '../../store/inbound.ts';
import { beginSend, markNotSent, markSent, markUnclear } from '../../store/outbound.ts';
import { readOutbound } from '../../store/rebuild-outbound.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { FoldedEvent } from '../../worker/audit/fold.ts';
import { outboundOf } from '../../worker/audit/rebuild/outbound.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { newConversation } from '../support/conversation-rows.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase('api', 'worker', 'arranger');

const steps = ['begin', 'resend', 'sent', 'late sent', 'not-sent', 'late not-sent', 'unclear'] as const;
const decisions = ['cancelled', 'failed', 'unknown'] as const;
const receipts = ['heard sent', 'heard delivered', 'heard read', 'heard failed'] as const;
type Step = (typeof steps | typeof decisions | typeof receipts)[number];

test('R17: the delivery state of a message follows from decisions, attempts and receipts', async () => {
  const account = await seedAccount(setting.arranger);
  const step = fc.constantFrom<Step>(...steps, ...decisions, ...receipts, 'begin', 'resend');
  const check = async (story: Step[]): Promise<void> => {
    const actor = await newConversation(setting.arranger, account);
    const folded = await tell(actor, account, story);
    const stored = await inAccount(setting.arranger, actor.accountId, (tx) => readOutbound(tx, actor));
    const of = { ...actor, channelId: account.channelId };
    expect(outboundOf(of, folded, stored)).toEqual(stored.rows);
    const [lost] = outboundOf(of, folded, { ...stored, rows: [] });
    const { status, attemptId, attempts, failureClass } = lost ?? {};
    expect(stored.rows).toMatchObject([{ status, attemptId, attempts, failureClass }]);
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), check), { numRuns: 60 });
}, 60_000);

/** Lets it happen to message 1, ten milliseconds apart, and answers what was decided. */
async function tell(actor: ActorId, account: SeededAccount, story: Step[]): Promise<FoldedEvent[]> {
  const messageId = uuid();
  let at = Date.parse('2026-11-01T08:00:00Z');
  await inAccount(setting.arranger, actor.accountId, (tx) =>
    tx.query(
      `INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, author_kind, epoch, queued_at)
       VALUES ($1, $2, 1, $3, 'channel', $4, 'agent', 1, $5)`,
      [actor.accountId, actor.conversationId, messageId, account.channelId, new Date(at)],
    ),
  );
  const what = { kind: 'message' as const, messageId };
  const folded = [
    foldedOf({ type: 'MessageQueued', at, seq: 1, to: { kind: 'channel' }, what, author: 'agent', epoch: 1 }),
  ];
  const attempts: Begun[] = [];
  for (const step of story) {
    at += 10;
    if (isIn(decisions, step)) {
      const event = await decide(actor, step, at);
      if (event !== null) folded.push(foldedOf(event));
    } else if (isIn(receipts, step)) {
      const status = step.slice('heard '.length) as 'sent' | 'delivered' | 'read' | 'failed';
      const receipt = { kind: 'receipt' as const, externalId: null, providerId: actor.conversationId, status };
      const { accountId, channelId: sourceId } = account;
      await acceptInbound(setting.api, { accountId, sourceId, at, items: [receipt] });
    } else await attempt(actor, step, attempts, at);
  }
  return folded;
}

function isIn<T extends string>(some: readonly T[], one: string): one is T {
  return (some as readonly string[]).includes(one);
}

function foldedOf(event: ConversationEvent): FoldedEvent {
  const stored = { no: 1, type: event.type, at: event.at, recordedAt: event.at } as StoredEvent;
  return { stored, data: { event, cause: { kind: 'work', id: '' }, policy: 1 }, after: initialState };
}

/** As the record does it. Null: the record was refused. */
async function decide(actor: ActorId, as: (typeof decisions)[number], at: number): Promise<ConversationEvent | null> {
  const failure = as === 'failed' ? 'permanent' : 'ambiguous';
  const event: ConversationEvent =
    as === 'cancelled'
      ? { type: 'MessageCancelled', at, seq: 1, because: 'takeover' }
      : { type: 'MessageSettled', at, seq: 1, as, class: failure };
  const [call, what] =
    as === 'cancelled' ? ['cancel_outbound', [1]] : ['settle_outbound', [{ seq: 1, as, class: failure }]];
  return inAccount(setting.arranger, actor.accountId, async (tx) => {
    await tx.query(`SELECT ${call}($1, $2, $3::jsonb, $4)`, [
      actor.accountId,
      actor.conversationId,
      JSON.stringify(what),
      new Date(at),
    ]);
    await tx.query(
      `INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, link, version, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, '', 1, $5)`,
      [actor.accountId, actor.conversationId, at, event.type, new Date(at), JSON.stringify({ event })],
    );
    return event;
  }).catch((error: { code?: string }) => {
    if (error.code === 'BT001') return null; // another attempt has the words
    throw error;
  });
}

interface Begun {
  attemptId: string;
  at: number;
  hasEnded: boolean;
}

/** What came of an attempt is said once, with the time of its beginning; `late`: by the first one, whatever came after it. */
async function attempt(actor: ActorId, step: (typeof steps)[number], attempts: Begun[], at: number): Promise<void> {
  const of = { ...actor, seq: 1 };
  if (step === 'begin' || step === 'resend') {
    const next = { attemptId: `attempt-${at}`, at };
    const { kind } = await beginSend(setting.worker, { ...of, ...next }, { streams: [], rates: {} }, step === 'resend');
    if (kind === 'begun') attempts.push({ ...next, hasEnded: false });
    return;
  }
  const begun = step.startsWith('late ') ? attempts[0] : attempts.at(-1);
  if (begun === undefined || begun.hasEnded) return;
  begun.hasEnded = true;
  const own = { ...of, attemptId: begun.attemptId, at: begun.at };
  if (step === 'unclear') await markUnclear(setting.worker, own);
  else if (step.endsWith('not-sent')) {
    await markNotSent(setting.worker, own, { class: 'retryable', retryAt: null, blockUntil: null });
  } else await markSent(setting.worker, own, actor.conversationId);
}
