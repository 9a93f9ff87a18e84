/**
 * Conversations on the real stack that come to their end as often as a test likes: a session or a block runs out, nothing
 * is open any more, and the run completes. The test is told in the last activity before that.
 */
import { v7 as uuid } from 'uuid';
import { expect } from 'vitest';
import { grpc, grpcCode } from '../../courier/grpc.ts';
import { inAccount } from '../../store/connection.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import type { AccountOptions } from './account.ts';
import type { ActorStack } from './actor-stack.ts';
import { draftBlock } from './conversation-rows.ts';
import { expectInOrder, expectInvariants } from './invariants.ts';
import { required } from './required.ts';
import { until } from './until.ts';

export type Cause = 'session' | 'block';
export type Arrival = 'message' | 'signal' | 'update';

export interface Endings {
  /** Holds up the last activity of a run, while it is not yet open. */
  gate: Promise<void>;
  conversation(cause: Cause): Promise<EndingConversation>;
}

export interface EndingConversation {
  id: ActorId;
  /** Opens something that ends by itself; resolves in the last activity of the run that completes by that. */
  comeToItsEnd(): Promise<void>;
  send(arrival: Arrival): Promise<void>;
  /** Temporal has what was sent last in this way, whether or not a run has seen it. */
  hasArrived(arrival: Arrival): Promise<boolean>;
  /** All that was sent had its effect, once. */
  expectAllTaken(): Promise<void>;
}

const options: AccountOptions = { numbers: { lock: { sessionMs: 60 } } };
const blockMs = 250;
const ends = { session: 'SessionEnded', block: 'ConversationUnblocked' } as const;

/** To be called before the stack's worker starts. */
export function watchEndings(stack: ActorStack): Endings {
  /** Who waits for the end of a conversation that has ended so often before. */
  const waiting = new Map<string, { cause: Cause; before: number; resolve: () => void }>();
  const endings: Endings = {
    gate: Promise.resolve(),
    conversation: (cause) => begin(stack, cause, (id, before, resolve) => waiting.set(id, { cause, before, resolve })),
  };
  stack.around = (made) => ({
    ...made,
    async releaseCourier(actor, asked) {
      await made.releaseCourier(actor, asked);
      const waits = waiting.get(actor.conversationId);
      if (waits && countOf(await stack.events(actor), ends[waits.cause]) > waits.before) waits.resolve();
      await endings.gate;
    },
  });
  return endings;
}

async function begin(
  stack: ActorStack,
  cause: Cause,
  onEnd: (conversationId: string, before: number, resolve: () => void) => void,
): Promise<EndingConversation> {
  const account = await stack.account(options);
  const thread = uuid();
  const by = { kind: 'agent' as const, agentId: required(account.agentIds[0]) };
  const tagged: string[] = [];
  let sent = false;
  let written = 1;
  const { conversationId } = await stack.write(account, thread, 'hello');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'SessionEnded');

  const block = async (): Promise<void> => {
    const expiresAt = Date.now() + blockMs;
    const blockId = await draftBlock(stack.pool, id, 'abuse', expiresAt);
    const outcome = await stack.commands.execute(id, 'Block', { key: uuid(), by, blockId, expiresAt });
    expect(outcome).toMatchObject({ ok: true, phase: 'blocked' });
  };

  const conversation: EndingConversation = {
    id,
    async comeToItsEnd() {
      const before = countOf(await stack.events(id), ends[cause]);
      const isEnding = new Promise<void>((resolve) => onEnd(id.conversationId, before, resolve));
      await (cause === 'block' ? block() : conversation.send('message'));
      await isEnding;
    },
    async send(arrival) {
      sent = false;
      if (arrival === 'message') {
        written += 1;
        await stack.write(account, thread, `message ${written}`);
        sent = true;
        return;
      }
      const tag = { key: uuid(), by, add: [uuid()], remove: [] };
      tagged.push(tag.key);
      if (arrival === 'signal') {
        await stack.commands.signal(id, 'Tag', tag);
        sent = true;
      } else expect(await stack.commands.execute(id, 'Tag', tag)).toMatchObject({ ok: true });
    },
    async hasArrived(arrival) {
      if (arrival === 'update') return isAdmitted(stack, id, tagged.at(-1));
      return sent && (arrival === 'signal' || (await isHandedOver(stack, id)));
    },
    async expectAllTaken() {
      await stack.caughtUp(id);
      await until(async () => (await keptOf(stack, id, tagged)).length === tagged.length);
      const events = await expectInvariants(stack.pool, id);
      expectInOrder(events, written);
      expect(countOf(events, 'TagsChanged')).toBe(tagged.length);
    },
  };
  return conversation;
}

function countOf(events: ConversationEvent[], type: ConversationEvent['type']): number {
  return events.filter((event) => event.type === type).length;
}

async function isHandedOver(stack: ActorStack, { accountId, conversationId }: ActorId): Promise<boolean> {
  return inAccount(stack.pool, accountId, async (tx) => {
    const query = `SELECT handed_seq = last_seq AS handed FROM mailboxes WHERE account_id = $1 AND conversation_id = $2`;
    const { rows } = await tx.query<{ handed: boolean }>(query, [accountId, conversationId]);
    return rows[0]?.handed === true;
  });
}

/** Until a run has taken an update, its history doesn't show it; the server tells by its id. */
async function isAdmitted({ temporal }: ActorStack, id: ActorId, updateId = ''): Promise<boolean> {
  const updateRef = { workflowExecution: { workflowId: workflowId(id) }, updateId };
  const request = { namespace: 'default', updateRef };
  try {
    await temporal.client.workflowService.pollWorkflowExecutionUpdate(request);
    return true;
  } catch (error) {
    if (grpcCode(error) === grpc.NOT_FOUND) return false;
    throw error;
  }
}

/** Those of these keys whose outcome is kept. */
function keptOf(stack: ActorStack, { accountId }: ActorId, keys: string[]): Promise<string[]> {
  return inAccount(stack.pool, accountId, async (tx) => {
    const query = 'SELECT key FROM idempotency WHERE account_id = $1 AND key = ANY($2)';
    const { rows } = await tx.query<{ key: string }>(query, [accountId, keys]);
    return rows.map(({ key }) => key);
  });
}
