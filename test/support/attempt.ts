/**
 * One attempt at the outside, with the real activity, in the test's hands: it can be held at the other side's door, be
 * answered in any way, and die with its process, after which nothing of it reaches Postgres or the other side.
 */
import type { Agent } from 'undici';
import type { BotAdapter } from '../../adapters/contract/bot.ts';
import type { Failure } from '../../adapters/contract/call.ts';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import type { DeskAdapter } from '../../adapters/contract/desk.ts';
import { createWorkActivities } from '../../activities/work.ts';
import { inAccount, type Pool } from '../../store/connection.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ConversationWork } from '../../workflows/conversation/work.ts';
import { required } from './required.ts';

/** What the other side makes of a call. `unclear`: it took it and nobody says so; `lost`: it never came, nobody says so. */
export type Reply = 'ok' | 'retryable' | 'throttled' | 'unclear' | 'lost' | 'permanent' | 'content-rejected';

export function isHeard(reply: Reply): boolean {
  return reply === 'ok' || reply === 'unclear';
}

/** null: it was taken. */
export function failureOf(reply: Reply): Failure | null {
  if (reply === 'ok') return null;
  const failureClass = reply === 'unclear' || reply === 'lost' ? 'ambiguous' : reply;
  return { ok: false, class: failureClass, code: reply, retryAfterMs: reply === 'throttled' ? 30_000 : null };
}

/** Before the call has come to the other side, or before its answer has come back. */
export type Door = 'before' | 'after';

export interface Attempt {
  readonly work: ConversationWork;
  /** Until it is held at this door, or over. */
  start(hold: Door, reply?: Reply): Promise<void>;
  /** To its end. */
  finish(reply?: Reply): Promise<void>;
  /** Its process dies. */
  die(): void;
}

/** What adapters see of the attempt that calls them. */
export interface Calling {
  readonly reply: Reply;
  /** Its process, or the life of the actor that started it, is over. */
  readonly isLate: boolean;
  /** The baton's epoch in the transaction that marked it as sending; null: it marked nothing. */
  readonly begunUnder: number | null;
  passes(door: Door): Promise<void>;
}

export interface AttemptOptions {
  pool: Pool;
  http: Agent;
  clock: () => number;
  adapters(calling: Calling): { channel: ChannelAdapter; bot: BotAdapter; desk: DeskAdapter };
  isLate(): boolean;
  onDone(outcome: unknown): void;
}

export function createAttempt(id: ActorId, work: ConversationWork, options: AttemptOptions): Attempt {
  let running: Promise<void> | null = null;
  let reply: Reply = 'ok';
  let hold: Door | null = null;
  let dead = false;
  let begunUnder: number | null = null;
  let open: () => void = () => undefined;
  let tellHeld: () => void = () => undefined;

  const calling: Calling = {
    get reply() {
      return reply;
    },
    get isLate() {
      return options.isLate();
    },
    get begunUnder() {
      return begunUnder;
    },
    async passes(door) {
      if (hold !== door) return;
      const opened = new Promise<void>((resolve) => (open = resolve));
      tellHeld();
      await opened;
    },
  };

  const run = async (): Promise<void> => {
    const { http, clock } = options;
    const { channel, bot, desk } = options.adapters(calling);
    const activities = createWorkActivities({
      pool: observed(options.pool, id, { isDead: () => dead, onBegun: (epoch) => (begunUnder = epoch) }),
      http,
      channels: new Map([['http', channel]]),
      bots: new Map([['http', bot]]),
      desks: new Map([['http', desk]]),
      publicUrl: 'http://127.0.0.1',
      tokenKey: 'k'.repeat(32),
      clock,
      onAdapterBug: () => undefined,
      limits: { sendMs: 15_000 },
    });
    const name = `${required(work.kind[0]).toLowerCase()}${work.kind.slice(1)}` as keyof typeof activities;
    const activity = activities[name] as (actor: ActorId, item: ConversationWork) => Promise<unknown>;
    options.onDone(await activity(id, work));
  };

  return {
    work,
    async start(door, as = reply) {
      if (running) return;
      [hold, reply] = [door, as];
      const held = new Promise<void>((resolve) => (tellHeld = resolve));
      running = run();
      await Promise.race([running, held]);
    },
    async finish(as = reply) {
      hold = null;
      reply = running ? reply : as;
      running ??= run();
      open();
      await running;
    },
    die() {
      dead = true;
    },
  };
}

/**
 * The pool as an attempt sees it. An attempt that begins to send reads the epoch in the same transaction, which holds it
 * still: so it is certain whether it was begun before a takeover or after it. A dead process hears no answer.
 */
function observed(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  { isDead, onBegun }: { isDead(): boolean; onBegun(epoch: number): void },
): Pool {
  const begin = (statement: object): Promise<unknown> =>
    inAccount(pool, accountId, async (tx) => {
      const result = await tx.query<{ answer: { kind: string; authorKind?: string } }>(statement as { text: string });
      const { kind, authorKind } = required(result.rows[0]).answer;
      if (kind !== 'begun') return result;
      const still = authorKind === 'bot' ? 'FOR SHARE' : '';
      const { rows } = await tx.query<{ epoch: number }>(
        `SELECT epoch FROM conversations WHERE account_id = $1 AND id = $2 ${still}`,
        [accountId, conversationId],
      );
      onBegun(required(rows[0]).epoch);
      return result;
    });
  const query = (statement: { name?: string; text: string }): Promise<unknown> => {
    if (isDead()) return new Promise(() => undefined);
    return statement.name === 'begin-send' ? begin(statement) : pool.query(statement);
  };
  const connect = (): Promise<unknown> => (isDead() ? new Promise(() => undefined) : pool.connect());
  return { query, connect } as unknown as Pool;
}
